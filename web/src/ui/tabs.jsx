// SPDX-License-Identifier: Apache-2.0
import { classes, useUid } from "./id.js";

/**
 * Views of the same thing, one at a time.
 * @param {{label: string, tabs: {id: string, label: string, content: () => any}[], value: string, onValue: (id: string) => void}} props
 */
export function Tabs({ label, tabs, value, onValue }) {
  const base = useUid("tabs");
  const at = Math.max(0, tabs.findIndex((t) => t.id === value));
  const onKey = (/** @type {KeyboardEvent} */ e) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    onValue(next.id);
    document.getElementById(`${base}-${next.id}`)?.focus();
  };
  return (
    <div class="tabs">
      <div role="tablist" aria-label={label} onKeyDown={onKey}>
        {tabs.map((t, n) => (
          <button key={t.id} type="button" role="tab" id={`${base}-${t.id}`} aria-selected={n === at} aria-controls={`${base}-panel`}
            tabIndex={n === at ? 0 : -1} class={classes("tab", n === at && "current")} onClick={() => onValue(t.id)}>{t.label}</button>
        ))}
      </div>
      <div role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${tabs[at].id}`} tabIndex={0}>{tabs[at].content()}</div>
    </div>
  );
}
