// What counts as the same, so that it is not drawn again.
import { expect, test } from "vitest";
import { same } from "../src/same";

test("what is in values is compared, however deep", () => {
  const made = () => ({ a: [1, { b: "c" }], d: new Map([["x", new Set(["y", "z"])]]), e: undefined });
  expect(same(made(), made())).toBe(true);
  expect(same([], [])).toBe(true);
  expect(same(Number.NaN, Number.NaN)).toBe(true);
});

test.each([
  [1, 2],
  ["1", 1],
  [null, undefined],
  [null, {}],
  [[], {}],
  [[1], [1, 2]],
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: undefined }, { b: undefined }],
  [{ a: { b: 1 } }, { a: { b: 2 } }],
  [new Map([["a", new Set(["x"])]]), new Map([["a", new Set(["y"])]])],
  [new Set(["x"]), new Set(["x", "y"])],
  [new Set(["x"]), {}],
])("%j is not %j", (one, other) => {
  expect(same(one, other)).toBe(false);
  expect(same(other, one)).toBe(false);
});
