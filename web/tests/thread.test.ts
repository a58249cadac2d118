import { expect, test } from "vitest";
import { bodyOf, isTalk, shownText } from "../src/core/bodies";
import type { StoredMessage } from "../src/core/store";
import type { ConversationView } from "../src/core/told";
import { thread } from "../src/thread";

const person = (user_id: string) => ({ user_id, username: user_id, role: "member" as const });
const view: ConversationView = {
  conversation_id: "room",
  kind: "direct",
  state: "joined",
  members: [person("me"), person("you")],
  marks: { you: { user_id: "you", delivered_seq: 3, read_seq: 1 } },
  read_seq: 0,
  unread: 0,
};

function said(seq: number, sender: string, body: unknown): StoredMessage {
  const body_json = typeof body === "string" ? body : JSON.stringify(body);
  const ids = { conversation_id: "room", txn_id: `m${seq}`, sender_user_id: sender, sender_device_id: "d" };
  return { ...ids, seq, created_at_ms: seq, expires_at_ms: null, counter: seq, body_json, key_origin: "owner" };
}

const text = (text: string) => ({ type: "text", text });
const shown = (messages: StoredMessage[]) => thread(messages, [], new Set(), view, "me");

test("only the author edits a message", () => {
  const edit = (text: string) => ({ type: "edit", target: "m1", text });
  const [item] = shown([said(1, "you", text("one")), said(2, "me", edit("forged")), said(3, "you", edit("two"))]);
  expect(item).toMatchObject({ text: "two", edited: true });
  expect(shown([said(1, "you", text("one")), said(2, "me", edit("forged"))])[0]).toMatchObject({ text: "one" });
});

test("a reaction counts once a person and can be taken back", () => {
  const react = (remove?: boolean) => ({ type: "reaction", target: "m1", emoji: "👍", ...(remove ? { remove } : {}) });
  const twice = shown([said(1, "you", text("one")), said(2, "me", react()), said(3, "me", react())]);
  expect(twice).toHaveLength(1);
  expect(twice[0]?.reactions.get("👍")?.size).toBe(1);
  const back = shown([said(1, "you", text("one")), said(2, "me", react()), said(3, "me", react(true))]);
  expect(back[0]?.reactions.size).toBe(0);
});

const hole = { type: "hole", missing: 1 } as const;
const revoked = { type: "sender_revoked" } as const;
const seen = (items: ReturnType<typeof shown>) => items.map(({ kind, seq, warned }) => [kind, seq, warned]);

test("a warning is on the message that its event is about", () => {
  const reaction = { ...said(3, "you", { type: "reaction", target: "m1", emoji: "👍" }), warnings: [hole] };
  const items = shown([said(1, "you", text("one")), said(2, "you", text("two")), reaction]);
  expect(seen(items)).toEqual([
    ["talk", 1, true],
    ["talk", 2, false],
  ]);
  expect(items[0]?.reactions.size).toBe(1);
});

test("a warning whose event has no line gets one", () => {
  const bodies = [
    { type: "reaction", target: "far", emoji: "👍" },
    { type: "room_name", name: "x" },
    { type: "timer", after_ms: 5_000 },
  ];
  const warned = bodies.map((body, at) => ({ ...said(at + 1, "you", body), warnings: [hole] }));
  const repeat = { ...said(4, "you", bodies[2]), repeat: true as const };
  expect(seen(shown([...warned, repeat, { ...repeat, seq: 5, warnings: [hole] }]))).toEqual([
    ["warning", 1, true],
    ["warning", 2, true],
    ["timer", 3, true],
    ["warning", 5, true],
  ]);
});

test("a device that was removed edits nothing, and that it tried is seen", () => {
  const edit = { ...said(2, "you", { type: "edit", target: "m1", text: "forged" }), warnings: [revoked] };
  const [item] = shown([said(1, "you", text("one")), edit]);
  expect(item).toMatchObject({ text: "one", edited: false, warned: false, revoked: true });
  expect(shown([{ ...said(1, "you", text("one")), warnings: [revoked] }])[0]).toMatchObject({
    text: "one",
    revoked: true,
  });
});

test("states follow the others' marks", () => {
  const items = shown([1, 3, 4].map((seq) => said(seq, "me", text("x"))));
  expect(items.map(({ state }) => state)).toEqual(["read", "delivered", "sent"]);
});

test("a message that is not in the log yet comes last, once", () => {
  const waiting = { conversation_id: "room", body_json: JSON.stringify(text("soon")), queued_at_ms: 9 };
  const outgoing = [
    { ...waiting, txn_id: "m1" },
    { ...waiting, txn_id: "new" },
    { ...waiting, txn_id: "bad", failed: "forbidden" },
  ];
  const items = thread([said(1, "me", text("here"))], outgoing, new Set(["new"]), view, "me");
  expect(items.map(({ id, state }) => [id, state])).toEqual([
    ["m1", "read"],
    ["new", "sent"],
    ["bad", "failed"],
  ]);
});

test("malformed bodies of a hostile peer are shown as unknown and break nothing", () => {
  const bodies = [
    "null",
    "[]",
    "{",
    '"x"',
    "1",
    '{"type":"text"}',
    '{"type":"text","text":{}}',
    '{"type":"__proto__"}',
  ];
  const items = shown(bodies.map((body, at) => said(at + 1, "you", body)));
  expect(items.map(({ text }) => text)).toEqual(bodies.map(() => undefined));
  for (const body of bodies) expect([bodyOf(body), isTalk(body)]).toEqual([undefined, false]);
});

test("texts keep their line and hide nothing", () => {
  expect(shownText("a\u202egnp.exe\u202c")).toBe("agnp.exe\u202c".replace("\u202c", ""));
  expect(shownText(`x${"\u200b".repeat(60_000)}y`)).toBe("xy");
  expect(shownText(`z${"\u0301".repeat(500)}`)).toBe(`z${"\u0301".repeat(4)}`);
  expect(shownText("\u0000a\u0007b\n\tc")).toBe("ab\n\tc");
  expect(shownText("👩‍👩‍👧")).toBe("👩‍👩‍👧");
  expect(shownText("<img src=x onerror=alert(1)>")).toBe("<img src=x onerror=alert(1)>");
});
