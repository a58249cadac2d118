// The arithmetic of the list of messages.
import { expect, test } from "vitest";
import { anchorAt, beyondOf, clamp, EDGE, rangeBetween, restored, type Stretch, topOf, whole } from "../src/ui/stretch";

const VIEW = 100;
const of = (heights: number[], beyond = 0, first = 0): Stretch => ({
  keys: heights.map((_, at) => `row ${first + at}`),
  heights,
  beyond,
});
const rows = of([40, 50, 60, 30, 20]);

test("lengths count from the end", () => {
  expect(whole(rows)).toBe(200 + 2 * EDGE);
  expect([0, 2, 4].map((at) => topOf(rows, at) - EDGE)).toEqual([200, 110, 20]);
  expect(topOf(of([10, 10], 500), 1)).toBe(510 + EDGE);
});

test("the rows in sight are those that touch it", () => {
  expect(rangeBetween(rows, 0, EDGE + VIEW)).toEqual({ from: 2, to: 5 });
  expect(rangeBetween(rows, EDGE + 115, EDGE + 160)).toEqual({ from: 1, to: 2 });
  expect(rangeBetween(rows, EDGE + 105, EDGE + 161)).toEqual({ from: 0, to: 3 });
  expect(rangeBetween(rows, -50, 1_000)).toEqual({ from: 0, to: 5 });
  expect(rangeBetween(of([]), 0, VIEW)).toEqual({ from: 0, to: 0 });
  // Newer rows that are not there any more keep their place.
  expect(rangeBetween(of([40, 50], 1_000), 0, VIEW)).toEqual({ from: 2, to: 2 });
});

test("whatever changes, the anchor stays where it was", () => {
  const before = of([40, 50, 60, 30, 20]);
  const anchor = anchorAt(before, EDGE + 60, VIEW);
  expect(anchor).toEqual({ key: "row 1", into: 0 });
  if (!anchor) return;
  // Rows above come or grow: nothing moves.
  const older: Stretch = { keys: ["a", "b", ...before.keys], heights: [70, 70, 99, 50, 60, 30, 20], beyond: 0 };
  expect(restored(older, anchor, VIEW)).toBe(EDGE + 60);
  // Rows below come or grow: the box moves with them.
  const newer: Stretch = { keys: [...before.keys, "c"], heights: [40, 50, 60, 30, 25, 33], beyond: 0 };
  expect(restored(newer, anchor, VIEW)).toBe(EDGE + 60 + 5 + 33);
  expect(restored(of([40, 50], 0, 7), anchor, VIEW)).toBeUndefined();
});

test("a row that is higher than the box is an anchor as well", () => {
  const tall = of([40, 900, 30]);
  expect(anchorAt(tall, EDGE + 300, VIEW)).toEqual({ key: "row 1", into: -530 });
  expect(restored(tall, { key: "row 1", into: -530 }, VIEW)).toBe(EDGE + 300);
  expect(anchorAt(of([]), 0, VIEW)).toBeUndefined();
});

test("letting go of newer rows moves nothing, and reading them again neither", () => {
  const all = of([10, 20, 30, 40, 50]);
  const kept = of([10, 20, 30]);
  const beyond = beyondOf(all, kept.keys, kept.heights, true);
  expect(beyond).toBe(90);
  const trimmed = { ...kept, beyond };
  expect(topOf(trimmed, 1)).toBe(topOf(all, 1));
  expect(beyondOf(trimmed, of([10, 20, 30, 40]).keys, [10, 20, 30, 40], true)).toBe(50);
  // At the true end nothing is beyond; a run from elsewhere has nothing to do with the one before.
  expect(beyondOf(trimmed, all.keys, all.heights, false)).toBe(0);
  expect(beyondOf(trimmed, ["x", "y"], [1, 1], true)).toBe(0);
});

test("the box stays inside of what there is", () => {
  expect(clamp(rows, -5, VIEW)).toBe(0);
  expect(clamp(rows, 5_000, VIEW)).toBe(100 + 2 * EDGE);
  expect(clamp(of([10]), 50, VIEW)).toBe(0);
});
