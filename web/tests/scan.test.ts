// Codes are binary: what is shown is what is read, byte for byte.
import { encodeQR } from "qr";
import { expect, test } from "vitest";
import { intentOf } from "../src/scan/code";
import { decode } from "../src/scan/decode";
import { bytesOf, latin1 } from "../src/scan/protocol";
import { QrCode } from "../src/ui/qr-code";

const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const ours = Uint8Array.from([...bytesOf("SOTTO\x01\x01"), ...every.subarray(100, 148), 9, ...bytesOf("http://a1")]);

/** The picture that a page shows, as pixels. */
function pixelsOf(bytes: Uint8Array, scale = 4, invert = false) {
  const { children } = QrCode({ bytes, label: "" }).props as { children: { props: { d?: string } }[] };
  const path = children.find(({ props }) => props.d)?.props.d ?? "";
  const runs = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)].map((run) => run.slice(1).map(Number));
  const side = Number((QrCode({ bytes, label: "" }).props as { viewBox: string }).viewBox.split(" ")[2]);
  const size = side * scale;
  const data = new Uint8ClampedArray(size * size * 4).fill(invert ? 0 : 255);
  for (const [x = 0, y = 0, length = 0] of runs) {
    for (let row = y * scale; row < (y + 1) * scale; row += 1) {
      data.fill(invert ? 255 : 0, (row * size + x * scale) * 4, (row * size + (x + length) * scale) * 4);
    }
  }
  for (let at = 3; at < data.length; at += 4) data[at] = 255;
  return { width: size, height: size, data };
}

test("a code that is shown reads back to the same bytes, whatever they are", () => {
  for (const bytes of [ours, every, bytesOf("0123456789"), new Uint8Array(200)]) {
    expect(decode(pixelsOf(bytes), 2_000)).toEqual(bytes);
  }
  expect(decode(pixelsOf(ours, 4, true), 2_000)).toEqual(ours);
});

test("what holds no code gives none", () => {
  const blank = new Uint8ClampedArray(64 * 64 * 4).fill(255);
  expect(decode({ width: 64, height: 64, data: blank }, 100)).toBeUndefined();
  const noise = blank.map((_, at) => (at * 7_919) % 256);
  expect(decode({ width: 64, height: 64, data: noise }, 100)).toBeUndefined();
});

test("a link is read as what it is, and is no code of ours", () => {
  const rows = encodeQR("https://elsewhere.example", "raw", { border: 4 });
  expect(rows.length).toBeGreaterThan(20);
  expect(intentOf(bytesOf("https://elsewhere.example"))).toBe("foreign");
  expect(intentOf(new Uint8Array())).toBe("foreign");
  expect(intentOf(bytesOf("SOTTO"))).toBe("newer");
  expect(intentOf(bytesOf("SOTTO\x02\x01"))).toBe("newer");
  expect(intentOf(ours)).toBe(1);
  expect(latin1(bytesOf("ÿ\0"))).toBe("ÿ\0");
});
