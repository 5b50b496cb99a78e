// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { get } from "../../api.js";
import { useLoad } from "../../list.js";
import { orgPath } from "../../session.js";
import { Card, ErrorBox, Icon, Select, Skeleton, classes } from "../../ui/index.js";

/** What the areas of the catalogue that comes with Jeton are about; a catalogue of one's own has its names alone. */
const ABOUT = /** @type {Record<string, string>} */ ({
  api: "The organization, its people, tokens, roles, teams and apps",
  scans: "Start scans and upload what they find",
  check_analysis: "Ask whether a build may pass",
  modify_findings: "Change, comment on and assign findings",
  remediation: "Read suggested fixes",
  policies: "Read and write policies",
  jira_integration: "What the Jira plugin does",
  legacy: "Taken over from elsewhere; nothing here uses it",
});

/** "check_analysis" as people write it. @param {string} name */
const areaName = (name) => (name === "api" ? "API" : name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " "));

/** @param {{area: {name: string, scopes: string[]}, held: Set<string>}} props */
function Area({ area, held }) {
  const count = area.scopes.filter((s) => held.has(s)).length;
  const sorted = [...area.scopes].sort((a, b) => Number(held.has(b)) - Number(held.has(a)) || a.localeCompare(b));
  return (
    <details class="area">
      <summary>
        <Icon name="right" size={16} />
        <span class="area-name">{areaName(area.name)}<span class="hint">{ABOUT[area.name]}</span></span>
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

/** What one's own token may do right now, area by area, in the organization or in one of one's teams. */
export function Power() {
  const [team, setTeam] = useState("");
  const known = useLoad(async (signal) => {
    const [catalogue, teams] = await Promise.all([get(orgPath("/catalogue"), { signal }), get("/user/teams", { signal })]);
    return { areas: catalogue.areas, teams };
  }, []);
  const held = useLoad(async (signal) => {
    /** @type {string[]} */
    const scopes = await get(orgPath(team ? `/rbac/teams/${team}/my_scopes` : "/my_scopes"), { signal });
    return new Set(scopes);
  }, [team]);
  const teams = known.value?.teams ?? [];
  return (
    <Card title="What it may do right now"
      lead="Your role decides, at every request: when it changes, this changes with it, and the token stays the same."
      actions={teams.length > 0 && (
        <Select label="Where" hideLabel value={team} onValue={setTeam}
          options={[{ value: "", label: "In the organization" }, ...teams.map((/** @type {any} */ t) => ({ value: t.team_id, label: `In team ${t.team_name}` }))]} />
      )}>
      <ErrorBox error={known.error ?? held.error} retry={() => { known.reload(); held.reload(); }} />
      {!(known.value && held.value) && !(known.error || held.error) && <Skeleton lines={7} />}
      {known.value && held.value && (
        <div class="areas">
          {known.value.areas.map((/** @type {any} */ area) => <Area key={area.name} area={area} held={/** @type {Set<string>} */ (held.value)} />)}
        </div>
      )}
    </Card>
  );
}
