// SPDX-License-Identifier: Apache-2.0
import { PasswordField } from "./field.jsx";
import { classes } from "./id.js";

/** The server's own limits. */
export const PASSWORD_MIN = 12;
const PASSWORD_MAX = 1024;
const LONG = 20;

/** What keeps it from being taken, or "". @param {string} password */
export function passwordWrong(password) {
  const length = [...password].length;
  if (length < PASSWORD_MIN) return `At least ${PASSWORD_MIN} characters${length ? `: ${PASSWORD_MIN - length} more` : ""}.`;
  return length > PASSWORD_MAX ? `At most ${PASSWORD_MAX} characters.` : "";
}

/** 0 to 3, by length and by how many different characters there are: a hint, no proof. @param {string} password */
function strength(password) {
  const length = [...password].length;
  if (length < PASSWORD_MIN) return 0;
  const kinds = new Set(password).size;
  return kinds < 6 ? 1 : length >= LONG && kinds >= 9 ? 3 : 2;
}

const WORDS = ["Too short", "Easy to guess", "Good", "Strong"];

/**
 * A password to be: shown on wish rather than typed twice, with a hint on how good it is.
 * @param {{value: string, onValue: (value: string) => void, tried: boolean, error?: string, label?: string}} props
 * `tried`: somebody wanted to go on with it
 */
export function NewPassword({ value, onValue, tried, error, label = "New password" }) {
  const wrong = error ?? (tried ? passwordWrong(value) : "");
  const now = strength(value);
  return (
    <div class="new-password">
      <PasswordField label={label} name="new-password" autocomplete="new-password" value={value} onValue={onValue} error={wrong || undefined}
        hint={`${PASSWORD_MIN} characters or more; a few words that do not belong together are best. Press the eye to check what you typed.`} />
      <p class={classes("strength", `s${value ? now : 0}`)} role="status">
        <span class="strength-bar" aria-hidden="true"><i /><i /><i /></span>{value && WORDS[now]}
      </p>
    </div>
  );
}
