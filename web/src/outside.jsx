// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from "preact/hooks";
import { Wordmark } from "./ui/index.js";

/**
 * What is around the pages of who is not signed in.
 * @param {{title: string, lead?: any, children: any, step?: string}} props `step`: when it changes, the focus goes to what is asked for
 */
export function Outside({ title, lead, children, step = "" }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    /** @type {HTMLElement | null | undefined} */
    const first = box.current?.querySelector("[autofocus]") ?? box.current?.querySelector("input:not([type=hidden])");
    first?.focus();
  }, [title, step]);
  return (
    <main class="outside" ref={box}>
      <div class="outside-card">
        <Wordmark size={36} />
        <h1>{title}</h1>
        {lead && <p class="lead">{lead}</p>}
        {children}
      </div>
    </main>
  );
}
