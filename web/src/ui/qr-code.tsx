// A QR code of bytes, dark on light whatever it stands on.
import { encodeQR } from "qr";
import { bytesOf, latin1 } from "../scan/protocol";

/** Light modules that a reader needs on every side. */
const QUIET_ZONE = 4;

export function QrCode({ bytes, label }: { bytes: Uint8Array; label: string }) {
  const rows = encodeQR(latin1(bytes), "raw", {
    // One segment in byte mode: digits and letters of an address are bytes too.
    encoding: "byte",
    textEncoder: bytesOf,
    ecc: "medium",
    border: QUIET_ZONE,
  });
  return (
    <svg
      class="qr"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${rows.length} ${rows.length}`}
      shape-rendering="crispEdges"
    >
      <rect width="100%" height="100%" fill="#fff" />
      <path d={pathOf(rows)} fill="#000" />
    </svg>
  );
}

/** A run of dark modules is one rectangle. */
function pathOf(rows: boolean[][]): string {
  let path = "";
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x += 1) {
      if (!row[x]) continue;
      const end = row.indexOf(false, x);
      const length = (end < 0 ? row.length : end) - x;
      path += `M${x} ${y}h${length}v1h-${length}z`;
      x += length;
    }
  }
  return path;
}
