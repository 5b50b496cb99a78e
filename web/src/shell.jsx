// SPDX-License-Identifier: Apache-2.0
import { useEffect, useErrorBoundary, useRef, useState } from "preact/hooks";
import { ApiError } from "./api.js";
import { homes, pages } from "./pages.js";
import { go, href, useRoute } from "./route.js";
import { can, signOut, useSession } from "./session.js";
import { Button, ErrorBox, Icon, Menu, Page, Skeleton, toast, Wordmark, classes } from "./ui/index.js";

/** @typedef {import("./pages.js").PageEntry} PageEntry */

/** @param {boolean} restricted */
const open = (restricted) => pages.filter((p) => (restricted ? p.restricted : !p.scope || can(p.scope)));

/** @param {PageEntry[]} list @param {string} path */
const find = (list, path) => list.find((p) => path === p.path || path.startsWith(p.path + "/"));

/**
 * The code of a page, once it is here.
 * @param {PageEntry} page
 */
function useModule(page) {
  const [state, setState] = useState(/** @type {{of?: PageEntry, component?: any, error?: ApiError}} */ ({}));
  useEffect(() => {
    let wanted = true;
    page.load().then(
      (module) => wanted && setState({ of: page, component: module.default }),
      () => wanted && setState({
        of: page, error: new ApiError({ code: "UNREACHABLE", message: "This page could not be loaded. Jeton may just have been updated." }),
      }));
    return () => { wanted = false; };
  }, [page]);
  return state.of === page ? state : {};
}

/**
 * What follows a page's own path, decoded; null if it is not well-formed.
 * @param {PageEntry} page
 * @param {string} path
 */
function restOf(page, path) {
  try {
    return path.slice(page.path.length).split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** @param {{page: PageEntry, path: string, query: URLSearchParams}} props */
function Opened({ page, path, query }) {
  const { component: Component, error: missing } = useModule(page);
  const [broken] = useErrorBoundary((why) => console.error(why));
  const rest = restOf(page, path);
  const error = missing ?? (broken && new ApiError({ code: "BROKEN", message: "Something on this page went wrong. Nothing was changed by that." }));
  if (!rest) return <NotHere />;
  if (error) return <Page title={page.title}><ErrorBox error={error} retry={() => location.reload()} /></Page>;
  if (!Component) return <div class="page"><Skeleton lines={5} /></div>;
  return <Component rest={rest} query={query} />;
}

const NotHere = () => (
  <Page title="Nothing here" narrow lead="There is no such page, or your role does not open it.">
    <p><a href={href("/")}>Go to the start</a></p>
  </Page>
);

/** @param {{list: PageEntry[], current?: PageEntry, label: string}} props */
const Nav = ({ list, current, label }) => (
  <nav aria-label={label}>
    {["Account", "Organization"].map((group) => {
      const mine = list.filter((p) => p.group === group);
      return mine.length > 0 && (
        <section key={group}>
          <h2>{group}</h2>
          <ul>
            {mine.map((p) => (
              <li key={p.path}>
                <a href={href(p.path)} class={classes("nav-link", p === current && "current")} aria-current={p === current ? "page" : undefined}>
                  <Icon name={p.icon} />{p.title}
                </a>
              </li>
            ))}
          </ul>
        </section>
      );
    })}
  </nav>
);

/** The navigation on a narrow screen: a sheet over the page. @param {Parameters<typeof Nav>[0] & {onClose: () => void}} props */
function Drawer({ onClose, ...nav }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  return (
    <dialog class="drawer" ref={dialog} aria-label="Menu" onCancel={onClose}
      onClick={(e) => { if (e.target === dialog.current || /** @type {Element} */ (e.target).closest("a")) onClose(); }}>
      <header><Wordmark /><Button kind="quiet" icon="close" label="Close" onClick={onClose} /></header>
      <Nav {...nav} />
    </dialog>
  );
}

async function leave() {
  try {
    await signOut();
  } catch (why) {
    toast(/** @type {Error} */ (why).message, "danger");
  }
}

/** What is around every page of who is signed in. */
export function Shell() {
  const { path, query } = useRoute();
  const { user, org, restricted } = useSession();
  const [menu, setMenu] = useState(false);
  const main = useRef(/** @type {HTMLElement | null} */ (null));
  const list = open(restricted);
  const current = find(list, path);
  const home = homes.map((h) => find(list, h)).find(Boolean) ?? list[0];
  const away = home && (path === "/" || (restricted && !current));
  useEffect(() => {
    if (away) go(home.path, { replace: true });
  }, [away, home]);

  const initials = (user.name || user.email).split(/[\s@.]+/).map((w) => w[0]).join("").slice(0, 2).toUpperCase();
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>Skip to the content</button>
      <header class="top">
        <span class="top-menu"><Button kind="quiet" icon="menu" label="Menu" aria-expanded={menu} onClick={() => setMenu(true)} /></span>
        <a class="home" href={href("/")} aria-label="Jeton, start"><Wordmark /></a>
        <span class="top-org" title={org.name}>{org.name}</span>
        <Menu label={`Your account: ${user.name || user.email}`} class="top-user"
          head={<><strong>{user.name}</strong><span>{user.email}</span><span class="hint">{user.role_name}{user.owner && ", owner"}</span></>}
          items={[
            ...list.filter((p) => p.group === "Account").map((p) => ({ label: p.title, icon: p.icon, href: href(p.path) })),
            { label: "Sign out", icon: "out", onSelect: leave },
          ]}>
          <span class="avatar" aria-hidden="true">{initials}</span>
          <span class="top-name">{user.name || user.email}</span>
          <Icon name="down" size={16} />
        </Menu>
      </header>
      <div class="side"><Nav list={list} current={current} label="Pages" /></div>
      {menu && <Drawer list={list} current={current} label="Menu" onClose={() => setMenu(false)} />}
      <main ref={main} tabIndex={-1}>
        {current ? <Opened key={current.path} page={current} path={path} query={query} /> : !away && <NotHere />}
      </main>
    </div>
  );
}
