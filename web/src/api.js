// SPDX-License-Identifier: Apache-2.0
// The one way to the API. Sends what the session needs, and turns every way to fail into an ApiError.

/** Beside the page, wherever a proxy puts that. */
const BASE = new URL("api/v4", location.href).href.replace(/#.*$/, "");

/** What this module needs of others, set by session.js and ui/confirm.jsx; so it imports neither. */
export const hooks = {
  /** What changes must show (GET /session gives it). */
  csrf: "",
  /** The session has ended. */
  signedOut: () => {},
  /** Asks the user for their password again. @type {() => Promise<boolean>} */
  confirm: async () => false,
};

/** A request that was refused, or that never got there. */
export class ApiError extends Error {
  /** @param {{status?: number, code: string, message: string, fields?: string[], requestId?: string, wait?: number}} what */
  constructor({ status = 0, code, message, fields = [], requestId = "", wait = 0 }) {
    super(message);
    this.name = "ApiError";
    /** 0: no answer came. */
    this.status = status;
    /** As the API spells it, or UNREACHABLE, CANCELLED, UNREADABLE. */
    this.code = code;
    this.requestId = requestId;
    /** Seconds after which it may be tried again; 0: unknown. */
    this.wait = wait;
    /** What is wrong with which field of the request. @type {Record<string, string>} */
    this.fields = {};
    for (const line of fields) {
      const at = line.indexOf(": ");
      this.fields[at < 0 ? "" : line.slice(0, at)] = at < 0 ? line : line.slice(at + 2);
    }
  }
}

/**
 * @typedef {Record<string, string | number | boolean | undefined | null | string[]>} Query
 * @typedef {object} Options
 * @property {any} [body] sent as JSON
 * @property {Query} [query] what is undefined, null or "" is left out
 * @property {AbortSignal} [signal]
 * @property {string} [key] Idempotency-Key, so that the same thing asked twice is done once
 */

/**
 * "?a=1&b=2", or "" if there is nothing in it.
 * @param {Query} [query]
 */
export function search(query = {}) {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) out.append(name, String(one));
  }
  const text = out.toString();
  return text && "?" + text;
}

/**
 * @param {Response} answer
 * @returns {Promise<ApiError>}
 */
async function refusal(answer) {
  const requestId = answer.headers.get("X-Request-Id") ?? "";
  const wait = Number(answer.headers.get("Retry-After")) || 0;
  try {
    const body = await answer.json();
    return new ApiError({
      status: answer.status, code: body.code, message: body.message, fields: body.validation_errors, requestId, wait,
    });
  } catch {
    const message = `The answer was not one of Jeton's (status ${answer.status}). Is there a proxy in between?`;
    return new ApiError({ status: answer.status, code: "UNREADABLE", message, requestId, wait });
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Options} options
 */
async function send(method, path, { body, query, signal, key }) {
  /** @type {Record<string, string>} */
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && hooks.csrf) headers["Jeton-CSRF"] = hooks.csrf;
  if (key) headers["Idempotency-Key"] = key;
  try {
    return await fetch(BASE + path + search(query), {
      method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body), credentials: "same-origin",
      redirect: "error", cache: "no-store",
    });
  } catch (why) {
    if (signal?.aborted) throw why;
    throw new ApiError({
      code: "UNREACHABLE", message: "Jeton did not answer. Check your connection, and whether the server runs.",
    });
  }
}

/**
 * One request; the whole body of its answer. Asks for the password where that must be confirmed, and repeats.
 * @param {string} method
 * @param {string} path below /api/v4, such as "/session"
 * @param {Options} [options]
 * @returns {Promise<any>}
 * @throws {ApiError} and AbortError, if `signal` says so
 */
export async function request(method, path, options = {}) {
  let answer = await send(method, path, options);
  let error = answer.ok ? null : await refusal(answer);
  if (error?.code === "CONFIRM_PASSWORD") {
    if (!(await hooks.confirm())) throw new ApiError({ code: "CANCELLED", message: "Nothing was changed." });
    answer = await send(method, path, options);
    error = answer.ok ? null : await refusal(answer);
  }
  if (error?.code === "UNAUTHENTICATED") hooks.signedOut();
  if (error) throw error;
  return answer.status === 204 ? {} : answer.json();
}

/** @type {(method: string) => (path: string, options?: Options) => Promise<any>} */
const responseOf = (method) => async (path, options) => (await request(method, path, options)).response;
/** @type {(method: string) => (path: string, body?: any, options?: Options) => Promise<any>} */
const responseTo = (method) => async (path, body, options) => (await request(method, path, { ...options, body })).response;

/** The "response" of a GET. */
export const get = responseOf("GET");
/** post(path, body, options), and so on: the "response". */
export const post = responseTo("POST");
export const put = responseTo("PUT");
export const patch = responseTo("PATCH");
export const del = responseTo("DELETE");

/**
 * One page of a list. `next` is the path of the one after it, as pageOf takes it, or "" at the end. A page may be empty while
 * there are more: what answers bounded work may have found nothing yet.
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<{rows: any[], next: string}>}
 */
export async function pageOf(path, options) {
  const body = await request("GET", path, options);
  let next = "";
  if (body.next_page) {
    // The server names itself by its public URL; we go on where we are.
    const url = new URL(body.next_page);
    next = url.pathname.slice(url.pathname.indexOf("/api/v4") + "/api/v4".length) + url.search;
  }
  return { rows: body.response ?? [], next };
}

/**
 * A whole list, page after page: for what is known to be short.
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<any[]>}
 */
export async function all(path, options) {
  let { rows, next } = await pageOf(path, options);
  while (next) {
    const more = await pageOf(next, { signal: options?.signal });
    rows = rows.concat(more.rows);
    next = more.next;
  }
  return rows;
}

/** A fresh Idempotency-Key: one for each thing the user means to do once, however often it is sent. */
export const newKey = () => crypto.randomUUID();
