// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "preact/hooks";
import { useAction } from "../list.js";
import { signIn } from "../session.js";
import { Button, ErrorBox, Form, Notice, PasswordField, TextField, useCountdown } from "../ui/index.js";
import { Outside } from "../outside.jsx";

const ORG_KEY = "jeton.org";

/** The organization of the last sign-in on this device; "" if there was none, or storage is closed. */
function lastOrg() {
  try {
    return localStorage.getItem(ORG_KEY) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} org */
function keepOrg(org) {
  try {
    if (org) localStorage.setItem(ORG_KEY, org);
  } catch {
    // It is asked for the next time too.
  }
}

/** @param {import("../api.js").ApiError | null} error @param {"password" | "otp" | "recovery"} step */
function wrongWords(error, step) {
  if (error?.code !== "BAD_CREDENTIALS") return undefined;
  if (step === "otp") return "That code is not right. Codes change every 30 seconds: use the one shown now.";
  if (step === "recovery") return "That recovery code is not right, or was used before.";
  return "The e-mail address or the password is not right.";
}

/**
 * E-mail and password, then the second factor where there is one; the organization only where the server has several.
 * @param {{ended: boolean}} props `ended`: there was a session, and it is over
 */
export function SignIn({ ended }) {
  const [org, setOrg] = useState(lastOrg);
  const [askOrg, setAskOrg] = useState(Boolean(org));
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [otp, setOtp] = useState("");
  const [step, setStep] = useState(/** @type {"password" | "otp" | "recovery"} */ ("password"));
  const { run, busy, error, clear } = useAction(async () => {
    try {
      const proof = { org: askOrg && org.trim() ? org.trim() : undefined, email: email.trim(), password };
      await signIn(step === "password" ? proof : { ...proof, otp: otp.trim() });
      keepOrg(org.trim());
    } catch (why) {
      const refused = /** @type {import("../api.js").ApiError} */ (why);
      if (refused.fields.org && !askOrg) setAskOrg(true);
      else if (refused.code === "OTP_REQUIRED") setStep("otp");
      else {
        setOtp("");
        throw why;
      }
    }
  });
  const left = useCountdown(error?.wait ?? 0);
  useEffect(() => {
    document.title = "Sign in · Jeton";
  }, []);
  const wrong = wrongWords(error, step);
  const other = error && !wrong && !Object.keys(error.fields).length ? error : null;
  /** @param {"password" | "otp" | "recovery"} to */
  const turn = (to) => { setStep(to); setOtp(""); clear(); };

  return (
    <Outside title={step === "password" ? "Sign in" : "Second factor"} step={`${step} ${askOrg}`}>
      {ended && step === "password" && !error && <Notice live>Your session has ended. Sign in to go on where you were.</Notice>}
      <Form onSubmit={() => !left && run()} key={step}>
        {step === "password" ? (
          <>
            {askOrg && (
              <TextField label="Organization" name="organization" autocomplete="organization" value={org} onValue={setOrg} required
                hint="Its short name. This server has several." error={error?.fields.org} autofocus={!org} />
            )}
            <TextField label="E-mail" type="email" name="username" autocomplete="username" inputMode="email" autocapitalize="none" spellcheck={false}
              value={email} onValue={setEmail} required autofocus error={error?.fields.email} />
            <PasswordField label="Password" name="password" autocomplete="current-password" value={password} onValue={setPassword} required
              error={wrong ?? error?.fields.password} />
          </>
        ) : step === "otp" ? (
          <TextField key="otp" label="One-time code" name="otp" autocomplete="one-time-code" inputMode="numeric" pattern="[0-9]*" maxLength={6}
            hint="The six digits that your authenticator app shows now." value={otp} onValue={setOtp} autofocus required error={wrong ?? error?.fields.otp}
            class="code" />
        ) : (
          <TextField key="recovery" label="Recovery code" name="recovery" autocomplete="off" spellcheck={false} autocapitalize="none" maxLength={32}
            hint="One of the ten that you kept: xxxx-xxxx-xxxx-xxxx. Each works once." value={otp} onValue={setOtp} autofocus required
            error={wrong ?? error?.fields.otp} />
        )}
        <ErrorBox error={other} />
        <Button type="submit" kind="primary" busy={busy} disabled={left > 0}>
          {left > 0 ? `Wait ${left} s` : step === "password" ? "Sign in" : "Go on"}
        </Button>
      </Form>
      {step !== "password" && (
        <p class="outside-foot">
          <Button kind="quiet" small onClick={() => turn(step === "otp" ? "recovery" : "otp")}>
            {step === "otp" ? "Use a recovery code" : "Use a one-time code"}
          </Button>
          <Button kind="quiet" small onClick={() => turn("password")}>Start again</Button>
        </p>
      )}
      {step === "password" && <p class="outside-foot hint">Forgotten your password? An admin of your organization can send you a link to set a new one.</p>}
    </Outside>
  );
}
