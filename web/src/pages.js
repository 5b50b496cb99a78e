// SPDX-License-Identifier: Apache-2.0
// Every page of the dashboard: one line here, one file under pages/, fetched when it is opened.

/**
 * @typedef {object} PageProps what a page's component gets
 * @property {string[]} rest what follows the page's own path: ["ID"] for "/organization/users/ID"
 * @property {URLSearchParams} query
 *
 * @typedef {object} PageEntry
 * @property {string} path what it answers to, and everything below it
 * @property {string} title in the navigation
 * @property {"Account" | "Organization"} group
 * @property {import("./ui/icon.jsx").IconName} icon
 * @property {string} [scope] it is shown to those who hold this
 * @property {boolean} [restricted] shown even while a second factor must be set up first
 * @property {() => Promise<{default: (props: PageProps) => any}>} load
 */

/** In the order of the navigation. @type {PageEntry[]} */
export const pages = [
  { path: "/account/profile", title: "Profile", group: "Account", icon: "person", load: () => import("./pages/account/profile.jsx") },
  { path: "/account/token", title: "Personal token", group: "Account", icon: "key", load: () => import("./pages/account/token.jsx") },
  { path: "/account/security", title: "Security", group: "Account", icon: "shield", restricted: true, load: () => import("./pages/account/security.jsx") },
  { path: "/account/appearance", title: "Appearance", group: "Account", icon: "palette", load: () => import("./pages/account/appearance.jsx") },
  { path: "/organization/tokens", title: "Integration tokens", group: "Organization", icon: "coin", scope: "tokens:list", load: () => import("./pages/organization/tokens.jsx") },
];

/** Where those go who name no place: what they hold decides, the first that they may open counts. */
export const homes = ["/organization/overview", "/account/token", "/account/profile"];
