// Lines between messages, and names that others chose.
import { expect, test } from "vitest";
import { nameOf, namesIn } from "../src/core/names";
import type { Line } from "../src/core/people-told";
import type { ConversationView, Person } from "../src/core/told";
import { people, rightsOf, undecided } from "../src/people";
import { withLines } from "../src/system-lines";
import { titleOf } from "../src/thread";

const line = (seq: number): Line => ({ seq, at_ms: seq, body: { type: "out" } });
const items = (...seqs: (number | undefined)[]) => seqs.map((seq) => ({ seq }));
const order = (entries: ({ seq: number | undefined } | { line: Line })[]) =>
  entries.map((entry) => ("line" in entry ? `line ${entry.line.seq}` : entry.seq));

test("a line stands after its position, and what is not in the log yet comes last", () => {
  const entries = withLines(items(2, 3, 7, undefined), [line(1), line(3), line(5), line(9)], false);
  expect(order(entries)).toEqual(["line 1", 2, 3, "line 3", "line 5", 7, "line 9", undefined]);
});

test("lines of older messages wait until those are loaded", () => {
  expect(order(withLines(items(5, 6), [line(1), line(5)], true))).toEqual([5, "line 5", 6]);
  expect(order(withLines(items(5, 6), [line(1), line(5)], false))).toEqual(["line 1", 5, "line 5", 6]);
});

test("a conversation without messages shows its lines", () => {
  expect(order(withLines(items(), [line(1), line(1)], false))).toEqual(["line 1", "line 1"]);
});

test("names that others chose are one bounded line that hides nothing", () => {
  expect(nameOf("  Trip \n to\u202e Huế ")).toBe("Trip to Huế");
  expect(nameOf("\u200b\u2060 \n")).toBeUndefined();
  expect(nameOf(undefined)).toBeUndefined();
  expect(nameOf({ toString: () => "x" })).toBeUndefined();
  expect([...(nameOf("a".repeat(60_000)) ?? "")]).toHaveLength(65);
  expect(nameOf(`z${"\u0301".repeat(60_000)}`)?.length).toBeLessThan(600);
  expect(nameOf("<b>x</b>")).toBe("<b>x</b>");
});

const person = (user_id: string, role: Person["role"] = "member"): Person => ({ user_id, username: user_id, role });
const group: ConversationView = {
  conversation_id: "room",
  kind: "group",
  state: "joined",
  members: [person("me", "admin"), person("an"), person("binh"), person("chi"), person("dung")],
  marks: {},
  read_seq: 0,
  unread: 0,
  name: { text: "Trip", seq: 4 },
};

test("a group is called by its name, by some of its people until then, and a request by its people", () => {
  const { name, ...nameless } = group;
  expect(titleOf(group, "me")).toBe("Trip");
  expect(titleOf(nameless, "me")).toBe("an, binh, chi +1");
  expect(titleOf({ ...group, state: "requested" }, "me")).toBe("an, binh, chi +1");
  const direct = { ...group, kind: "direct" as const, members: [person("me"), person("an")] };
  expect(titleOf({ ...direct, name: { text: "your bank", seq: 1 } }, "me")).toBe("an");
  expect(name?.text).toBe("Trip");
});

test("only an admin of a joined group may change it, and the last one keeps the role", () => {
  expect(rightsOf(group, "me")).toEqual({ admin: true, lastAdmin: true });
  expect(rightsOf(group, "an")).toEqual({ admin: false, lastAdmin: false });
  expect(rightsOf({ ...group, members: [...group.members, person("eve", "admin")] }, "me").lastAdmin).toBe(false);
  expect(rightsOf({ ...group, members: [person("me", "admin")] }, "me").lastAdmin).toBe(false);
  for (const out of [{ left: true }, { state: "requested" as const }, { kind: "direct" as const }]) {
    expect(rightsOf({ ...group, ...out }, "me").admin).toBe(false);
  }
});

test("whom to decide about is what the engine says, and nobody of a chat that is over or not begun", () => {
  const known = (user_id: string, trust: "violated" | "verified") => ({ user_id, trust, compared: true, devices: 1 });
  people.value = new Map([
    ["an", known("an", "violated")],
    ["binh", known("binh", "verified")],
    ["stranger", known("stranger", "violated")],
  ]);
  expect(undecided(group, "me").map(({ user_id }) => user_id)).toEqual(["an"]);
  expect(undecided({ ...group, left: true }, "me")).toEqual([]);
  expect(undecided({ ...group, state: "requested" }, "me")).toEqual([]);
});

test("typed names become single ones", () => {
  expect(namesIn(" @Anna, binh;chi\nbinh ")).toEqual(["anna", "binh", "chi"]);
  expect(namesIn(" , ")).toEqual([]);
  expect(namesIn("x ".repeat(500) + Array.from({ length: 500 }, (_, at) => `n${at}`).join(" "))).toHaveLength(50);
});
