// What another device of one's own decided about people: a notice, and a line in the chat of the two.
import { expect, test } from "vitest";
import type { Core } from "../src/core/core";
import { noteDecisions } from "../src/core/people";
import type { Line } from "../src/core/people-told";
import type { ConversationView, Told } from "../src/core/told";

const view = (conversation_id: string, kind: "direct" | "group", ...users: string[]): ConversationView => ({
  conversation_id,
  kind,
  state: "joined",
  members: users.map((user_id) => ({ user_id, username: user_id, role: "member" })),
  marks: {},
  read_seq: 0,
  unread: 0,
  left: false,
  stirred_at_ms: 5,
});

function device(...views: ConversationView[]) {
  const told: Told[] = [];
  const conversations = new Map(views.map((one) => [one.conversation_id, one]));
  const lines = new Map<string, Line[]>();
  const core = {
    conversations,
    lines,
    environment: { now: () => 1_000 },
    cursor: () => 7,
    stage: (one: Told) => told.push(one),
    saveMeta: () => {},
    changeView: (id: string, change: (view: ConversationView) => void) => {
      const known = conversations.get(id);
      if (known) change(known);
    },
  } as unknown as Core;
  return { core, told, conversations, lines };
}

test("a decision is told, and noted in the chat of the two, which it moves nowhere", () => {
  const { core, told, conversations, lines } = device(
    view("group", "group", "bob", "carol"),
    view("left", "direct", "bob"),
    view("direct", "direct", "bob"),
  );
  conversations.set("left", { ...(conversations.get("left") as ConversationView), left: true });
  noteDecisions(core, [
    { user_id: "bob", trust: "verified" },
    { user_id: "carol", trust: "first_use" },
  ]);
  expect([...lines.keys()]).toEqual(["direct"]);
  const body = { type: "verified", who: "bob", verified: true };
  expect(lines.get("direct")).toEqual([{ seq: 7, at_ms: 1_000, body }]);
  expect(conversations.get("direct")?.stirred_at_ms).toBe(5);
  noteDecisions(core, [{ user_id: "bob", trust: "first_use" }]);
  expect(lines.get("direct")?.at(-1)?.body).toEqual({ ...body, verified: false });
  expect(told.filter(({ type }) => type === "decided_elsewhere")).toEqual([
    {
      type: "decided_elsewhere",
      people: [
        { user_id: "bob", trust: "verified" },
        { user_id: "carol", trust: "first_use" },
      ],
    },
    { type: "decided_elsewhere", people: [{ user_id: "bob", trust: "first_use" }] },
  ]);
});

test("a violation shows itself where its person is, and nothing is said of nobody", () => {
  const { core, told, lines } = device(view("direct", "direct", "bob"));
  noteDecisions(core, [{ user_id: "bob", trust: "violated" }]);
  noteDecisions(core, []);
  expect([told, [...lines]]).toEqual([[], []]);
});
