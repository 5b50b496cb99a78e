// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { ApiError, get, post } from "../../api.js";
import { useLoad } from "../../list.js";
import { useSession } from "../../session.js";
import { Button, Card, DangerDialog, Empty, ErrorBox, Facts, Notice, Page, Secret, Skeleton, Snippet, Time, toast } from "../../ui/index.js";
import { Power } from "./power.jsx";

/** Where the API is, for commands to copy. */
const API = new URL("api/v4", location.href).href;

/** Its value. */
const reveal = async () => (await post("/user/token/reveal", {})).value;

/** @param {number} n */
const times = (n) => (n === 1 ? "once" : `${n.toLocaleString()} times`);

/** @param {{token: any}} props */
function Places({ token }) {
  if (!token.last_used_at) return <p class="hint">It was not used yet. The first use shows here within a minute.</p>;
  if (!token.places.length) return <p class="hint">Only by programs that verify it themselves: they do not tell from where.</p>;
  return (
    <ul class="plain-list">
      {token.places.map((/** @type {any} */ p) => <li key={p.address}><code>{p.address}</code><span class="hint">{times(p.uses)}, last <Time at={p.last_used_at} /></span></li>)}
    </ul>
  );
}

/** @param {{onDone: (value: string) => void, onClose: () => void, last?: string}} props */
const Reset = ({ onDone, onClose, last }) => (
  <DangerDialog title="Reset your personal token?" confirm="Reset token" onClose={onClose}
    onConfirm={async () => {
      const made = await post("/user/token/reset", {});
      toast("Your token was reset. The old one is refused from now on.");
      onDone(made.value);
    }}>
    <p>You get a new value, and <strong>the old one is refused at once</strong>, wherever it is: in your shell, your editor, on a server.</p>
    <p>{last ? <>It was last used <Time at={last} />. Whatever did that will need the new value.</> : "It was never used, so nothing should break."}</p>
  </DangerDialog>
);

/** @param {{token: any, fresh: string, onFresh: (value: string) => void}} props */
function Value({ token, fresh, onFresh }) {
  const [resetting, setResetting] = useState(false);
  const kept = token.value !== "once";
  return (
    <Card title="Your token" lead="It is you: whoever has it can do what you can. It lives as long as your account."
      actions={<Button icon="rotate" onClick={() => setResetting(true)}>Reset</Button>}>
      {fresh ? (
        <>
          <Notice kind="ok" live title={kept ? "This is your new token." : "This is your new token, shown this once."}>
            {!kept && <p>Copy it now: it cannot be shown again, only reset.</p>}
          </Notice>
          <Secret key={fresh} label="Personal access token" value={fresh} open />
        </>
      ) : kept ? <Secret label="Personal access token" onReveal={reveal} />
        : <Notice>It was shown once, when it was made. If you do not have it any more, reset it.</Notice>}
      <Facts items={[
        ["Made", <Time at={token.created_at} />],
        ["Last used", <Time at={token.last_used_at} />],
        ["In the last 30 days", times(token.days.reduce((/** @type {number} */ sum, /** @type {any} */ day) => sum + day.uses, 0))],
        ["Expires", token.expires_at ? <Time at={token.expires_at} /> : "with your account"],
      ]} />
      {resetting && <Reset last={token.last_used_at} onClose={() => setResetting(false)} onDone={onFresh} />}
    </Card>
  );
}

export default function PersonalToken() {
  const { user } = useSession();
  const [fresh, setFresh] = useState("");
  const [making, setMaking] = useState(false);
  const { value, error, reload } = useLoad(async (signal) => {
    try {
      return await get("/user/token", { signal });
    } catch (why) {
      if (why instanceof ApiError && why.code === "GONE") return null;
      throw why;
    }
  }, [user.id]);
  const onFresh = (/** @type {string} */ made) => { setFresh(made); reload(); };
  return (
    <Page title="Personal token" narrow lead="For your own scripts, your editor and the command line.">
      <ErrorBox error={error} retry={reload} />
      {value === undefined && !error && <Card title="Your token"><Skeleton lines={4} /></Card>}
      {value === null && (
        <Empty icon="key" title="You have no personal token" action={<Button kind="primary" onClick={() => setMaking(true)}>Make one</Button>}>
          It was revoked. You can have a new one at any time.
        </Empty>
      )}
      {making && value === null && <Reset onClose={() => setMaking(false)} onDone={onFresh} />}
      {value && (
        <>
          <Value token={value} fresh={fresh} onFresh={onFresh} />
          <Card title="Use it">
            <Snippet title="With curl" code={`export JETON_TOKEN=...   # your token\ncurl -H "Authorization: Bearer $JETON_TOKEN" ${API}/user`} />
          </Card>
          <Power />
          <Card title="Where it was used" lead="The latest places, to the minute. Do you know them all? If not, reset it."><Places token={value} /></Card>
        </>
      )}
    </Page>
  );
}
