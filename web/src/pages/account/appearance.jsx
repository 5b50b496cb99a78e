// SPDX-License-Identifier: Apache-2.0
import { setTheme, theme } from "../../appearance.js";
import { useStore } from "../../store.js";
import { Card, Choice, Page } from "../../ui/index.js";

export default function Appearance() {
  const chosen = useStore(theme);
  return (
    <Page title="Appearance" narrow lead="On this device, and at once.">
      <Card>
        <Choice label="Colours" value={chosen} onValue={(value) => setTheme(/** @type {any} */ (value))}
          options={[
            { value: "system", label: "As the system has it", hint: "Light or dark, and with the time of day if your system changes." },
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
          ]} />
      </Card>
    </Page>
  );
}
