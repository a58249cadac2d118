import { expect, test } from "vitest";
import { browser } from "../src/core/environment";
import { Marking } from "../src/core/marking";

function marking(random: number) {
  let now = 0;
  const made = new Marking({ ...browser, monotonic: () => now, random: () => random });
  return { made, at: (ms: number) => (now = ms) };
}

test("a small conversation is marked at once, a big one within its time, and once", () => {
  const { made, at } = marking(0.5);
  made.note("two", 2);
  made.note("big", 200);
  expect(made.takeDue()).toEqual(["two"]);
  expect(made.wait()).toBe(500);
  at(300);
  made.note("big", 200);
  expect(made.wait()).toBe(200);
  at(500);
  expect(made.takeDue()).toEqual(["big"]);
  expect(made.wait()).toBe(Number.POSITIVE_INFINITY);
});

test("nobody waits longer than thirty seconds", () => {
  const { made } = marking(1);
  made.note("huge", 50_000);
  expect(made.wait()).toBe(30_000);
});
