// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "preact/hooks";
import { del, post, put } from "../../api.js";
import { useAction } from "../../list.js";
import { loadSession, useSession } from "../../session.js";
import { Badge, Button, Card, Checkbox, CopyButton, DangerDialog, Dialog, download, ErrorBox, Form, Notice, Skeleton, TextField, toast } from "../../ui/index.js";
import { QrCode } from "../../ui/qr.jsx";

const FEW_CODES = 3;

/**
 * The recovery codes, this once.
 * @param {{codes: string[], onDone: () => void}} props
 */
function Codes({ codes, onDone }) {
  const { user, org } = useSession();
  const [kept, setKept] = useState(false);
  const text = codes.join("\n") + "\n";
  const file = `Recovery codes of ${user.email} for Jeton (${org.name}). Each works once, in place of a one-time code.\n\n${text}`;
  return (
    <Dialog title="Keep your recovery codes"
      footer={<Button kind="primary" disabled={!kept} onClick={onDone}>Done</Button>}>
      <p>With one of these you get in when your phone is gone. Each works once. <strong>They are shown this once</strong>: put them where your
        passwords are.</p>
      <ol class="codes">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ol>
      <div class="form-actions">
        <CopyButton text={text} label="Copy all" name="recovery codes" />
        <Button small icon="download" onClick={() => download("jeton-recovery-codes.txt", file)}>Download</Button>
      </div>
      <Checkbox label="I have kept them in a safe place" checked={kept} onValue={setKept} />
    </Dialog>
  );
}

/**
 * From the QR code to the first one-time code.
 * @param {{onClose: () => void, onCodes: (codes: string[]) => void}} props
 */
function SetUp({ onClose, onCodes }) {
  const [made, setMade] = useState(/** @type {{secret: string, url: string} | null} */ (null));
  const [otp, setOtp] = useState("");
  const begin = useAction(async () => setMade(await post("/user/second_factor")));
  const enable = useAction(async () => {
    const { recovery_codes: codes } = await put("/user/second_factor", { otp: otp.trim() });
    onCodes(codes);
  });
  useEffect(() => void begin.run(), []);
  const wrong = enable.error && ["BAD_CREDENTIALS", "VALIDATION_FAILED"].includes(enable.error.code);
  const spaced = made?.secret.replace(/(.{4})(?=.)/g, "$1 ");
  const footer = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button kind="primary" type="submit" form="second-factor" busy={enable.busy} disabled={!made || otp.trim().length !== 6}>Turn on</Button>
    </>
  );
  return (
    <Dialog title="Set up a second factor" onClose={onClose} busy={enable.busy} footer={footer}>
      <ErrorBox error={begin.error} retry={() => begin.run()} />
      {!made && !begin.error && (begin.busy ? <Skeleton lines={6} /> : (
        <Notice kind="warning" title="Your password was not confirmed.">
          <Button small onClick={() => begin.run()}>Confirm it</Button>
        </Notice>
      ))}
      {made && (
        <Form id="second-factor" onSubmit={enable.run}>
          <ol class="steps">
            <li>
              <p>Scan this with an authenticator app, such as Aegis, 1Password, Google Authenticator or Bitwarden.</p>
              <div class="qr-row">
                <QrCode text={made.url} label="QR code for an authenticator app; the text beside it says the same" />
                <div>
                  <p class="hint">Or type this in:</p>
                  <code class="totp-secret">{spaced}</code>
                  <CopyButton text={made.secret} name="the secret" />
                </div>
              </div>
            </li>
            <li>
              <TextField label="Type the six digits that the app shows" autocomplete="one-time-code" inputMode="numeric" pattern="[0-9]*" maxLength={6}
                class="code" value={otp} onValue={setOtp} autofocus
                error={wrong ? "That code is not right. Take the one shown now, and see that your phone's clock is right." : undefined} />
            </li>
          </ol>
          {!wrong && <ErrorBox error={enable.error} />}
        </Form>
      )}
    </Dialog>
  );
}

/** The second factor: on or off, and its recovery codes. */
export function SecondFactor() {
  const { second_factor: factor, restricted } = useSession();
  const [open, setOpen] = useState(/** @type {"" | "set up" | "off" | "renew"} */ (""));
  const [codes, setCodes] = useState(/** @type {string[] | null} */ (null));
  const close = () => setOpen("");
  const show = (/** @type {string[]} */ fresh) => { close(); setCodes(fresh); };
  const left = factor.recovery_codes_left ?? 0;
  return (
    <Card title={<>Second factor {factor.enrolled ? <Badge tone="ok">On</Badge> : <Badge tone="warning">Off</Badge>}</>}
      lead="A code from your phone beside your password: a stolen password alone then opens nothing."
      actions={!factor.enrolled && <Button kind="primary" icon="shield" onClick={() => setOpen("set up")}>Set up</Button>}>
      {restricted && (
        <Notice kind="warning" title="Your organization requires a second factor.">
          <p>Set one up, and the rest of Jeton opens. It takes a minute and an authenticator app.</p>
        </Notice>
      )}
      {factor.enrolled && (
        <>
          {left <= FEW_CODES && (
            <Notice kind="warning" title={left ? `Only ${left} recovery code${left === 1 ? " is" : "s are"} left.` : "No recovery codes are left."}>
              <p>Make new ones before you need them.</p>
            </Notice>
          )}
          <p>{left} of 10 recovery codes left.</p>
          <div class="form-actions">
            <Button icon="rotate" onClick={() => setOpen("renew")}>New recovery codes</Button>
            <Button onClick={() => setOpen("off")} disabled={factor.required}>Turn off</Button>
            {factor.required && <span class="hint">Your organization requires it.</span>}
          </div>
        </>
      )}
      {open === "set up" && <SetUp onClose={close} onCodes={show} />}
      {open === "off" && (
        <DangerDialog title="Turn the second factor off?" confirm="Turn off" onClose={close}
          onConfirm={async () => {
            await del("/user/second_factor");
            await loadSession();
            toast("Second factor turned off");
          }}>
          <p>Your password alone will then open your account. Your recovery codes stop working, and the entry in your authenticator app is of no
            more use.</p>
        </DangerDialog>
      )}
      {open === "renew" && (
        <DangerDialog title="Make new recovery codes?" confirm="Make new codes" mild onClose={close}
          onConfirm={async () => show((await post("/user/second_factor/recovery_codes")).recovery_codes)}>
          <p>The ones that you have stop working at once.</p>
        </DangerDialog>
      )}
      {codes && <Codes codes={codes} onDone={() => { setCodes(null); loadSession(); }} />}
    </Card>
  );
}
