// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "preact/hooks";
import { takeLink } from "./link.js";
import { SignIn } from "./pages/sign-in.jsx";
import { loadSession, session } from "./session.js";
import { Shell } from "./shell.jsx";
import { useStore } from "./store.js";
import { ConfirmHost } from "./ui/confirm.jsx";
import { ErrorBox, Wordmark } from "./ui/index.js";
import { ToastHost } from "./ui/toast.jsx";

/** @param {{now: import("./session.js").SessionState}} props */
function Gate({ now }) {
  if (now.state === "in") return <Shell />;
  if (now.state === "out") return <SignIn ended={now.ended} />;
  return (
    <main class="gate">
      <Wordmark size={44} />
      {now.state === "failed" && <ErrorBox error={now.error} retry={loadSession} />}
    </main>
  );
}

/** The whole dashboard. */
export function App() {
  const now = useStore(session);
  const [link, setLink] = useState(takeLink);
  const [Link, setLinkPage] = useState(/** @type {any} */ (null));
  useEffect(() => {
    if (link) import("./pages/link.jsx").then((module) => setLinkPage(() => module.LinkPage));
    else loadSession();
  }, [link]);
  if (link) return <>{Link && <Link link={link} onDone={() => setLink(null)} />}<ToastHost /></>;
  return (
    <>
      <Gate now={now} />
      <ConfirmHost />
      <ToastHost />
    </>
  );
}
