// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "preact/hooks";
import { Button } from "./button.jsx";
import { Icon } from "./icon.jsx";
import { classes } from "./id.js";

/** What to do about an error, by its code or else by its status. */
const ADVICE = {
  UNREACHABLE: "Nothing was lost here: try again when you are back.",
  UNREADABLE: "Try again; if it stays, tell whoever runs this server.",
  CSRF_REFUSED: "Reload this page, then try again.",
  403: "Somebody with a larger role can do it, or give you the role.",
  409: "Somebody may have changed it in the meantime: reload, and look again.",
  500: "It is not your doing. Tell whoever runs this server, with the request's id.",
  503: "The server is busy or starting. It should work again in a moment.",
};

/** The API's messages go on after a colon elsewhere; here they stand alone. @param {string} text */
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.?!]$/.test(text) ? "" : ".");

/** @param {import("../api.js").ApiError} error */
function advice(error) {
  if (error.wait) return "";
  const known = /** @type {Record<string, string>} */ (ADVICE);
  return known[error.code] ?? known[error.status] ?? "";
}

/**
 * Seconds left until `wait` seconds after now have passed; counts down.
 * @param {number} wait
 */
export function useCountdown(wait) {
  const [left, setLeft] = useState(wait);
  useEffect(() => {
    setLeft(wait);
    const end = Date.now() + wait * 1000;
    const timer = setInterval(() => {
      const now = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      setLeft(now);
      if (!now) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [wait]);
  return left;
}

/** @param {{error: import("../api.js").ApiError}} props */
function Wait({ error }) {
  const left = useCountdown(error.wait);
  return <p>{left ? `You can try again in ${left} second${left === 1 ? "" : "s"}.` : "You can try again now."}</p>;
}

/**
 * What happened, what to do, and the request's id. Nothing without an error.
 * @param {{error: import("../api.js").ApiError | null | undefined, retry?: () => void, fields?: boolean, title?: string}} props
 * `fields`: list what is wrong with which field too, where no field shows it
 */
export function ErrorBox({ error, retry, fields = false, title }) {
  if (!error) return null;
  const lines = fields ? Object.entries(error.fields ?? {}) : [];
  const text = advice(error);
  return (
    <div class="notice danger" role="alert">
      <Icon name="warning" />
      <div>
        <p class="notice-title">{title ?? sentence(error.message)}</p>
        {title && <p>{sentence(error.message)}</p>}
        {lines.length > 0 && <ul>{lines.map(([name, what]) => <li key={name}>{name && <code>{name}</code>} {what}</li>)}</ul>}
        {text && <p>{text}</p>}
        {error.wait > 0 && <Wait error={error} />}
        {error.requestId && <p class="request-id">Request <code>{error.requestId}</code></p>}
        {retry && <Button small icon="rotate" onClick={retry}>Try again</Button>}
      </div>
    </div>
  );
}

/**
 * Something to know: info, ok, warning or danger.
 * @param {{kind?: "info" | "ok" | "warning" | "danger", title?: any, children?: any, class?: string, live?: boolean}} props
 * `live`: read out when it appears
 */
export function Notice({ kind = "info", title, children, class: more, live }) {
  return (
    <div class={classes("notice", kind, more)} role={live ? "status" : undefined}>
      <Icon name={kind === "ok" ? "check" : kind === "info" ? "info" : "warning"} />
      <div>{title && <p class="notice-title">{title}</p>}{children}</div>
    </div>
  );
}
