// SPDX-License-Identifier: Apache-2.0
import { useLayoutEffect } from "preact/hooks";

const GAP = 4;
const EDGE = 8;

/**
 * Keeps `popover` (an element with the attribute of that name) beside `anchor` as long as it is open: below, or above where there
 * is no room below.
 * @param {import("preact").RefObject<HTMLElement | null>} anchor
 * @param {import("preact").RefObject<HTMLElement | null>} popover
 * @param {boolean} open
 * @param {{align?: "start" | "end" | "middle", match?: boolean}} [how] `match`: as wide as the anchor
 */
export function usePopover(anchor, popover, open, { align = "start", match = false } = {}) {
  useLayoutEffect(() => {
    const box = popover.current;
    const at = anchor.current;
    if (!open || !box || !at) return undefined;
    const place = () => {
      const a = at.getBoundingClientRect();
      if (match) box.style.minWidth = `${a.width}px`;
      const b = box.getBoundingClientRect();
      const left = align === "end" ? a.right - b.width : align === "middle" ? a.left + (a.width - b.width) / 2 : a.left;
      const below = a.bottom + GAP + b.height <= innerHeight || a.top < b.height + GAP;
      box.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - b.width - EDGE))}px`;
      box.style.top = `${below ? a.bottom + GAP : a.top - b.height - GAP}px`;
    };
    if (!box.matches(":popover-open")) box.showPopover();
    place();
    const seen = new ResizeObserver(place);
    seen.observe(box);
    addEventListener("scroll", place, true);
    addEventListener("resize", place);
    return () => {
      seen.disconnect();
      removeEventListener("scroll", place, true);
      removeEventListener("resize", place);
      if (box.matches(":popover-open")) box.hidePopover();
    };
  }, [open, align, match]);
}
