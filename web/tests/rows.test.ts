// The rows of a conversation: where the new ones begin, and what stands between.
import { expect, test } from "vitest";
import type { StoredMessage } from "../src/core/store";
import type { ConversationView } from "../src/core/told";
import { thread } from "../src/thread";
import { rowsOf, withContext } from "../src/ui/rows";

const person = (user_id: string) => ({ user_id, username: user_id, role: "member" as const });
const view: ConversationView = {
  conversation_id: "room",
  kind: "direct",
  state: "joined",
  members: [person("me"), person("you")],
  marks: {},
  read_seq: 0,
  unread: 0,
};

function said(seq: number, sender = "you", body: unknown = { type: "text", text: `text ${seq}` }): StoredMessage {
  const ids = { conversation_id: "room", txn_id: `m${seq}`, sender_user_id: sender, sender_device_id: "d" };
  const body_json = JSON.stringify(body);
  return { ...ids, seq, created_at_ms: seq, expires_at_ms: null, counter: seq, body_json, key_origin: "owner" };
}

const items = (messages: StoredMessage[]) => thread(messages, [], new Set(), view, "me");
const around = (divider?: number) => ({ divider });

test("the new messages begin at the first one of others that is not read", () => {
  const all = items([said(1), said(2), said(3, "me"), said(4), said(5)]);
  const divided = (after?: number) => rowsOf(all, around(after)).find((row) => row.divider)?.seq;
  expect(divided(undefined)).toBeUndefined();
  expect(divided(1)).toBe(2);
  expect(divided(2)).toBe(4);
  expect(divided(5)).toBeUndefined();
});

test("what can't be read stands at its place", () => {
  const lost = { ...said(3), body_json: "", unreadable: "NoSession" };
  const rows = rowsOf(items([said(2), lost, said(4)]), around());
  expect(rows.map(({ seq, entry }) => [seq, "kind" in entry && entry.kind])).toEqual([
    [2, "talk"],
    [3, "unreadable"],
    [4, "talk"],
  ]);
});

test("what belongs to a run is put around it in the order of the log", () => {
  const more = new Map([9, 1, 3].map((seq) => [seq, said(seq)]));
  expect(withContext([said(2), said(3), said(4)], more).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 9]);
});
