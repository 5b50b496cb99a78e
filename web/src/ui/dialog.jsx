// SPDX-License-Identifier: Apache-2.0
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useAction } from "../list.js";
import { Button } from "./button.jsx";
import { ErrorBox } from "./error.jsx";
import { Form, TextField } from "./field.jsx";
import { classes, useUid } from "./id.js";

/**
 * A modal dialog, open as long as it is there; the focus goes back to where it was. `kind` "panel" is a sheet at the side, for
 * forms and details.
 * @param {object} props
 * @param {any} props.title
 * @param {() => void} [props.onClose] asked for by Escape or the cross; take the dialog away then. Without it there is neither
 * @param {"dialog" | "panel"} [props.kind]
 * @param {boolean} [props.wide]
 * @param {boolean} [props.busy] does not close meanwhile
 * @param {any} [props.footer] the buttons; they stay in sight
 * @param {any} props.children
 */
export function Dialog({ title, onClose, kind = "dialog", wide, busy, footer, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useUid("dialog");
  useLayoutEffect(() => {
    const from = /** @type {HTMLElement | null} */ (document.activeElement);
    const element = dialog.current;
    element?.showModal();
    // A field before a button: what is asked for comes first.
    /** @type {HTMLElement | null | undefined} */
    const first = element?.querySelector("[autofocus], .dialog-body input:not([type=hidden]):not(:disabled), .dialog-body select, .dialog-body textarea");
    first?.focus();
    return () => {
      element?.close();
      if (from?.isConnected) from.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} class={classes(kind, wide && "wide")} aria-labelledby={id}
      onCancel={(e) => { e.preventDefault(); if (!busy) onClose?.(); }}>
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        {onClose && <Button kind="quiet" icon="close" label="Close" onClick={() => !busy && onClose()} />}
      </header>
      <div class="dialog-body">{children}</div>
      {footer && <footer class="dialog-foot">{footer}</footer>}
    </dialog>
  );
}

/** A sheet at the side. @param {Parameters<typeof Dialog>[0]} props */
export const Panel = (props) => <Dialog {...props} kind="panel" />;

/**
 * Asks before something that cannot be undone. `children` say what will happen. With `typed` the user must type that text.
 * @param {object} props
 * @param {string} props.title "Delete this token?"
 * @param {string} props.confirm "Delete token"
 * @param {string} [props.typed]
 * @param {string} [props.typedLabel]
 * @param {() => Promise<any>} props.onConfirm closes when it is done; an error shows in the dialog
 * @param {() => void} props.onClose
 * @param {any} [props.children]
 * @param {boolean} [props.mild] a question, not a danger
 */
export function DangerDialog({ title, confirm, typed, typedLabel, onConfirm, onClose, children, mild }) {
  const [text, setText] = useState("");
  const { run, busy, error } = useAction(async () => {
    await onConfirm();
    onClose();
  });
  const id = useUid("danger");
  const ready = !typed || text.trim() === typed.trim();
  const footer = (
    <>
      <Button onClick={onClose} disabled={busy}>Cancel</Button>
      <Button type="submit" form={id} kind={mild ? "primary" : "danger"} busy={busy} disabled={!ready}>{confirm}</Button>
    </>
  );
  return (
    <Dialog title={title} onClose={onClose} busy={busy} footer={footer}>
      <Form id={id} onSubmit={() => ready && run()}>
        <div class="prose">{children}</div>
        {typed && (
          <TextField label={typedLabel ?? <>Type <strong class="typed">{typed}</strong> to go on</>} value={text} onValue={setText}
            autocomplete="off" spellcheck={false} autofocus />
        )}
        <ErrorBox error={error} fields />
      </Form>
    </Dialog>
  );
}
