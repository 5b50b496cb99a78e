// SPDX-License-Identifier: Apache-2.0
import { Store, useStore } from "../store.js";

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [["year", 31557600], ["month", 2629800], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];
const TICK_MS = 30000;

/** Goes on every half minute, for whoever shows how long ago something was. */
const tick = new Store(0);
setInterval(() => { if (tick.followers.size) tick.set(tick.value + 1); }, TICK_MS);

/**
 * "3 days ago", "in 2 hours", "just now".
 * @param {Date} at
 */
export function fromNow(at) {
  const seconds = (at.getTime() - Date.now()) / 1000;
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return seconds > 0 ? "in a moment" : "just now";
}

/** "25 Nov 2026, 14:03:09 CET", in the reader's zone. @param {Date} at */
export const exactly = (at) => exact.format(at);

/**
 * When something was or will be: how long from now, and exactly on hover and for screen readers.
 * @param {{at: string | number | undefined | null, none?: string, style?: "relative" | "day"}} props `at`: RFC 3339, or milliseconds;
 * `none` stands for what never was
 */
export function Time({ at, none = "never", style = "relative" }) {
  useStore(tick);
  const date = at ? new Date(at) : null;
  if (!date || Number.isNaN(date.getTime())) return <span class="none">{none}</span>;
  return (
    <time dateTime={date.toISOString()} title={exactly(date)}>
      {style === "day" ? day.format(date) : fromNow(date)}<span class="sr-only">, {exactly(date)}</span>
    </time>
  );
}

/**
 * "90 days", "1 hour 30 minutes": the two largest units of a length of time.
 * @param {number} seconds
 */
export function duration(seconds) {
  const parts = [];
  for (const [unit, size] of /** @type {[string, number][]} */ ([["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]])) {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (count) parts.push(`${count} ${unit}${count === 1 ? "" : "s"}`);
  }
  return parts.slice(0, 2).join(" ") || "0 seconds";
}
