// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { post } from "../api.js";
import { forgetLink } from "../link.js";
import { useAction } from "../list.js";
import { Outside } from "../outside.jsx";
import { NewPassword, passwordWrong } from "../ui/new-password.jsx";
import { Button, ErrorBox, Form, Notice, TextField, toast } from "../ui/index.js";

const WORDS = {
  invitation: { title: "Welcome", lead: "You were invited to Jeton. Choose a password, and your account is ready.", button: "Create account" },
  setup: { title: "Set up your account", lead: "Choose a password that only you know, and your account is ready.", button: "Set password" },
  reset: { title: "Set a new password", lead: "You will be signed out everywhere else. A second factor stays as it is.", button: "Set password" },
};

/** @param {import("../api.js").ApiError | null} error */
const isSpent = (error) => error !== null && [401, 404, 410].includes(error.status);

/**
 * Where an invitation, a set-up or a reset link leads: spends it for a password.
 * @param {{link: import("../link.js").Link, onDone: () => void}} props
 */
export function LinkPage({ link, onDone }) {
  const words = WORDS[link.purpose];
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const done = () => { forgetLink(); onDone(); };
  const { run, busy, error } = useAction(async () => {
    await post("/invitations/accept", { token: link.secret, password, name: name.trim() || undefined });
    toast("Your password is set. Sign in with it.");
    done();
  });
  if (!link.secret || isSpent(error)) {
    return (
      <Outside title="This link does not work">
        <Notice kind="warning" title="It was used before, has expired, or was replaced by a newer one.">
          <p>{link.purpose === "reset" ? "Ask an admin of your organization for a new one." : "Look for a newer one in your mail, or ask whoever invited you."}</p>
        </Notice>
        <Button kind="primary" onClick={done}>Go to sign-in</Button>
      </Outside>
    );
  }
  const submit = () => {
    setTried(true);
    if (!passwordWrong(password)) run();
  };
  return (
    <Outside title={words.title} lead={words.lead}>
      <Form onSubmit={submit}>
        {link.purpose !== "reset" && (
          <TextField label="Your name" name="name" autocomplete="name" value={name} onValue={setName} maxLength={128} error={error?.fields.name}
            hint="As your colleagues know you. Left empty, it stays as whoever added you wrote it." optional />
        )}
        <NewPassword value={password} onValue={setPassword} tried={tried} error={error?.fields.password} />
        {error && !Object.keys(error.fields).length && <ErrorBox error={error} />}
        <Button type="submit" kind="primary" busy={busy}>{words.button}</Button>
      </Form>
    </Outside>
  );
}
