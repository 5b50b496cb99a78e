// SPDX-License-Identifier: Apache-2.0
// Before the first paint: the colours that the reader chose in Account settings, if they did (see appearance.js).
try {
  const chosen = localStorage.getItem("jeton.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be closed to us: the system's choice stands.
}
