// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "./button.jsx";
import { Icon } from "./icon.jsx";
import { classes, useUid } from "./id.js";

/**
 * @typedef {object} FieldProps
 * @property {any} label
 * @property {any} [hint] what belongs in it
 * @property {string} [error] what is wrong with it
 * @property {boolean} [optional] says so beside the label
 * @property {boolean} [hideLabel] for screen readers only: where a heading or an icon says it
 * @property {string} [class]
 */

/**
 * A label, the control, a hint and an error, bound together. `children` gets {id, "aria-describedby", "aria-invalid"} for the
 * control.
 * @param {FieldProps & {children: (control: {id: string, "aria-describedby"?: string, "aria-invalid"?: "true"}) => any}} props
 */
export function Field({ label, hint, error, optional, hideLabel, children, class: more }) {
  const id = useUid("field");
  const trouble = useRef(/** @type {HTMLParagraphElement | null} */ (null));
  useEffect(() => trouble.current?.scrollIntoView({ block: "nearest" }), [error]);
  const by = classes(hint && id + "-hint", error && id + "-error");
  return (
    <div class={classes("field", error && "wrong", more)}>
      <label for={id} class={hideLabel ? "sr-only" : undefined}>
        {label}{optional && <span class="optional"> optional</span>}
      </label>
      {children({ id, "aria-describedby": by || undefined, "aria-invalid": error ? "true" : undefined })}
      {hint && <p class="hint" id={id + "-hint"}>{hint}</p>}
      {error && <p class="field-error" id={id + "-error"} ref={trouble} role="alert"><Icon name="warning" size={15} />{error}</p>}
    </div>
  );
}

/** @typedef {Omit<import("preact").PartialInputHTMLAttributes<HTMLInputElement>, "label">} InputProps */

/**
 * A line of text. `onValue` gets what is in it.
 * @param {FieldProps & InputProps & {onValue: (value: string) => void, prefix?: import("./icon.jsx").IconName}} props
 */
export function TextField({ label, hint, error, optional, hideLabel, class: more, onValue, prefix, type = "text", ...rest }) {
  return (
    <Field {...{ label, hint, error, optional, hideLabel }} class={/** @type {any} */ (more)}>
      {(control) => (
        <div class={classes("control", prefix && "has-prefix")}>
          {prefix && <Icon name={prefix} size={16} />}
          <input {.../** @type {any} */ (rest)} {...control} type={type} class="input"
            onInput={(/** @type {InputEvent} */ e) => onValue(/** @type {HTMLInputElement} */ (e.currentTarget).value)} />
        </div>
      )}
    </Field>
  );
}

/**
 * A password, which can be shown to whoever types it.
 * @param {FieldProps & InputProps & {onValue: (value: string) => void}} props
 */
export function PasswordField({ label, hint, error, onValue, class: more, ...rest }) {
  const [shown, setShown] = useState(false);
  return (
    <Field {...{ label, hint, error }} class={/** @type {any} */ (more)}>
      {(control) => (
        <div class="control has-button">
          <input spellcheck={false} autocapitalize="none" {.../** @type {any} */ (rest)} {...control} type={shown ? "text" : "password"} class="input"
            onInput={(/** @type {InputEvent} */ e) => onValue(/** @type {HTMLInputElement} */ (e.currentTarget).value)} />
          <Button kind="quiet" small icon={shown ? "eye-off" : "eye"} label={shown ? "Hide password" : "Show password"}
            aria-pressed={shown} onClick={() => setShown(!shown)} />
        </div>
      )}
    </Field>
  );
}

/** @param {FieldProps & {onValue: (value: string) => void, value: string, rows?: number, maxLength?: number}} props */
export function TextArea({ label, hint, error, optional, onValue, ...rest }) {
  return (
    <Field {...{ label, hint, error, optional }}>
      {(control) => <textarea rows={3} {...rest} {...control} class="input" onInput={(e) => onValue(e.currentTarget.value)} />}
    </Field>
  );
}

/**
 * One of a few. Many are a Combobox.
 * @param {FieldProps & {value: string, onValue: (value: string) => void, options: {value: string, label: string, disabled?: boolean}[],
 *   disabled?: boolean, name?: string}} props
 */
export function Select({ label, hint, error, optional, hideLabel, class: more, options, value, onValue, ...rest }) {
  return (
    <Field {...{ label, hint, error, optional, hideLabel }} class={more}>
      {(control) => (
        <div class="control select">
          <select {...rest} {...control} class="input" value={value} onChange={(e) => onValue(e.currentTarget.value)}>
            {options.map((o) => <option key={o.value} value={o.value} disabled={o.disabled}>{o.label}</option>)}
          </select>
          <Icon name="down" size={16} />
        </div>
      )}
    </Field>
  );
}

/**
 * @param {{label: any, hint?: any, checked: boolean, onValue: (on: boolean) => void, disabled?: boolean, some?: boolean,
 *   hideLabel?: boolean, kind?: "checkbox" | "switch", name?: string}} props `some`: some of what it stands for is checked
 */
export function Checkbox({ label, hint, checked, onValue, disabled, some, hideLabel, kind = "checkbox", name }) {
  const id = useUid("check");
  return (
    <div class={classes("check", kind)}>
      <input id={id} name={name} type="checkbox" role={kind === "switch" ? "switch" : undefined} checked={checked} disabled={disabled}
        ref={(e) => { if (e) e.indeterminate = Boolean(some && !checked); }} aria-describedby={hint ? id + "-hint" : undefined}
        onChange={(e) => onValue(e.currentTarget.checked)} />
      <div>
        <label for={id} class={hideLabel ? "sr-only" : undefined}>{label}</label>
        {hint && <p class="hint" id={id + "-hint"}>{hint}</p>}
      </div>
    </div>
  );
}

/** On or off, at once. @param {Parameters<typeof Checkbox>[0]} props */
export const Switch = (props) => <Checkbox {...props} kind="switch" />;

/**
 * One of a few, all of which are seen.
 * @param {{label: string, value: string, onValue: (value: string) => void, hideLabel?: boolean,
 *   options: {value: string, label: string, hint?: any, disabled?: boolean}[]}} props
 */
export function Choice({ label, value, onValue, options, hideLabel }) {
  const name = useUid("choice");
  return (
    <fieldset class="choice">
      <legend class={hideLabel ? "sr-only" : undefined}>{label}</legend>
      {options.map((o, n) => (
        <label key={o.value} class={classes("choice-option", o.value === value && "chosen", o.disabled && "disabled")}>
          <input type="radio" name={name} value={o.value} checked={o.value === value} disabled={o.disabled}
            aria-labelledby={`${name}-${n}`} aria-describedby={o.hint ? `${name}-${n}-hint` : undefined} onChange={() => onValue(o.value)} />
          <span>
            <span class="choice-label" id={`${name}-${n}`}>{o.label}</span>
            {o.hint && <span class="hint" id={`${name}-${n}-hint`}>{o.hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/**
 * A form that the browser does not send: `onSubmit` runs instead.
 * @param {{onSubmit: () => void, children: any, class?: string, label?: string, id?: string}} props
 */
export function Form({ onSubmit, children, class: more, label, id }) {
  return (
    <form id={id} class={classes("form", more)} noValidate aria-label={label} onSubmit={(e) => { e.preventDefault(); onSubmit(); }}>
      {children}
    </form>
  );
}
