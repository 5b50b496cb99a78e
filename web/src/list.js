// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from "preact/hooks";
import { pageOf } from "./api.js";

/**
 * @typedef {object} List a list of the API, page by page, as useList gives it
 * @property {any[]} rows
 * @property {boolean} loading
 * @property {import("./api.js").ApiError | null} error
 * @property {number} page counts from 1
 * @property {(() => void) | null} next null: there is none, or the present page still loads
 * @property {(() => void) | null} previous
 * @property {() => void} reload the same page again
 * @property {(change: (rows: any[]) => any[]) => void} change what a reload would bring, sooner
 */

/**
 * A list with cursors. Rows show as they come; a page that holds fewer than asked for is filled from those after it.
 * @param {string | null} path null: nothing is asked for
 * @param {{query?: import("./api.js").Query, perPage?: number}} [options]
 * @returns {List}
 */
export function useList(path, { query = {}, perPage = 50 } = {}) {
  const asked = JSON.stringify([path, query, perPage]);
  const [state, setState] = useState({
    asked: "", path, rows: /** @type {any[]} */ ([]), loading: true, error: /** @type {any} */ (null), next: "",
  });
  const [round, setRound] = useState(0);
  // The first address of each page up to this one; "" is the start.
  const pages = useRef({ asked, at: [""] });
  if (pages.current.asked !== asked) pages.current = { asked, at: [""] };
  const at = pages.current.at;

  useEffect(() => {
    if (path === null) return undefined;
    const stop = new AbortController();
    const load = async () => {
      const start = at[at.length - 1];
      /** @type {any[]} */
      let rows = [];
      // Another order or filter of the same list: what is there stays until there is something new.
      setState((s) => ({ ...s, path, loading: true, error: null, rows: s.path === path ? s.rows : [] }));
      try {
        let part = await (start ? pageOf(start, { signal: stop.signal })
          : pageOf(path, { query: { ...query, per_page: perPage }, signal: stop.signal }));
        rows = part.rows;
        while (part.next && rows.length < perPage) {
          if (rows.length) setState((s) => ({ ...s, rows }));
          part = await pageOf(part.next, { signal: stop.signal });
          rows = rows.concat(part.rows);
        }
        setState({ asked, path, rows, loading: false, error: null, next: part.next });
      } catch (error) {
        if (!stop.signal.aborted) setState({ asked, path, rows, loading: false, error, next: "" });
      }
    };
    load();
    return () => stop.abort();
  }, [asked, round]);

  const again = () => setRound((n) => n + 1);
  const settled = !state.loading && state.asked === asked;
  return {
    rows: state.rows,
    loading: !settled,
    error: state.error,
    page: at.length,
    next: settled && state.next ? () => { at.push(state.next); again(); } : null,
    previous: settled && at.length > 1 ? () => { at.pop(); again(); } : null,
    reload: again,
    change: (change) => setState((s) => ({ ...s, rows: change(s.rows) })),
  };
}

/**
 * One thing of the API: {value, error, loading, reload, set}. `load` gets an AbortSignal; it runs again when `needs` change.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {any[]} needs
 */
export function useLoad(load, needs) {
  const [state, setState] = useState({
    value: /** @type {T | undefined} */ (undefined), error: /** @type {import("./api.js").ApiError | null} */ (null), loading: true,
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setState((s) => ({ ...s, loading: true, error: null }));
    load(stop.signal).then(
      (value) => !stop.signal.aborted && setState({ value, error: null, loading: false }),
      (error) => !stop.signal.aborted && setState((s) => ({ ...s, error, loading: false })));
    return () => stop.abort();
  }, [...needs, round]);
  return {
    ...state,
    reload: () => setRound((n) => n + 1),
    set: (/** @type {T} */ value) => setState({ value, error: null, loading: false }),
  };
}

/**
 * What a button or a form does: {run, busy, error, clear}. Runs one at a time; `run` resolves to whether it went well. What the
 * user cancelled is no error.
 * @template {any[]} A
 * @param {(...args: A) => Promise<any>} act
 */
export function useAction(act) {
  const [state, setState] = useState({ busy: false, error: /** @type {import("./api.js").ApiError | null} */ (null) });
  const running = useRef(false);
  return {
    ...state,
    clear: () => setState({ busy: false, error: null }),
    run: async (/** @type {A} */ ...args) => {
      if (running.current) return false;
      running.current = true;
      setState({ busy: true, error: null });
      try {
        await act(...args);
        setState({ busy: false, error: null });
        return true;
      } catch (why) {
        const error = /** @type {import("./api.js").ApiError} */ (why);
        setState({ busy: false, error: error.code === "CANCELLED" ? null : error });
        return false;
      } finally {
        running.current = false;
      }
    },
  };
}
