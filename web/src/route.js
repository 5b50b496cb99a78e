// SPDX-License-Identifier: Apache-2.0
// Places in the dashboard are fragments: "#/organization/tokens?search=ci". They never name another origin.
import { Store, useStore } from "./store.js";

/** @typedef {{path: string, query: URLSearchParams}} Route */

/** @returns {Route} */
function read() {
  const text = location.hash.startsWith("#/") ? location.hash.slice(1) : "/";
  const [path, query] = text.split(/\?(.*)/s);
  return { path: path.replace(/\/+$/, "") || "/", query: new URLSearchParams(query ?? "") };
}

/** Where the reader is. */
export const route = new Store(read());
addEventListener("hashchange", () => route.set(read()));

/** Where the reader is, now and whenever that changes. */
export const useRoute = () => useStore(route);

/**
 * For <a href>: href("/account/token").
 * @param {string} path
 * @param {import("./api.js").Query} [query]
 */
export function href(path, query = {}) {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) out.set(name, String(value));
  const text = out.toString();
  return "#" + path + (text && "?" + text);
}

/**
 * Goes to a place. With `replace` the one before is forgotten: for filters, and for what is no longer there.
 * @param {string} path
 * @param {{query?: import("./api.js").Query, replace?: boolean}} [options]
 */
export function go(path, { query, replace = false } = {}) {
  const target = href(path, query);
  if (!replace) location.hash = target;
  else {
    history.replaceState(null, "", target);
    route.set(read());
  }
}

/**
 * Changes the query of where the reader is: filters that a reload, and a copied address, keep.
 * @param {import("./api.js").Query} change what is "" or undefined goes
 */
export function setQuery(change) {
  const query = Object.fromEntries(route.value.query);
  go(route.value.path, { query: /** @type {any} */ ({ ...query, ...change }), replace: true });
}
