// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { del, get, patch, post } from "../../api.js";
import { counted } from "../../areas.js";
import { useAction, useLoad } from "../../list.js";
import { orgPath } from "../../session.js";
import { Button, Checkbox, DangerDialog, Dialog, ErrorBox, Form, Notice, Progress, Select, Skeleton, TextArea, TextField, Time, toast } from "../../ui/index.js";

const WEEK_MS = 7 * 86400 * 1000;
const OVERLAPS = [
  { value: "0", label: "None: the old value ends at once" }, { value: "3600", label: "1 hour" }, { value: "86400", label: "1 day" },
  { value: "604800", label: "7 days" },
];

/** @param {{at?: string}} token */
const usedLately = (token) => Boolean(token.at) && Date.now() - new Date(/** @type {string} */ (token.at)).getTime() < WEEK_MS;

/** What would break. @param {{token: any}} props */
function Breaks({ token }) {
  const { value, error } = useLoad((signal) => get(orgPath(`/tokens/${token.id}/usage`), { signal }), [token.id]);
  if (error) return <ErrorBox error={error} />;
  if (!value) return <Skeleton lines={3} />;
  if (!value.last_used_at) return <p>It was never used, as far as Jeton knows: nothing should break.</p>;
  const month = value.days.reduce((/** @type {number} */ sum, /** @type {any} */ d) => sum + d.uses, 0);
  return (
    <Notice kind="warning" title={<>It was last used <Time at={value.last_used_at} />.</>}>
      <p>{counted(month, "use")} in the last 30 days. Whatever used it is refused from now on.</p>
      {value.places.length > 0 && (
        <ul class="plain-list">
          {value.places.map((/** @type {any} */ p) => <li key={p.address}><code>{p.address}</code><span class="hint">last <Time at={p.last_used_at} /></span></li>)}
        </ul>
      )}
    </Notice>
  );
}

/** @param {{token: any, onClose: () => void, onDone: () => void}} props */
export function DeleteToken({ token, onClose, onDone }) {
  const [cascade, setCascade] = useState(false);
  const lately = usedLately({ at: token.last_used_at });
  return (
    <DangerDialog title={`Delete ${token.label}?`} confirm="Delete token" onClose={onClose}
      typed={lately ? token.label : undefined} typedLabel="It is in use: type its label to go on"
      onConfirm={async () => {
        await del(orgPath(`/tokens/${token.id}${cascade ? "?cascade=true" : ""}`));
        toast(`${token.label} was deleted. It is refused from now on.`);
        onDone();
      }}>
      <p>The token is refused at once, everywhere. It cannot be brought back.</p>
      <Breaks token={token} />
      {token.kind === "service" && (
        <Checkbox label="Delete the CI tokens that it issued, too" checked={cascade} onValue={setCascade} />
      )}
    </DangerDialog>
  );
}

/** @param {{tokens: any[], onClose: () => void, onDone: () => void}} props */
export function DeleteTokens({ tokens, onClose, onDone }) {
  const [done, setDone] = useState(0);
  const lately = tokens.filter((t) => usedLately({ at: t.last_used_at }));
  const count = counted(tokens.length, "token");
  return (
    <DangerDialog title={`Delete ${count}?`} confirm={`Delete ${count}`} onClose={onClose}
      typed={lately.length ? String(tokens.length) : undefined} typedLabel="Some are in use: type how many you delete"
      onConfirm={async () => {
        for (const [n, token] of tokens.entries()) {
          await del(orgPath(`/tokens/${token.id}`)).catch((/** @type {any} */ why) => { if (why.status !== 404) throw why; });
          setDone(n + 1);
        }
        toast(`${count} deleted. They are refused from now on.`);
        onDone();
      }}>
      <p>Each is refused at once, everywhere. They cannot be brought back.</p>
      {lately.length > 0 && (
        <Notice kind="warning" title={`${counted(lately.length, "of them was", "of them were")} used in the last week:`}>
          <ul class="plain-list">{lately.map((t) => <li key={t.id}>{t.label}<span class="hint"><Time at={t.last_used_at} /></span></li>)}</ul>
        </Notice>
      )}
      {done > 0 && <Progress label={`${done} of ${count}`} value={done} max={tokens.length} />}
    </DangerDialog>
  );
}

/** @param {{token: any, onClose: () => void, onMade: (token: any) => void}} props */
export function RotateToken({ token, onClose, onMade }) {
  const [overlap, setOverlap] = useState("86400");
  const { run, busy, error } = useAction(async () =>
    onMade(await post(orgPath(`/tokens/${token.id}/rotate`), { overlap_seconds: Number(overlap) })));
  return (
    <Dialog title={`Rotate ${token.label}`} onClose={onClose} busy={busy}
      footer={(
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="rotate-token" busy={busy}>Rotate</Button>
        </>
      )}>
      <Form id="rotate-token" onSubmit={run}>
        <p>You get a new value. Label, role and teams stay, and the lifetime begins anew.</p>
        <Select label="The old value goes on for" value={overlap} onValue={setOverlap} options={OVERLAPS}
          hint="Time to put the new value where the old one is; never longer than the old one would have lived. An older value still in its overlap ends now." />
        <ErrorBox error={error} />
      </Form>
    </Dialog>
  );
}

/** @param {{token: any, onClose: () => void, onDone: () => void}} props */
export function EditToken({ token, onClose, onDone }) {
  const [label, setLabel] = useState(token.label);
  const [description, setDescription] = useState(token.description);
  const { run, busy, error } = useAction(async () => {
    await patch(orgPath(`/tokens/${token.id}`), { label: label.trim(), description });
    toast("Saved");
    onDone();
  });
  return (
    <Dialog title={`Edit ${token.label}`} onClose={onClose} busy={busy}
      footer={(
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="edit-token" busy={busy} disabled={!label.trim()}>Save</Button>
        </>
      )}>
      <Form id="edit-token" onSubmit={run}>
        <TextField label="Label" value={label} onValue={setLabel} required maxLength={128} error={error?.fields.label} />
        <TextArea label="Description" value={description} onValue={setDescription} optional rows={3} maxLength={1024} error={error?.fields.description} />
        {error && !Object.keys(error.fields).length && <ErrorBox error={error} />}
      </Form>
    </Dialog>
  );
}
