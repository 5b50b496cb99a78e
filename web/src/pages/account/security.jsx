// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { deviceOf } from "../../agent.js";
import { del, get, put } from "../../api.js";
import { useAction, useLoad } from "../../list.js";
import { loadSession, signOut, useSession } from "../../session.js";
import { NewPassword, passwordWrong } from "../../ui/new-password.jsx";
import { Badge, Button, Card, DangerDialog, Dialog, ErrorBox, Form, Icon, Page, PasswordField, Skeleton, TextField, Time, toast } from "../../ui/index.js";
import { SecondFactor } from "./factor.jsx";

/** @param {{onClose: () => void}} props */
function ChangePassword({ onClose }) {
  const { second_factor: factor, user } = useSession();
  const [before, setBefore] = useState("");
  const [password, setPassword] = useState("");
  const [otp, setOtp] = useState("");
  const [tried, setTried] = useState(false);
  const { run, busy, error } = useAction(async () => {
    const done = await put("/user/password", { password: before, new_password: password, otp: factor.enrolled ? otp.trim() : undefined });
    await loadSession();
    toast(done.token_replaced ? "Password changed. Your personal token was replaced too." : "Password changed");
    onClose();
  });
  const wrong = error?.code === "BAD_CREDENTIALS";
  const submit = () => {
    setTried(true);
    if (before && !passwordWrong(password)) run();
  };
  const footer = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button kind="primary" type="submit" form="change-password" busy={busy}>Change password</Button>
    </>
  );
  return (
    <Dialog title="Change your password" onClose={onClose} busy={busy} footer={footer}>
      <Form id="change-password" onSubmit={submit}>
        <p>You stay signed in here. All your other sessions end.</p>
        <input class="sr-only" type="email" name="username" autocomplete="username" value={user.email} readOnly tabIndex={-1} aria-hidden="true" />
        <PasswordField label="Present password" name="password" autocomplete="current-password" value={before} onValue={setBefore}
          error={wrong ? (factor.enrolled ? "The password or the code is not right." : "That is not your password.") : tried && !before ? "Needed." : undefined} />
        {factor.enrolled && (
          <TextField label="One-time code" autocomplete="one-time-code" value={otp} onValue={setOtp} maxLength={32}
            hint="From your authenticator app, or a recovery code." />
        )}
        <NewPassword value={password} onValue={setPassword} tried={tried} error={error?.fields.new_password} />
        {error && !wrong && !error.fields.new_password && <ErrorBox error={error} />}
      </Form>
    </Dialog>
  );
}

/** @param {{row: any, onEnd: (row: any) => void}} props */
const Session = ({ row, onEnd }) => (
  <li class="session">
    <Icon name="device" size={22} />
    <div>
      <p><strong title={row.user_agent}>{deviceOf(row.user_agent)}</strong> {row.current && <Badge tone="accent">This one</Badge>}</p>
      <p class="hint">{row.address} · signed in <Time at={row.created_at} /> · seen <Time at={row.last_seen_at} /></p>
    </div>
    {!row.current && <Button small onClick={() => onEnd(row)} aria-label={`End the session of ${deviceOf(row.user_agent)}, ${row.address}`}>End</Button>}
  </li>
);

function Sessions() {
  const { value, error, reload, set } = useLoad((signal) => get("/sessions", { signal }), []);
  const [everywhere, setEverywhere] = useState(false);
  const end = useAction(async (/** @type {any} */ row) => {
    await del(`/sessions/${row.id}`);
    set(value.filter((/** @type {any} */ s) => s.id !== row.id));
    toast("Session ended");
  });
  const others = useAction(async () => {
    const { ended } = await del("/sessions", undefined, { query: { others: true } });
    set(value.filter((/** @type {any} */ s) => s.current));
    toast(`${ended} session${ended === 1 ? "" : "s"} ended`);
  });
  return (
    <Card title="Sessions" lead="Where you are signed in. A session ends by itself after a week, or when it is left alone for twelve hours.">
      <ErrorBox error={error} retry={reload} />
      <ErrorBox error={end.error ?? others.error} />
      {!value && !error && <Skeleton lines={4} />}
      {value && (
        <>
          <ul class="sessions">{value.map((/** @type {any} */ row) => <Session key={row.id} row={row} onEnd={end.run} />)}</ul>
          <div class="form-actions">
            <Button disabled={value.length < 2} busy={others.busy} onClick={() => others.run()}>End all others</Button>
            <Button icon="out" onClick={() => setEverywhere(true)}>Sign out everywhere</Button>
          </div>
        </>
      )}
      {everywhere && (
        <DangerDialog title="Sign out everywhere?" confirm="Sign out" onClose={() => setEverywhere(false)} onConfirm={() => signOut(true)}>
          <p>All your sessions end, this one too. Your tokens go on working.</p>
        </DangerDialog>
      )}
    </Card>
  );
}

export default function Security() {
  const { restricted } = useSession();
  const [changing, setChanging] = useState(false);
  return (
    <Page title="Security" narrow lead={restricted ? undefined : "How you sign in, and where you are signed in now."}>
      <SecondFactor />
      {!restricted && (
        <>
          <Card title="Password" lead="Changing it ends your sessions everywhere else."
            actions={<Button onClick={() => setChanging(true)}>Change password</Button>} />
          <Sessions />
        </>
      )}
      {changing && <ChangePassword onClose={() => setChanging(false)} />}
    </Page>
  );
}
