// SPDX-License-Identifier: Apache-2.0
import { cloneElement } from "preact";
import { useRef, useState } from "preact/hooks";
import { useUid } from "./id.js";
import { usePopover } from "./popover.js";

/**
 * More about one element, which must be able to take the focus: on hover, and when it has it.
 * @param {{text: any, children: import("preact").VNode<any>}} props
 */
export function Tooltip({ text, children }) {
  const [open, setOpen] = useState(false);
  const holder = useRef(/** @type {HTMLSpanElement | null} */ (null));
  const tip = useRef(/** @type {HTMLSpanElement | null} */ (null));
  const id = useUid("tip");
  usePopover(holder, tip, open, { align: "middle" });
  return (
    <span class="tooltip-holder" ref={holder} onMouseEnter={() => setOpen(true)} onMouseLeave={() => setOpen(false)} onFocusIn={() => setOpen(true)}
      onFocusOut={() => setOpen(false)} onKeyDown={(e) => { if (e.key === "Escape" && open) { e.stopPropagation(); setOpen(false); } }}>
      {cloneElement(children, { "aria-describedby": id })}
      <span id={id} ref={tip} role="tooltip" popover="manual" class="tooltip">{text}</span>
    </span>
  );
}
