// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { all, get, newKey, pageOf, post } from "../../api.js";
import { Areas } from "../../areas.jsx";
import { useAction, useLoad } from "../../list.js";
import { can, orgPath } from "../../session.js";
import { Button, Choice, Combobox, duration, ErrorBox, Form, Notice, Panel, Select, Skeleton, TextArea, TextField } from "../../ui/index.js";

const DAY_S = 86400;
const LIFETIMES = [7, 30, 90, 365];

/** Roles that a token may carry: ours, then the org's own. */
export async function loadRoles(/** @type {AbortSignal} */ signal) {
  const [catalogue, org, own] = await Promise.all([
    get(orgPath("/catalogue"), { signal }), get(orgPath(""), { signal }),
    can("roles:list") ? all(orgPath("/rbac/roles"), { signal }) : [],
  ]);
  const managed = catalogue.roles.filter((/** @type {any} */ r) => r.for === "tokens")
    .map((/** @type {any} */ r) => ({ ...r, teamsOnly: false }));
  const custom = own.filter((r) => r.role_type !== "qwiet")
    .map((r) => ({ ...r, kind: "custom", teamsOnly: r.role_type === "team" }));
  return { areas: catalogue.areas, maxima: org.max_token_seconds, roles: [...managed, ...custom] };
}

/** Teams whose name contains `text`. @param {string} text @param {AbortSignal} signal */
export const findTeams = async (text, signal) =>
  (await pageOf(orgPath("/rbac/teams"), { query: { search: text, no_members: true, per_page: 50 }, signal })).rows
    .map((t) => ({ value: t.team_id, label: t.team_name }));

/**
 * A new integration token.
 * @param {{onClose: () => void, onMade: (token: any) => void}} props
 */
export function CreateToken({ onClose, onMade }) {
  const known = useLoad(loadRoles, []);
  const [key] = useState(newKey);
  const [label, setLabel] = useState("");
  const [description, setDescription] = useState("");
  const [roleId, setRoleId] = useState("");
  const [reach, setReach] = useState("org");
  const [teams, setTeams] = useState(/** @type {import("../../ui/combobox.jsx").Option[]} */ ([]));
  const [days, setDays] = useState("90");
  const { roles, areas, maxima } = known.value ?? { roles: [], areas: [], maxima: {} };
  const role = roles.find((/** @type {any} */ r) => r.id === roleId) ?? roles[0];
  const most = role ? maxima[role.kind] ?? 0 : 0;
  const limited = reach === "teams" || role?.teamsOnly;
  const seconds = days === "never" ? 0 : Number(days) * DAY_S;
  const tooLong = most > 0 && (seconds === 0 || seconds > most);
  const { run, busy, error } = useAction(async () => {
    onMade(await post(orgPath("/tokens"), {
      label: label.trim(), role_id: role.id, description: description.trim() || undefined,
      valid_for_seconds: tooLong ? most : seconds || undefined, teams: limited ? teams.map((t) => t.value) : undefined,
    }, { key }));
  });
  const ready = label.trim() && role && (!limited || teams.length > 0);
  const other = error && !Object.keys(error.fields).length ? error : null;
  return (
    <Panel title="Create token" onClose={onClose} busy={busy}
      footer={(
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="create-token" busy={busy} disabled={!ready}>Create token</Button>
        </>
      )}>
      <ErrorBox error={known.error} retry={known.reload} />
      {!known.value && !known.error && <Skeleton lines={8} />}
      {role && (
        <Form id="create-token" onSubmit={() => ready && run()}>
          <TextField label="Label" value={label} onValue={setLabel} required maxLength={128} autofocus error={error?.fields.label}
            hint="What it is for, as it will stand in the list: where it runs, what it does." />
          <TextArea label="Description" value={description} onValue={setDescription} optional rows={2} maxLength={1024} error={error?.fields.description} />
          <Select label="Role" value={role.id} onValue={setRoleId} hint={role.description} error={error?.fields.role_id}
            options={roles.map((/** @type {any} */ r) => ({ value: r.id, label: r.name }))} />
          {!role.teamsOnly && (
            <Choice label="Where" value={reach} onValue={setReach}
              options={[{ value: "org", label: "The whole organization" }, { value: "teams", label: "Some teams and their apps" }]} />
          )}
          {limited && (
            <Combobox label="Teams" multiple value={teams} onValue={setTeams} search={findTeams} error={error?.fields.teams}
              hint="It sees these teams and their apps, and nothing else." none="No team has that name." />
          )}
          <Select label="Lifetime" value={days} onValue={setDays} error={error?.fields.valid_for_seconds}
            hint={most ? `Your organization allows ${duration(most)} at most.` : undefined}
            options={[...LIFETIMES.map((n) => ({ value: String(n), label: `${n} days` })), { value: "never", label: "No end" }]} />
          {tooLong && <Notice>It will live for {duration(most)}, the longest that your organization allows.</Notice>}
          {!most && !seconds && <Notice kind="warning">It works until somebody revokes it. A token that ends by itself is safer.</Notice>}
          <section class="stack">
            <h3>What it will be able to do</h3>
            <p class="hint">
              {role.scopes.length ? `Whoever has it can do this ${limited ? "in its teams" : "in the whole organization"}, and nothing else. It follows the role if that changes.`
                : "Nothing: this role holds no scope that a token may have."}
            </p>
            <Areas areas={areas} held={new Set(role.scopes)} only />
          </section>
          <ErrorBox error={other} />
        </Form>
      )}
    </Panel>
  );
}
