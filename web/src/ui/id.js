// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";

let last = 0;

/** An id for an element, the same as long as its component lives. @param {string} [prefix] */
export function useUid(prefix = "u") {
  const [id] = useState(() => `${prefix}${++last}`);
  return id;
}

/** Class names that apply, joined. @param {...(string | false | null | undefined)} names */
export const classes = (...names) => names.filter(Boolean).join(" ");
