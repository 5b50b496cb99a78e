// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { get } from "../../api.js";
import { useLoad } from "../../list.js";
import { orgPath } from "../../session.js";
import { Areas } from "../../areas.jsx";
import { Card, ErrorBox, Select, Skeleton } from "../../ui/index.js";

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
        <Areas areas={known.value.areas} held={held.value} />
      )}
    </Card>
  );
}
