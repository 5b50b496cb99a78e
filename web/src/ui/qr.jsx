// SPDX-License-Identifier: Apache-2.0
import { encode } from "uqr";

/** Free modules around it, without which cameras do not find it. */
const BORDER = 2;

/** A QR code, dark on white whatever the colours around it. @param {{text: string, label: string}} props */
export function QrCode({ text, label }) {
  const { data, size } = encode(text, { ecc: "M", border: BORDER });
  let path = "";
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let run = 0;
      while (data[y][x + run]) run++;
      if (run) path += `M${x} ${y}h${run}v1h-${run}z`;
      x += run;
    }
  }
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <path d={path} />
    </svg>
  );
}
