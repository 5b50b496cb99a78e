// SPDX-License-Identifier: Apache-2.0
import { aboutArea, areaName } from "./areas.js";
import { Icon, classes } from "./ui/index.js";

/** @param {{area: import("./areas.js").Area, held: Set<string>}} props */
function OneArea({ area, held }) {
  const count = area.scopes.filter((s) => held.has(s)).length;
  const sorted = [...area.scopes].sort((a, b) => Number(held.has(b)) - Number(held.has(a)) || a.localeCompare(b));
  return (
    <details class="area">
      <summary>
        <Icon name="right" size={16} />
        <span class="area-name">{areaName(area.name)}<span class="hint">{aboutArea(area.name)}</span></span>
        <span class={classes("area-count", !count && "none")}>{count ? `${count} of ${area.scopes.length}` : "nothing"}</span>
        <span class="bar" aria-hidden="true"><i style={{ width: `${(100 * count) / area.scopes.length}%` }} /></span>
      </summary>
      <ul class="scopes">
        {sorted.map((s) => (
          <li key={s} class={held.has(s) ? "held" : undefined}>
            <Icon name={held.has(s) ? "check" : "minus"} size={14} /><code>{s}</code><span class="sr-only">{held.has(s) ? "held" : "not held"}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/**
 * What somebody may do, area by area, down to the scopes. `only`: areas of which nothing is held are left out.
 * @param {{areas: import("./areas.js").Area[], held: Set<string>, only?: boolean}} props
 */
export const Areas = ({ areas, held, only = false }) => (
  <div class="areas">
    {areas.filter((a) => !only || a.scopes.some((s) => held.has(s))).map((a) => <OneArea key={a.name} area={a} held={held} />)}
  </div>
);
