// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from "preact/hooks";
import { Field } from "./field.jsx";
import { Icon } from "./icon.jsx";
import { Button } from "./button.jsx";
import { classes } from "./id.js";
import { usePopover } from "./popover.js";

const SHOWN = 50;
const PAUSE_MS = 150;

/** @typedef {{value: string, label: string, hint?: string}} Option */

/**
 * The options that fit `text`: those of the list, or those that `search` finds.
 * @param {string} text
 * @param {boolean} open
 * @param {Option[]} options
 * @param {((text: string, signal: AbortSignal) => Promise<Option[]>) | undefined} search
 */
function useFound(text, open, options, search) {
  const [found, setFound] = useState(/** @type {{rows: Option[], busy: boolean, failed: boolean}} */ ({ rows: [], busy: false, failed: false }));
  useEffect(() => {
    if (!search || !open) return undefined;
    const stop = new AbortController();
    setFound((f) => ({ ...f, busy: true }));
    const timer = setTimeout(() => {
      search(text, stop.signal).then(
        (rows) => !stop.signal.aborted && setFound({ rows, busy: false, failed: false }),
        () => !stop.signal.aborted && setFound({ rows: [], busy: false, failed: true }));
    }, PAUSE_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [text, open]);
  if (search) return found;
  const low = text.toLowerCase();
  return { rows: options.filter((o) => `${o.label} ${o.hint ?? ""}`.toLowerCase().includes(low)), busy: false, failed: false };
}

/**
 * One of many, or with `multiple` some of many: found by typing. Options are given, or `search` asks for them as the user types.
 * @param {import("./field.jsx").FieldProps & {
 *   value: Option[], onValue: (value: Option[]) => void, options?: Option[], multiple?: boolean, placeholder?: string,
 *   search?: (text: string, signal: AbortSignal) => Promise<Option[]>, disabled?: boolean, none?: string}} props
 * `value` holds whole options, one at most without `multiple`; `none`: what to say when nothing fits
 */
export function Combobox({ value, onValue, options = [], multiple = false, search, placeholder, disabled, none = "Nothing fits.", ...field }) {
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const holder = useRef(/** @type {HTMLDivElement | null} */ (null));
  const box = useRef(/** @type {HTMLDivElement | null} */ (null));
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  usePopover(holder, box, open, { match: true });
  const { rows, busy, failed } = useFound(text, open, options, search);
  const chosen = new Set(value.map((o) => o.value));
  const shown = rows.slice(0, SHOWN);

  useEffect(() => box.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest" }), [active, open]);

  /** @param {Option} option */
  const choose = (option) => {
    if (!multiple) onValue([option]);
    else onValue(chosen.has(option.value) ? value.filter((o) => o.value !== option.value) : [...value, option]);
    setText("");
    if (!multiple) setOpen(false);
  };
  const onKey = (/** @type {KeyboardEvent} */ e) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step && !open) setOpen(true);
    else if (step) setActive((active + step + shown.length) % Math.max(1, shown.length));
    else if (e.key === "Enter" && open) { if (shown[active]) choose(shown[active]); }
    else if (e.key === "Escape" && open) { e.stopPropagation(); setOpen(false); }
    else if (e.key === "Backspace" && !text && value.length) onValue(value.slice(0, -1));
    else return;
    e.preventDefault();
  };
  const single = !multiple && !open && value[0] ? value[0].label : text;
  return (
    <Field {...field}>
      {(control) => (
        <div class="combobox" ref={holder} onFocusOut={(e) => { if (!holder.current?.contains(/** @type {Node} */ (e.relatedTarget))) { setOpen(false); setText(""); } }}>
          <div class={classes("input", "chips", disabled && "disabled")} onClick={() => input.current?.focus()}>
            {multiple && value.map((o) => (
              <span class="chip" key={o.value}>
                {o.label}
                <Button kind="quiet" small icon="close" label={`Remove ${o.label}`} disabled={disabled}
                  onClick={() => { onValue(value.filter((x) => x.value !== o.value)); input.current?.focus(); }} />
              </span>
            ))}
            <input {...control} ref={input} role="combobox" aria-expanded={open} aria-controls={control.id + "-list"} aria-autocomplete="list"
              aria-activedescendant={open && shown[active] ? `${control.id}-${active}` : undefined} autocomplete="off" spellcheck={false}
              placeholder={multiple && value.length ? "" : placeholder} disabled={disabled} value={single}
              onInput={(e) => { setText(e.currentTarget.value); setActive(0); setOpen(true); }}
              onClick={() => setOpen(true)} onKeyDown={onKey} />
            {!multiple && value[0] && !disabled && <Button kind="quiet" small icon="close" label={`Clear ${value[0].label}`} onClick={() => onValue([])} />}
          </div>
          {open && (
            <div ref={box} popover="manual" class="options">
              <ul role="listbox" id={control.id + "-list"} aria-multiselectable={multiple} aria-busy={busy}>
                {shown.map((o, n) => (
                  <li key={o.value} id={`${control.id}-${n}`} role="option" aria-selected={chosen.has(o.value)} data-active={n === active ? "" : undefined}
                    onMouseDown={(e) => e.preventDefault()} onClick={() => choose(o)} onMouseMove={() => setActive(n)}>
                    <span class="tick">{chosen.has(o.value) && <Icon name="check" size={16} />}</span>
                    <span>{o.label}{o.hint && <span class="hint">{o.hint}</span>}</span>
                  </li>
                ))}
              </ul>
              {!shown.length && <p class="options-note" role="status">{busy ? "Looking…" : failed ? "Jeton did not answer." : none}</p>}
              {rows.length > SHOWN && <p class="options-note">{rows.length - SHOWN} more: type to narrow down.</p>}
            </div>
          )}
        </div>
      )}
    </Field>
  );
}
