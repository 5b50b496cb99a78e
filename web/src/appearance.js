// SPDX-License-Identifier: Apache-2.0
import { Store } from "./store.js";

/** @typedef {"system" | "light" | "dark"} Theme */

const KEY = "jeton.theme";

/** What the reader chose; theme.js applies it before the first paint, setTheme from then on. */
export const theme = new Store(/** @type {Theme} */ (document.documentElement.dataset.theme ?? "system"));

/**
 * Changes the colours at once, and on this device for the next time.
 * @param {Theme} chosen
 */
export function setTheme(chosen) {
  const root = document.documentElement;
  if (chosen === "system") delete root.dataset.theme;
  else root.dataset.theme = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // Then it holds until the page is closed.
  }
  theme.set(chosen);
}
