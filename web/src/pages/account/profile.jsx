// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { get, patch } from "../../api.js";
import { useAction, useLoad } from "../../list.js";
import { can, loadSession, useSession } from "../../session.js";
import { href } from "../../route.js";
import { Badge, Button, Card, Dialog, ErrorBox, Facts, Form, Page, Skeleton, TextField, toast } from "../../ui/index.js";

/** @param {{name: string, onClose: () => void}} props */
function Rename({ name: before, onClose }) {
  const [name, setName] = useState(before);
  const { run, busy, error } = useAction(async () => {
    await patch("/user", { name: name.trim() });
    await loadSession();
    toast("Name changed");
    onClose();
  });
  const footer = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button kind="primary" type="submit" form="rename" busy={busy} disabled={!name.trim() || name.trim() === before}>Save</Button>
    </>
  );
  return (
    <Dialog title="Change your name" onClose={onClose} busy={busy} footer={footer}>
      <Form id="rename" onSubmit={run}>
        <TextField label="Name" autocomplete="name" value={name} onValue={setName} maxLength={128} error={error?.fields.name} autofocus
          hint="As your colleagues see you, in lists and in the audit log." />
        {error && !error.fields.name && <ErrorBox error={error} />}
      </Form>
    </Dialog>
  );
}

function Teams() {
  const { value, error, reload } = useLoad((signal) => get("/user/teams", { signal }), []);
  if (error) return <ErrorBox error={error} retry={reload} />;
  if (!value) return <Skeleton lines={2} />;
  if (!value.length) return <p class="hint">You are in no team. Admins put people into teams; your role in the organization holds without one.</p>;
  return (
    <ul class="plain-list">
      {value.map((/** @type {any} */ t) => (
        <li key={t.team_id}>
          {can("teams:read") ? <a href={href(`/organization/teams/${t.team_id}`)}>{t.team_name}</a> : <span>{t.team_name}</span>}
          <Badge>{t.role_name}</Badge>
        </li>
      ))}
    </ul>
  );
}

export default function Profile() {
  const { user, org } = useSession();
  const [renaming, setRenaming] = useState(false);
  return (
    <Page title="Profile" narrow lead="Who you are here, and what your role lets you do.">
      <Card title="You" actions={<Button small icon="edit" onClick={() => setRenaming(true)}>Change name</Button>}>
        <Facts items={[
          ["Name", user.name || <span class="none">none yet</span>],
          ["E-mail", user.email],
          ["Organization", org.name],
          ["Role", <>{user.role_name} {user.owner && <Badge tone="brass">Owner</Badge>}</>],
        ]} />
      </Card>
      <Card title="Teams" lead="In a team you also hold, on the team and its apps, what your role there holds.">
        <Teams />
      </Card>
      {renaming && <Rename name={user.name} onClose={() => setRenaming(false)} />}
    </Page>
  );
}
