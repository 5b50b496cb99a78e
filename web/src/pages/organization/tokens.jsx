// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "preact/hooks";
import { get, pageOf } from "../../api.js";
import { counted, kindName } from "../../areas.js";
import { Areas } from "../../areas.jsx";
import { useList, useLoad } from "../../list.js";
import { go, href, setQuery } from "../../route.js";
import { can, orgPath } from "../../session.js";
import { Badge, Button, Combobox, CopyButton, Empty, ErrorBox, Facts, Menu, Page, Pagination, Panel, Select, Skeleton, State, Table, TextField, Time } from "../../ui/index.js";
import { CreateToken, findTeams, loadRoles } from "./token-create.jsx";
import { DeleteToken, DeleteTokens, EditToken, RotateToken } from "./token-end.jsx";
import { TokenValue } from "./token-value.jsx";

const PAUSE_MS = 250;
const HERE = "/organization/tokens";
const KINDS = ["ci", "github", "jira", "access", "service", "custom"];
const STATES = [
  { value: "", label: "Any state" }, { value: "active", label: "Not expired" }, { value: "expiring", label: "Expires within 14 days" },
  { value: "unused", label: "Never used" }, { value: "expired", label: "Expired" },
];

/** Users whose name or e-mail contains `text`. @param {string} text @param {AbortSignal} signal */
const findUsers = async (text, signal) =>
  (await pageOf(orgPath("/rbac/users"), { query: { search: text, per_page: 50 }, signal })).rows
    .map((u) => ({ value: u.id_v2, label: u.name, hint: u.email }));

/** Looks for what is typed when the typing pauses. @param {{text: string}} props */
function Search({ text }) {
  const [value, setValue] = useState(text);
  useEffect(() => setValue(text), [text]);
  useEffect(() => {
    const timer = value !== text ? setTimeout(() => setQuery({ search: value.trim() }), PAUSE_MS) : undefined;
    return () => clearTimeout(timer);
  }, [value]);
  return <TextField label="Search" hideLabel type="search" prefix="search" placeholder="Label or id" value={value} onValue={setValue} maxLength={128} />;
}

/** A filter by something that has a name; the address keeps both. @param {{label: string, name: string, query: URLSearchParams, search: any}} props */
const Named = ({ label, name, query, search }) => (
  <Combobox label={label} hideLabel placeholder={label} search={search}
    value={query.get(name) ? [{ value: query.get(name) ?? "", label: query.get(name + "_name") ?? query.get(name) ?? "" }] : []}
    onValue={([one]) => setQuery({ [name]: one?.value, [name + "_name"]: one?.label })} />
);

/** @param {{query: URLSearchParams, roles: any[]}} props */
const Filters = ({ query, roles }) => (
  <div class="filters" role="search" aria-label="Filter tokens">
    <Search text={query.get("search") ?? ""} />
    <Select label="Kind" hideLabel value={query.get("kind") ?? ""} onValue={(kind) => setQuery({ kind })}
      options={[{ value: "", label: "Any kind" }, ...KINDS.map((k) => ({ value: k, label: kindName(k) }))]} />
    <Select label="Role" hideLabel value={query.get("role") ?? ""} onValue={(role) => setQuery({ role })}
      options={[{ value: "", label: "Any role" }, ...roles.map((r) => ({ value: r.id, label: r.name }))]} />
    <Select label="State" hideLabel value={query.get("state") ?? ""} onValue={(state) => setQuery({ state })} options={STATES} />
    {can("teams:list") && <Named label="Any team" name="team" query={query} search={findTeams} />}
    {can("org_user:list") && <Named label="Anybody's" name="created_by" query={query} search={findUsers} />}
  </div>
);

/** @param {{token: any}} props */
const Teams = ({ token }) => {
  if (!token.limited) return <span class="hint">Whole organization</span>;
  const names = token.team_names ?? [];
  if (!names.length) return <Badge tone="warning" title="Its teams were deleted: it holds nothing">No team</Badge>;
  return <span title={names.join(", ")}>{names.slice(0, 2).join(", ")}{names.length > 2 && ` and ${names.length - 2} more`}</span>;
};

