// SPDX-License-Identifier: Apache-2.0

/** Strokes on a field of 24 by 24. */
const PATHS = {
  person: "M20 21v-1a6 6 0 0 0-6-6h-4a6 6 0 0 0-6 6v1M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8",
  people: "M16 21v-1a5 5 0 0 0-5-5H7a5 5 0 0 0-5 5v1M9 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8M22 21v-1a5 5 0 0 0-4-4.9M15.5 3.7a4 4 0 0 1 0 7.6",
  team: "M12 8.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6M5.5 21.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6M18.5 21.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6M12 8.5v4.5M12 13l-4.6 3M12 13l4.6 3",
  key: "M15.5 14a5.5 5.5 0 1 0-5.3-4L3 17.2V21h3.8v-2.5h2.5V16h2l1.2-1.2a5.5 5.5 0 0 0 3 .2M16.5 7.5h.01",
  coin: "M12 21.5a9.5 9.5 0 1 0 0-19 9.5 9.5 0 0 0 0 19M12 17a5 5 0 1 0 0-10 5 5 0 0 0 0 10M12 2.5V7M12 17v4.5M2.5 12H7M17 12h4.5",
  shield: "M12 22s8-3.5 8-10V5l-8-3-8 3v7c0 6.5 8 10 8 10M8.5 12l2.5 2.5 4.5-5",
  gauge: "M3.5 18a9.5 9.5 0 1 1 17 0M12 14l4-5M12 15.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3",
  box: "M21 8v8l-9 5-9-5V8l9-5zM3.2 8l8.8 5 8.8-5M12 13v8",
  badge: "M4 4h16v16H4zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M7.5 17a4.5 4.5 0 0 1 9 0",
  grid: "M4 4h6.5v6.5H4zM13.5 4H20v6.5h-6.5zM4 13.5h6.5V20H4zM13.5 13.5H20V20h-6.5z",
  list: "M8 6h13M8 12h13M8 18h13M3.5 6h.01M3.5 12h.01M3.5 18h.01",
  gear: "M4 7h9M17 7h3M4 17h3M11 17h9M15 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4M9 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4",
  palette: "M12 21.5a9.5 9.5 0 1 1 9.5-9.5c0 2.5-2 3.5-4 3.5h-2a2 2 0 0 0-1.5 3.3c.8 1.2 0 2.7-2 2.7M7.5 12.5h.01M9.5 8h.01M14.5 8h.01",
  menu: "M4 6h16M4 12h16M4 18h16",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  copy: "M9 9h11v11H9zM5.5 15H4V4h11v1.5",
  eye: "M2 12s3.5-7 10-7 10 7 10 7-3.5 7-10 7-10-7-10-7M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6",
  "eye-off": "M10 5.2A9.5 9.5 0 0 1 12 5c6.5 0 10 7 10 7a17 17 0 0 1-2.6 3.5M6.5 6.5A16.5 16.5 0 0 0 2 12s3.5 7 10 7a9.6 9.6 0 0 0 5.5-1.6M9.9 9.9a3 3 0 0 0 4.2 4.2M3 3l18 18",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  trash: "M4 6.5h16M9 6.5V4h6v2.5M6 6.5l1 14h10l1-14M10 11v5.5M14 11v5.5",
  rotate: "M20 12a8 8 0 1 1-2.4-5.7L20 8.5M20 3.5v5h-5",
  more: "M12 6h.01M12 12h.01M12 18h.01",
  down: "M6 9.5l6 6 6-6",
  right: "M9.5 6l6 6-6 6",
  left: "M14.5 6l-6 6 6 6",
  "arrow-up": "M12 19V5M6 11l6-6 6 6",
  "arrow-down": "M12 5v14M6 13l6 6 6-6",
  sort: "M8 9.5l4-4 4 4M8 14.5l4 4 4-4",
  search: "M10.5 18a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15M16 16l5 5",
  filter: "M3 5h18l-7 8.5V20l-4-2v-4.5z",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  warning: "M12 3L1.8 20.5h20.4zM12 9.5v5M12 17.5h.01",
  info: "M12 21.5a9.5 9.5 0 1 0 0-19 9.5 9.5 0 0 0 0 19M12 11v5.5M12 7.5h.01",
  out: "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
  edit: "M4 20h4L19.5 8.5l-4-4L4 16zM13.5 6.5l4 4",
  clock: "M12 21.5a9.5 9.5 0 1 0 0-19 9.5 9.5 0 0 0 0 19M12 7v5.5l3.5 2",
  link: "M10 14a4.5 4.5 0 0 0 6.5 0l3-3A4.6 4.6 0 0 0 13 4.5l-1 1M14 10a4.5 4.5 0 0 0-6.5 0l-3 3a4.6 4.6 0 0 0 6.5 6.5l1-1",
  mail: "M3 5.5h18v13H3zM3.5 6l8.5 7 8.5-7",
  device: "M3 5h18v11H3zM9 20h6M12 16v4",
  dot: "M12 12h.01",
};

/** @typedef {keyof typeof PATHS} IconName */

/**
 * A picture beside words; screen readers are told nothing of it.
 * @param {{name: IconName, size?: number}} props
 */
export function Icon({ name, size = 18 }) {
  return (
    <svg class={"icon icon-" + name} viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark: a jeton, of brass and verdigris. @param {{size?: number}} props */
export function Mark({ size = 30 }) {
  return (
    <svg class="mark" viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" focusable="false">
      <circle class="mark-brass" cx="16" cy="16" r="15.5" />
      <circle class="mark-rim" cx="16" cy="16" r="13" />
      <circle class="mark-face" cx="16" cy="16" r="9.6" />
      <path class="mark-letter" d="M17.9 10.6v7.9a3.3 3.3 0 0 1-6.5.9" />
    </svg>
  );
}

/** Mark and name. @param {{size?: number}} props */
export const Wordmark = ({ size }) => <span class="wordmark"><Mark size={size} /><span>jeton</span></span>;
