// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "preact/hooks";
import { useAction } from "../list.js";
import { Button } from "./button.jsx";
import { ErrorBox } from "./error.jsx";
import { classes } from "./id.js";

const SAID_MS = 2500;

/**
 * Puts text on the clipboard; where the browser gives none to pages like this one (plain HTTP), by a selection.
 * @param {string} text
 * @returns {Promise<boolean>} whether it is there
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "sr-only";
    area.readOnly = true;
    // Within the open dialog: outside of it nothing can be selected.
    const at = document.querySelector("dialog:modal") ?? document.body;
    const from = /** @type {HTMLElement | null} */ (document.activeElement);
    at.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    from?.focus();
    return done;
  }
}

/**
 * @param {{text: string | (() => Promise<string>), label?: string, small?: boolean, kind?: "plain" | "primary" | "quiet", name?: string}} props
 * `label` stands on it; `name` tells screen readers what is copied
 */
export function CopyButton({ text, label = "Copy", small = true, kind = "plain", name }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = said ? setTimeout(() => setSaid(""), SAID_MS) : undefined;
    return () => clearTimeout(timer);
  }, [said]);
  const press = async () => {
    try {
      const value = typeof text === "string" ? text : await text();
      setSaid((await copy(value)) ? "Copied" : "Select it, and copy by hand");
    } catch {
      setSaid("");
    }
  };
  return (
    <span class="copy">
      <Button {...{ small, kind }} icon={said === "Copied" ? "check" : "copy"} aria-label={name ? `${label} ${name}` : undefined} onClick={press}>
        {said || label}
      </Button>
      <span class="sr-only" role="status">{said}</span>
    </span>
  );
}

/**
 * A value that is not for every eye: masked until it is revealed. Without `value` it is asked for by `onReveal` when it is needed
 * (which may ask for the password), and forgotten when it is hidden.
 * @param {{label: string, value?: string, onReveal?: () => Promise<string>, open?: boolean}} props `open`: shown at first
 */
export function Secret({ label, value, onReveal, open = false }) {
  const [shown, setShown] = useState(open && value ? value : "");
  const fetchValue = async () => value ?? (onReveal ? onReveal() : "");
  const { run, busy, error } = useAction(async () => setShown(await fetchValue()));
  return (
    <div class="secret-holder">
      <div class="secret" role="group" aria-label={label}>
        <code class={classes("secret-value", !shown && "masked")} tabIndex={shown ? 0 : undefined}>
          {shown || <><span aria-hidden="true">{"•".repeat(32)}</span><span class="sr-only">hidden</span></>}
        </code>
        <span class="secret-buttons">
          {shown
            ? <Button small icon="eye-off" onClick={() => setShown("")}>Hide</Button>
            : <Button small icon="eye" busy={busy} onClick={() => run()}>Reveal</Button>}
          <CopyButton text={shown || fetchValue} name={label} />
        </span>
      </div>
      <ErrorBox error={error} />
    </div>
  );
}

/**
 * Lines to be copied: a command, a configuration.
 * @param {{title?: string, code: string, name?: string}} props `name` tells screen readers what is copied
 */
export function Snippet({ title, code, name }) {
  return (
    <figure class="snippet">
      <figcaption>
        <span>{title}</span>
        <CopyButton kind="quiet" text={code} name={name ?? title} />
      </figcaption>
      <pre tabIndex={0}><code>{code}</code></pre>
    </figure>
  );
}

/**
 * Gives text to the reader as a file.
 * @param {string} name
 * @param {string} text
 */
export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
