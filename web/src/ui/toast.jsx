// SPDX-License-Identifier: Apache-2.0
import { useLayoutEffect, useRef } from "preact/hooks";
import { Store, useStore } from "../store.js";
import { Icon } from "./icon.jsx";
import { Button } from "./button.jsx";

const STAYS_MS = 6000;
let last = 0;

/** @type {Store<{id: number, text: string, kind: "ok" | "danger"}[]>} */
const toasts = new Store(/** @type {any} */ ([]));

/** @param {number} id */
const drop = (id) => toasts.set(toasts.value.filter((t) => t.id !== id));

/**
 * Tells that something is done, in passing: "Token deleted". What needs an answer is a dialog, what went wrong an ErrorBox.
 * @param {string} text
 * @param {"ok" | "danger"} [kind]
 */
export function toast(text, kind = "ok") {
  const id = ++last;
  toasts.set([...toasts.value.slice(-2), { id, text, kind }]);
  setTimeout(() => drop(id), STAYS_MS);
}

/** Where they show, once in the app: above dialogs too. */
export function ToastHost() {
  const shown = useStore(toasts);
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (element.matches(":popover-open")) element.hidePopover();
    if (shown.length) element.showPopover();
  }, [shown]);
  return (
    <>
      <div class="sr-only" role="status" aria-live="polite">{shown.map((t) => <p key={t.id}>{t.text}</p>)}</div>
      <div class="toasts" popover="manual" ref={box}>
        {shown.map((t) => (
          <div key={t.id} class={"toast " + t.kind} aria-hidden="true">
            <Icon name={t.kind === "ok" ? "check" : "warning"} />
            <span>{t.text}</span>
            <Button kind="quiet" small icon="close" label="Dismiss" tabIndex={-1} onClick={() => drop(t.id)} />
          </div>
        ))}
      </div>
    </>
  );
}
