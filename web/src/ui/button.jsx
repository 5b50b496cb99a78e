// SPDX-License-Identifier: Apache-2.0
import { Icon } from "./icon.jsx";
import { classes } from "./id.js";

/**
 * @typedef {object} ButtonProps
 * @property {"primary" | "plain" | "danger" | "quiet"} [kind]
 * @property {import("./icon.jsx").IconName} [icon]
 * @property {import("./icon.jsx").IconName} [iconEnd] after the words
 * @property {boolean} [small]
 * @property {boolean} [busy] turns, and takes no second press; keeps the focus
 * @property {string} [label] the name of a button that shows an icon alone
 * @property {any} [children]
 */

/** @param {ButtonProps} props */
const Inside = ({ icon, iconEnd, busy, label, children, small }) => (
  <>
    {busy ? <Spinner /> : icon && <Icon name={icon} size={small ? 16 : 18} />}
    {children !== undefined && <span>{children}</span>}
    {iconEnd && <Icon name={iconEnd} size={small ? 16 : 18} />}
    {label && <span class="sr-only">{label}</span>}
  </>
);

/** @param {ButtonProps & {class?: string}} props */
const look = ({ kind = "plain", small, children, class: more }) =>
  classes("button", kind, small && "small", children === undefined && "only-icon", more);

/**
 * Something that happens. A link to a place is a ButtonLink.
 * @param {ButtonProps & import("preact").ButtonHTMLAttributes<HTMLButtonElement>} props
 */
export function Button({ kind, icon, iconEnd, small, busy, label, children, class: more, onClick, type = "button", ...rest }) {
  return (
    <button {...rest} type={type} class={look({ kind, small, children, class: /** @type {any} */ (more) })}
      aria-disabled={busy ? "true" : undefined} title={label} onClick={busy ? (e) => e.preventDefault() : onClick}>
      <Inside {...{ icon, iconEnd, busy, label, children, small }} />
    </button>
  );
}

/** @param {ButtonProps & import("preact").AnchorHTMLAttributes<HTMLAnchorElement>} props */
export function ButtonLink({ kind, icon, iconEnd, small, label, children, class: more, ...rest }) {
  return (
    <a {...rest} class={look({ kind, small, children, class: /** @type {any} */ (more) })} title={label}>
      <Inside {...{ icon, iconEnd, label, children, small }} />
    </a>
  );
}

/** Turns while something is on its way. */
export const Spinner = () => <span class="spinner" aria-hidden="true" />;
