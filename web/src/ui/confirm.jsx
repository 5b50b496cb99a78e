// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { hooks, post } from "../api.js";
import { useAction } from "../list.js";
import { session } from "../session.js";
import { Store, useStore } from "../store.js";
import { Button } from "./button.jsx";
import { Dialog } from "./dialog.jsx";
import { ErrorBox } from "./error.jsx";
import { Form, PasswordField, TextField } from "./field.jsx";

/** The question that is open. @type {Store<{answer: (yes: boolean) => void, promise: Promise<boolean>} | null>} */
const open = new Store(/** @type {any} */ (null));

/** Asks for the password again; several who ask at once share one question. Resolves to whether it was given. */
export function confirmPassword() {
  if (open.value) return open.value.promise;
  /** @type {(yes: boolean) => void} */
  let answer = () => {};
  const promise = /** @type {Promise<boolean>} */ (new Promise((resolve) => { answer = resolve; }));
  open.set({
    promise,
    answer: (yes) => { open.set(null); answer(yes); },
  });
  return promise;
}
hooks.confirm = confirmPassword;

/** @param {{onAnswer: (yes: boolean) => void}} props */
function ConfirmPassword({ onAnswer }) {
  const [password, setPassword] = useState("");
  const [otp, setOtp] = useState("");
  const now = session.value;
  const who = now.state === "in" ? now.session : null;
  const factor = Boolean(who?.second_factor.enrolled);
  const { run, busy, error } = useAction(async () => {
    await post("/session/confirm", factor && otp ? { password, otp: otp.trim() } : { password });
    onAnswer(true);
  });
  const wrong = error?.code === "BAD_CREDENTIALS";
  const footer = (
    <>
      <Button onClick={() => onAnswer(false)}>Cancel</Button>
      <Button kind="primary" type="submit" form="confirm-password" busy={busy} disabled={!password || (factor && !otp)}>Confirm</Button>
    </>
  );
  return (
    <Dialog title="Confirm that it is you" onClose={() => onAnswer(false)} busy={busy} footer={footer}>
      <Form id="confirm-password" onSubmit={run}>
        <p>This shows or ends something secret. For five minutes you will not be asked again.</p>
        <input class="sr-only" type="email" name="username" autocomplete="username" value={who?.user.email} readOnly tabIndex={-1} aria-hidden="true" />
        <PasswordField label="Your password" name="password" autocomplete="current-password" value={password} onValue={setPassword}
          error={wrong ? (factor ? "The password or the code is not right." : "That is not your password.") : undefined} />
        {factor && (
          <TextField label="One-time code" hint="From your authenticator app, or a recovery code." autocomplete="one-time-code"
            inputMode="text" value={otp} onValue={setOtp} maxLength={32} />
        )}
        {!wrong && <ErrorBox error={error} />}
      </Form>
    </Dialog>
  );
}

/** Where the question shows, once in the app. */
export function ConfirmHost() {
  const question = useStore(open);
  return question && <ConfirmPassword onAnswer={question.answer} />;
}
