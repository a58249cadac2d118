import { readFileSync } from "node:fs";
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

test("the spread is that of the contract", () => {
  const limits = readFileSync(new URL("../../crates/protocol/src/limits.rs", import.meta.url), "utf8");
  const number = (pattern: RegExp) => Number(limits.match(pattern)?.[1]?.replaceAll("_", ""));
  const members = number(/MARK_SPREAD_MEMBERS: usize = ([\d_]+)/);
  const most = number(/MAX_MARK_SPREAD_MS: u64 = ([\d_]+)/);
  const each = number(/let spread = ([\d_]+) \* members/);
  const { made } = marking(1);
  const spreadOf = (count: number) => {
    made.note(`${count}`, count);
    const wait = made.wait();
    made.takeDue();
    return wait;
  };
  expect(spreadOf(members - 1)).toBe(0);
  expect(spreadOf(members)).toBe(each * members);
  const { made: other } = marking(1);
  other.note("huge", 1_000_000);
  expect(other.wait()).toBe(most);
});
