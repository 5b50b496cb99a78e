// SPDX-License-Identifier: Apache-2.0

/** @typedef {{purpose: "invitation" | "setup" | "reset", secret: string}} Link */

/**
 * The link that brought the reader here, as mails and answers spell it: /invitation#token=SECRET. It stays in the address until it
 * is spent, so that a reload does no harm; servers never see it.
 * @returns {Link | null}
 */
export function takeLink() {
  const purpose = location.pathname.split("/").pop();
  if (purpose !== "invitation" && purpose !== "setup" && purpose !== "reset") return null;
  return { purpose, secret: new URLSearchParams(location.hash.slice(1)).get("token") ?? "" };
}

/** Takes the link out of the address: it is spent, or of no use. */
export function forgetLink() {
  history.replaceState(null, "", new URL(".", location.href).pathname);
}
