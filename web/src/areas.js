// SPDX-License-Identifier: Apache-2.0
// What scopes, areas and kinds are called and about, for all pages that tell of them.
import { get } from "./api.js";
import { useLoad } from "./list.js";
import { orgPath } from "./session.js";

/**
 * @typedef {object} Area a family of scopes; a scope may be in several
 * @property {string} name
 * @property {string[]} scopes
 *
 * @typedef {object} Kind of token
 * @property {string} name
 * @property {string} description
 * @property {Record<string, string[] | "by role">} areas what it may hold at all; an area that is left out: nothing
 *
 * @typedef {{id: string, name: string, description: string, for: "users" | "tokens", reach: "org" | "teams", kind?: string,
 *   scopes: string[]}} Role
 * @typedef {{name: string, by_team: boolean, everyone: boolean, areas: string[]}} Scope
 * @typedef {{areas: Area[], kinds: Kind[], roles: Role[], scopes: Scope[]}} Catalogue
 */

/** What the areas of the catalogue that comes with Jeton are about; a catalogue of one's own has its names alone. */
const ABOUT = /** @type {Record<string, string>} */ ({
  api: "The organization, its people, tokens, roles, teams and apps",
  scans: "Start scans and upload what they find",
  check_analysis: "Ask whether a build may pass",
  modify_findings: "Change, comment on and assign findings",
  remediation: "Read suggested fixes",
  policies: "Read and write policies",
  jira_integration: "What the Jira plugin does",
  legacy: "Taken over from elsewhere; nothing here uses it",
});

const KINDS = /** @type {Record<string, string>} */ ({
  personal: "Personal", ci: "CI", github: "GitHub", jira: "Jira", access: "Access", service: "Service", custom: "Custom",
});

/** What an area is about, or "". @param {string} name */
export const aboutArea = (name) => ABOUT[name] ?? "";

/** "check_analysis" as people write it. @param {string} name */
export const areaName = (name) => (name === "api" ? "API" : sentence(name));

/** "ci" as people write it. @param {string} kind */
export const kindName = (kind) => KINDS[kind] ?? sentence(kind);

/** "create_token": "Create token". @param {string} name */
export const sentence = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

/** "1 token", "2 tokens". @param {number} count @param {string} noun @param {string} [plural] */
export const counted = (count, noun, plural = noun + "s") => `${count.toLocaleString()} ${count === 1 ? noun : plural}`;

/** The catalogue that the server speaks of. */
export const useCatalogue = () =>
  useLoad(async (signal) => /** @type {Promise<Catalogue>} */ (get(orgPath("/catalogue"), { signal })), []);
