// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icon.jsx";
import { Button } from "./button.jsx";
import { classes, useUid } from "./id.js";
import { usePopover } from "./popover.js";

/**
 * @typedef {object} MenuItem
 * @property {string} label
 * @property {import("./icon.jsx").IconName} [icon]
 * @property {() => void} [onSelect]
 * @property {string} [href] a place instead
 * @property {boolean} [danger]
 * @property {boolean} [disabled]
 */

/**
 * A button with a list of things to do. `items` may hold false, for what does not apply.
 * @param {{label: string, items: (MenuItem | false | null | undefined)[], children?: any, icon?: import("./icon.jsx").IconName,
 *   head?: any, align?: "start" | "end", small?: boolean, class?: string}} props
 */
export function Menu({ label, items, children, icon = "more", head, align = "end", small, class: more }) {
  const [open, setOpen] = useState(false);
  const holder = useRef(/** @type {HTMLSpanElement | null} */ (null));
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  const id = useUid("menu");
  const shown = /** @type {MenuItem[]} */ (items.filter(Boolean));
  usePopover(holder, list, open, { align });

  const entries = () => /** @type {HTMLElement[]} */ ([...(list.current?.querySelectorAll("[role=menuitem]:not([aria-disabled])") ?? [])]);
  const button = () => holder.current?.querySelector("button");
  const close = (back = true) => {
    setOpen(false);
    if (back) button()?.focus();
  };
  useEffect(() => {
    if (!open) return undefined;
    entries()[0]?.focus();
    const outside = (/** @type {Event} */ e) => {
      const at = /** @type {Node} */ (e.target);
      if (!holder.current?.contains(at) && !list.current?.contains(at)) close(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);

  const onKey = (/** @type {KeyboardEvent} */ e) => {
    const all = entries();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[e.key];
    if (to !== undefined) all[(to + all.length) % all.length]?.focus();
    else if (e.key === "Escape" || e.key === "Tab") close(e.key === "Escape");
    else if (e.key.length === 1) all.find((x, n) => n > at && x.textContent?.trim().toLowerCase().startsWith(e.key.toLowerCase()))?.focus();
    if (to !== undefined || e.key === "Escape") { e.preventDefault(); e.stopPropagation(); }
  };
  const trigger = { "aria-haspopup": /** @type {const} */ ("menu"), "aria-expanded": open, "aria-controls": open ? id : undefined };
  return (
    <span class={classes("menu", more)} ref={holder} onClick={(e) => e.stopPropagation()}>
      {children
        ? <button type="button" class="menu-button" {...trigger} aria-label={label} onClick={() => setOpen(!open)}>{children}</button>
        : <Button kind="quiet" small={small} icon={icon} label={label} {...trigger} onClick={() => setOpen(!open)} />}
      {open && (
        <div id={id} ref={list} popover="manual" class="menu-list">
          {head && <div class="menu-head">{head}</div>}
          <div role="menu" aria-label={label} onKeyDown={onKey}>
            {shown.map((item) => {
              const inside = <>{item.icon && <Icon name={item.icon} size={16} />}<span>{item.label}</span></>;
              const look = classes("menu-item", item.danger && "danger");
              return item.href
                ? <a key={item.label} role="menuitem" tabIndex={-1} class={look} href={item.href} onClick={() => close(false)}>{inside}</a>
                : (
                  <button key={item.label} type="button" role="menuitem" tabIndex={-1} class={look}
                    aria-disabled={item.disabled ? "true" : undefined}
                    onClick={() => { if (!item.disabled) { close(); item.onSelect?.(); } }}>{inside}</button>
                );
            })}
          </div>
        </div>
      )}
    </span>
  );
}