/** All of one token. @param {{id: string, areas?: any[], roles: any[], onAct: (act: string, token: any) => void}} props */
function Details({ id, areas, roles, onAct }) {
  const { value: token, error, reload } = useLoad((signal) => get(orgPath(`/tokens/${id}`), { query: { details: true }, signal }), [id]);
  const usage = useLoad((signal) => get(orgPath(`/tokens/${id}/usage`), { signal }), [id]);
  const role = roles.find((r) => r.id === token?.role_id);
  const close = () => go(HERE);
  return (
    <Panel title={token?.label ?? "Token"} onClose={close}
      footer={token && (
        <>
          {can("tokens:update") && <Button icon="edit" onClick={() => onAct("edit", token)}>Edit</Button>}
          {can("tokens:update") && token.state !== "expired" && <Button icon="rotate" onClick={() => onAct("rotate", token)}>Rotate</Button>}
          {can("tokens:delete") && <Button kind="danger" icon="trash" onClick={() => onAct("delete", token)}>Delete</Button>}
        </>
      )}>
      <ErrorBox error={error} retry={reload} />
      {!token && !error && <Skeleton lines={8} />}
      {token && (
        <div class="stack">
          {token.description && <p>{token.description}</p>}
          <Facts items={[
            ["State", <State state={token.state} />], ["Kind", kindName(token.kind)], ["Role", token.role_name ?? "a role that is gone"],
            ["Where", <Teams token={token} />], ["Created", <Time at={token.created_at} />], ["Created by", token.created_by_name ?? "somebody who is gone"],
            ["Expires", <Time at={token.expires_at} />], ["Last used", <Time at={token.last_used_at} />],
            usage.value && ["Used", `at least ${counted(usage.value.count, "time")}`],
            ["Id", <span class="with-copy"><code>{token.id}</code><CopyButton text={token.id} name="id" /></span>],
          ]} />
          {usage.value?.places.length > 0 && (
            <section class="stack">
              <h3>From where</h3>
              <ul class="plain-list">
                {usage.value.places.map((/** @type {any} */ p) => <li key={p.address}><code>{p.address}</code><span class="hint">last <Time at={p.last_used_at} /></span></li>)}
              </ul>
            </section>
          )}
          {role && areas && (
            <section class="stack"><h3>What it may do</h3><Areas areas={areas} held={new Set(role.scopes)} only /></section>
          )}
        </div>
      )}
    </Panel>
  );
}

/** @param {{query: URLSearchParams}} props */
const NoTokens = ({ query }) => {
  const filtered = ["search", "kind", "role", "state", "team", "created_by"].some((name) => query.get(name));
  return filtered
    ? <Empty icon="search" title="No token fits" action={<Button onClick={() => go(HERE)}>Show all</Button>}>Try fewer filters, or another word.</Empty>
    : (
      <Empty icon="key" title="No tokens yet" action={can("tokens:create") && <Button kind="primary" icon="plus" onClick={() => go(HERE + "/new")}>Create token</Button>}>
        Create one for your first pipeline. It belongs to the organization, not to you.
      </Empty>
    );
};

