// SPDX-License-Identifier: Apache-2.0
import { classes } from "./id.js";

/** @typedef {"neutral" | "accent" | "ok" | "warning" | "danger" | "brass"} Tone */

/** A word in a pill. @param {{tone?: Tone, children: any, title?: string}} props */
export const Badge = ({ tone = "neutral", children, title }) => <span class={classes("badge", tone)} title={title}>{children}</span>;

/** @type {Record<string, [string, Tone]>} */
const STATES = {
  active: ["Active", "ok"],
  expiring: ["Expires soon", "warning"],
  expired: ["Expired", "danger"],
  unused: ["Never used", "neutral"],
  disabled: ["Disabled", "danger"],
  revoked: ["Revoked", "danger"],
};

/** The state of a token or a user: a dot and a word. @param {{state: string}} props */
export function State({ state }) {
  const [text, tone] = STATES[state] ?? [state, "neutral"];
  return <span class={classes("state", tone)}><span class="state-dot" aria-hidden="true" />{text}</span>;
}
