// Bytes as a QR code. Dark on light in every theme: many scanners know no other.

import { useMemo } from "preact/hooks";
import { encodeQR } from "qr";

export function QrCode({ bytes, label }: { bytes: Uint8Array; label: string }) {
  const rows = useMemo(
    () => encodeQR("-", "raw", { ecc: "medium", encoding: "byte", textEncoder: () => bytes, border: 3 }),
    [bytes],
  );
  const path = rows.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")).join("")).join("");
  return (
    <svg
      class="qr"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${rows.length} ${rows.length}`}
      shape-rendering="crispEdges"
    >
      <rect width="100%" height="100%" fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