/** @param {import("../../pages.js").PageProps} props */
export default function Tokens({ rest, query }) {
  const sort = { by: query.get("sort") ?? "created", order: /** @type {"asc" | "desc"} */ (query.get("order") ?? "desc") };
  const one = (/** @type {string} */ name) => query.get(name) ?? "";
  const list = useList(orgPath("/tokens"), {
    query: {
      details: true, sort: sort.by, order: sort.order, search: one("search"), kind: one("kind"), role: one("role"), team: one("team"),
      created_by: one("created_by"), state: one("state"), show_expired: !one("state"),
    },
  });
  const known = useLoad(loadRoles, []);
  const [selected, setSelected] = useState(/** @type {Set<string>} */ (new Set()));
  const [act, setAct] = useState(/** @type {{what: string, token?: any} | null} */ (null));
  const close = () => setAct(null);
  const done = () => { close(); setSelected(new Set()); list.reload(); go(HERE, { query: Object.fromEntries(query), replace: true }); };
  const begin = (/** @type {string} */ what, /** @type {any} */ token) => setAct({ what, token });
  const chosen = list.rows.filter((row) => selected.has(row.id));
  const actions = (/** @type {any} */ row) => [
    can("tokens:update") && { label: "Edit", icon: /** @type {const} */ ("edit"), onSelect: () => begin("edit", row) },
    can("tokens:update") && row.state !== "expired" && { label: "Rotate", icon: /** @type {const} */ ("rotate"), onSelect: () => begin("rotate", row) },
    can("tokens:delete") && { label: "Delete", icon: /** @type {const} */ ("trash"), danger: true, onSelect: () => begin("delete", row) },
  ];
  return (
    <Page title="Integration tokens" lead="For pipelines, plugins and programs. They belong to the organization, and outlive whoever made them."
      actions={can("tokens:create") && <Button kind="primary" icon="plus" onClick={() => go(HERE + "/new")}>Create token</Button>}>
      <Filters query={query} roles={known.value?.roles ?? []} />
      {chosen.length > 0 && (
        <div class="bulk" role="status">
          <span>{chosen.length} selected</span>
          <Button small icon="trash" kind="danger" onClick={() => begin("delete-all", null)}>Delete</Button>
          <Button small onClick={() => setSelected(new Set())}>Clear</Button>
        </div>
      )}
      <Table label="Integration tokens" list={list} sort={sort} onSort={(s) => setQuery({ sort: s.by, order: s.order })}
        selected={selected} onSelect={can("tokens:delete") ? setSelected : undefined} rowName={(row) => row.label}
        onRow={(row) => go(`${HERE}/${row.id}`, { query: Object.fromEntries(query) })}
        columns={[
          { key: "label", title: "Label", sort: "label", first: "asc", main: true, cell: (row) => <a href={href(`${HERE}/${row.id}`, Object.fromEntries(query))}>{row.label}</a> },
          { key: "state", title: "State", cell: (row) => <State state={row.state} /> },
          { key: "kind", title: "Kind", cell: (row) => <Badge>{kindName(row.kind)}</Badge> },
          { key: "role", title: "Role", cell: (row) => row.role_name ?? <span class="hint">gone</span> },
          { key: "teams", title: "Teams", cell: (row) => <Teams token={row} /> },
          { key: "by", title: "Created by", cell: (row) => row.created_by_name ?? <span class="hint">gone</span> },
          { key: "created", title: "Created", sort: "created", first: "desc", cell: (row) => <Time at={row.created_at} /> },
          { key: "used", title: "Last used", sort: "last_used", first: "desc", cell: (row) => <Time at={row.last_used_at} /> },
          { key: "expires", title: "Expires", sort: "expires", first: "asc", cell: (row) => <Time at={row.expires_at} /> },
          { key: "more", title: "Actions", hideTitle: true, bare: true, cell: (row) => <Menu label={`Actions on ${row.label}`} items={actions(row)} small /> },
        ]}
        empty={<NoTokens query={query} />} />
      <Pagination list={list} noun="tokens" />
      {rest[0] === "new" && can("tokens:create") && <CreateToken onClose={() => go(HERE)} onMade={(token) => { done(); begin("made", token); }} />}
      {rest[0] && rest[0] !== "new" && !act && <Details id={rest[0]} areas={known.value?.areas} roles={known.value?.roles ?? []} onAct={begin} />}
      {act?.what === "made" && <TokenValue title="Your token is ready" token={act.token} onClose={close} />}
      {act?.what === "rotated" && <TokenValue title="The new value" token={act.token} onClose={close} />}
      {act?.what === "edit" && <EditToken token={act.token} onClose={close} onDone={done} />}
      {act?.what === "rotate" && <RotateToken token={act.token} onClose={close} onMade={(token) => { done(); begin("rotated", token); }} />}
      {act?.what === "delete" && <DeleteToken token={act.token} onClose={close} onDone={done} />}
      {act?.what === "delete-all" && <DeleteTokens tokens={chosen} onClose={close} onDone={done} />}
    </Page>
  );
}
