// SPDX-License-Identifier: Apache-2.0
import { ApiError, del, get, hooks, post } from "./api.js";
import { Store, useStore } from "./store.js";

/**
 * @typedef {object} Session what GET /session says
 * @property {{id: string, created_at: string, expires_at: string, confirmed_until_at?: string}} session
 * @property {string} csrf
 * @property {{id: string, name: string, email: string, role_id: string, role_name: string, owner: boolean}} user
 * @property {{id: string, name: string, slug: string}} org
 * @property {string[]} scopes held at org level, in full or partly
 * @property {{enrolled: boolean, required: boolean, recovery_codes_left?: number}} second_factor
 * @property {boolean} restricted the second factor must be set up before anything else
 * @property {boolean} [mail] links go by mail
 * @property {"kept" | "once"} [personal_value] whether the personal token can be shown again
 *
 * @typedef {{state: "loading"} | {state: "out", ended: boolean} | {state: "failed", error: ApiError}
 *   | {state: "in", session: Session}} SessionState
 */

/** Who is signed in. */
export const session = new Store(/** @type {SessionState} */ ({ state: "loading" }));

/** @param {Session} value */
function enter(value) {
  hooks.csrf = value.csrf;
  session.set({ state: "in", session: value });
}

/** @param {boolean} ended by the server, not by the user */
function leave(ended) {
  hooks.csrf = "";
  session.set({ state: "out", ended });
}

hooks.signedOut = () => {
  if (session.value.state === "in") leave(true);
};

/** Asks the server who is signed in; again after what changes that (name, role, second factor). */
export async function loadSession() {
  try {
    enter(await get("/session"));
  } catch (why) {
    const error = /** @type {ApiError} */ (why);
    if (error.status === 401) {
      if (session.value.state !== "out") leave(false);
    } else if (session.value.state !== "in") session.set({ state: "failed", error });
  }
}

/**
 * @param {{org?: string, email: string, password: string, otp?: string}} proof
 * @throws {ApiError} BAD_CREDENTIALS, OTP_REQUIRED, TOO_MANY...
 */
export async function signIn(proof) {
  enter(await post("/session", proof));
}

/** Ends this session; with `everywhere` all of the user's. */
export async function signOut(everywhere = false) {
  await del(everywhere ? "/sessions" : "/session");
  leave(false);
}

/** The session, for what is shown only while there is one. */
export function useSession() {
  const now = useStore(session);
  if (now.state !== "in") throw new Error("nobody is signed in");
  return now.session;
}

/**
 * Whether the user holds a scope at org level, at least partly: decides what is shown. What may be done the server decides.
 * @param {string} scope such as "tokens:list"
 */
export function can(scope) {
  return session.value.state === "in" && session.value.session.scopes.includes(scope);
}

/**
 * A path within the user's organization: orgPath("/tokens").
 * @param {string} path
 */
export function orgPath(path) {
  if (session.value.state !== "in") throw new Error("nobody is signed in");
  return `/orgs/${session.value.session.org.id}${path}`;
}
