// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { orgPath } from "../../session.js";
import { Button, Dialog, Notice, Secret, Snippet, Tabs } from "../../ui/index.js";
import { curl, pipelines } from "./snippets.js";

/**
 * The value of a token that was just made or rotated, this once, and how to use it.
 * @param {{token: any, title: string, children?: any, onClose: () => void}} props
 */
export function TokenValue({ token, title, children, onClose }) {
  const url = new URL("api/v4" + orgPath("/my_scopes"), location.href.replace(/#.*/, "")).href;
  const [tab, setTab] = useState("curl");
  const tabs = [
    { id: "curl", label: "curl", content: () => <Snippet title="What may it do?" code={curl(url, token.value)} /> },
    ...pipelines(url).map((way) => ({
      id: way.name,
      label: way.name,
      content: () => (
        <>
          <p class="hint">{way.where}</p>
          <Snippet title={way.name} code={way.code} />
        </>
      ),
    })),
  ];
  return (
    <Dialog title={title} wide onClose={onClose} footer={<Button kind="primary" onClick={onClose}>Done</Button>}>
      <Notice kind="warning" title="Copy it now: it is shown this once.">
        <p>Jeton keeps only a fingerprint. Who has lost it rotates the token, or makes another.</p>
      </Notice>
      <Secret label={`Value of ${token.label}`} value={token.value} open />
      {children}
      <Tabs label="How to use it" tabs={tabs} value={tab} onValue={setTab} />
    </Dialog>
  );
}
