// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from "preact/hooks";
import { classes, useUid } from "./id.js";

/**
 * A page: its title (which gets the focus when the reader comes here), what it is for, what can be done on it.
 * @param {{title: string, lead?: any, actions?: any, children: any, narrow?: boolean}} props `narrow`: text and forms, no table
 */
export function Page({ title, lead, actions, children, narrow }) {
  const head = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => {
    document.title = `${title} · Jeton`;
    head.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [title]);
  return (
    <div class={classes("page", narrow && "narrow")}>
      <header class="page-head">
        <div>
          <h1 ref={head} tabIndex={-1}>{title}</h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {actions && <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/**
 * A part of a page, on a surface of its own.
 * @param {{title?: any, lead?: any, actions?: any, children?: any, class?: string, flush?: boolean}} props `flush`: a table, up to the edges
 */
export function Card({ title, lead, actions, children, class: more, flush }) {
  const id = useUid("card");
  return (
    <section class={classes("card", flush && "flush", more)} aria-labelledby={title ? id : undefined}>
      {title && (
        <header class="card-head">
          <div><h2 id={id}>{title}</h2>{lead && <p class="hint">{lead}</p>}</div>
          {actions && <div class="card-actions">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

/** Names and values, one a line. @param {{items: ([string, any] | false | null | undefined)[]}} props */
export function Facts({ items }) {
  const shown = /** @type {[string, any][]} */ (items.filter(Boolean));
  return <dl class="facts">{shown.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

/**
 * How far something is that takes long; without `value` only that it goes on.
 * @param {{label: string, value?: number, max?: number}} props
 */
export function Progress({ label, value, max = 1 }) {
  const id = useUid("progress");
  return (
    <div class="progress">
      <label for={id}>{label}</label>
      <progress id={id} value={value} max={max} />
    </div>
  );
}

/** Lines of text to come, of constant height. @param {{lines?: number, label?: string}} props */
export const Skeleton = ({ lines = 3, label = "Loading" }) => (
  <div class="skeleton-lines" role="status">
    <span class="sr-only">{label}</span>
    {Array.from({ length: lines }, (_, n) => <span key={n} class="bone" aria-hidden="true" />)}
  </div>
);
