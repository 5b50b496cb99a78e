// SPDX-License-Identifier: Apache-2.0
import { Button } from "./button.jsx";
import { ErrorBox } from "./error.jsx";
import { Checkbox } from "./field.jsx";
import { Icon } from "./icon.jsx";
import { classes } from "./id.js";

/**
 * @typedef {object} Column
 * @property {string} key
 * @property {string} title
 * @property {(row: any) => any} cell
 * @property {string} [sort] what the API calls this order; without it the column cannot be sorted by
 * @property {"asc" | "desc"} [first] the order that the first press asks for
 * @property {boolean} [main] names the row: its header, and the title of its card on a narrow screen
 * @property {boolean} [end] aligned at the end: numbers
 * @property {boolean} [wide] may wrap
 * @property {boolean} [bare] no label in a card: for buttons and menus
 * @property {boolean} [hideTitle]
 *
 * @typedef {{by: string, order: "asc" | "desc"}} Sort
 */

/** @param {{column: Column, sort?: Sort, onSort?: (sort: Sort) => void}} props */
function Head({ column, sort, onSort }) {
  const name = column.hideTitle ? <span class="sr-only">{column.title}</span> : column.title;
  if (!column.sort || !onSort) return <th role="columnheader" scope="col" class={classes(column.end && "end")}>{name}</th>;
  const mine = sort?.by === column.sort;
  const order = mine ? sort.order : undefined;
  const next = mine ? (sort.order === "asc" ? "desc" : "asc") : column.first ?? "asc";
  return (
    <th role="columnheader" scope="col" class={classes(column.end && "end")}
      aria-sort={order === "asc" ? "ascending" : order === "desc" ? "descending" : "none"}>
      <button type="button" class="sort" onClick={() => onSort({ by: /** @type {string} */ (column.sort), order: next })}>
        {name}<Icon name={order === "asc" ? "arrow-up" : order === "desc" ? "arrow-down" : "sort"} size={14} />
      </button>
    </th>
  );
}

/**
 * Rows of things. On a narrow screen each row is a card. While the first rows load there are empty ones of the same height; what is
 * loaded anew stays until it is replaced: nothing shifts.
 * @param {object} props
 * @param {string} props.label what it lists, for screen readers
 * @param {Column[]} props.columns
 * @param {import("../list.js").List | {rows: any[], loading?: boolean, error?: any, reload?: () => void}} props.list
 * @param {(row: any) => string} [props.rowKey]
 * @param {(row: any) => string} [props.rowName] what a checkbox is labelled with; needed with onSelect
 * @param {Sort} [props.sort]
 * @param {(sort: Sort) => void} [props.onSort]
 * @param {Set<string>} [props.selected] keys
 * @param {(selected: Set<string>) => void} [props.onSelect]
 * @param {(row: any) => void} [props.onRow] a press anywhere in the row; give the main cell a link or a button too
 * @param {any} [props.empty] shown instead when there are no rows: an <Empty>
 * @param {number} [props.skeleton] rows while loading
 */
export function Table({ label, columns, list, rowKey = (row) => row.id, rowName, sort, onSort, selected, onSelect, onRow, empty, skeleton = 8 }) {
  const { rows, loading, error } = list;
  const fresh = loading && !rows.length;
  if (error) return <ErrorBox error={error} retry={list.reload} fields />;
  if (!rows.length && !loading) return empty ?? null;
  const keys = rows.map(rowKey);
  const picked = selected ? keys.filter((k) => selected.has(k)).length : 0;
  /** @param {string[]} which @param {boolean} on */
  const pick = (which, on) => {
    const next = new Set(selected);
    for (const key of which) if (on) next.add(key); else next.delete(key);
    onSelect?.(next);
  };
  /** @param {MouseEvent} e @param {any} row */
  const press = (e, row) => {
    if (!/** @type {Element} */ (e.target).closest("a, button, input, label, [popover]") && !getSelection()?.toString()) onRow?.(row);
  };
  return (
    <div class="table-holder" tabIndex={0} role="region" aria-label={label}>
      <table role="table" class={classes("table", loading && "loading", onRow && "pressable")} aria-label={label} aria-busy={loading}>
        <thead role="rowgroup">
          <tr role="row">
            {onSelect && (
              <th role="columnheader" scope="col" class="pick">
                <Checkbox label={`Select all ${rows.length} on this page`} hideLabel checked={picked === rows.length && picked > 0} some={picked > 0}
                  disabled={fresh} onValue={(on) => pick(keys, on)} />
              </th>
            )}
            {columns.map((c) => <Head key={c.key} column={c} sort={sort} onSort={onSort} />)}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {fresh && Array.from({ length: skeleton }, (_, n) => (
            <tr role="row" key={n} class="skeleton" aria-hidden="true">
              {onSelect && <td class="pick" />}
              {columns.map((c) => c.main
                ? <th key={c.key}><span class="bone" /></th>
                : <td key={c.key} data-label={c.bare ? undefined : c.title} class={classes(c.bare && "bare")}>{!c.bare && <span class="bone" />}</td>)}
            </tr>
          ))}
          {rows.map((row, n) => (
            <tr role="row" key={keys[n]} class={classes(selected?.has(keys[n]) && "selected")} onClick={onRow && ((e) => press(e, row))}>
              {onSelect && (
                <td role="cell" class="pick">
                  <Checkbox label={`Select ${rowName?.(row) ?? keys[n]}`} hideLabel checked={Boolean(selected?.has(keys[n]))}
                    onValue={(on) => pick([keys[n]], on)} />
                </td>
              )}
              {columns.map((c) => c.main
                ? <th key={c.key} role="rowheader" scope="row">{c.cell(row)}</th>
                : (
                  <td key={c.key} role="cell" data-label={c.bare ? undefined : c.title} class={classes(c.end && "end", c.wide && "may-wrap", c.bare && "bare")}>
                    {c.cell(row)}
                  </td>
                ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/**
 * Back and forth through a list with cursors. Takes the same room whether or not there is more.
 * @param {{list: import("../list.js").List, noun?: string}} props `noun`: what it lists, in plural
 */
export function Pagination({ list, noun = "rows" }) {
  const count = list.rows.length;
  const counted = `${count} ${count === 1 ? noun.replace(/s$/, "") : noun}`;
  if (list.error || (!count && !list.loading && list.page === 1)) return null;
  return (
    <nav class="pagination" aria-label={`Pages of ${noun}`}>
      <p role="status">{list.loading ? (count ? `${counted} so far, looking for more…` : "Loading…") : `Page ${list.page}, ${counted}`}</p>
      <Button small icon="left" disabled={!list.previous} onClick={() => list.previous?.()}>Previous</Button>
      <Button small iconEnd="right" disabled={!list.next} onClick={() => list.next?.()}>Next</Button>
    </nav>
  );
}

/**
 * There is nothing yet: what it would be, and the next step.
 * @param {{icon?: import("./icon.jsx").IconName, title: string, children?: any, action?: any}} props
 */
export function Empty({ icon = "coin", title, children, action }) {
  return (
    <div class="empty">
      <Icon name={icon} size={32} />
      <h3>{title}</h3>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}
