// What is unread: counted on the device, whatever comes in whatever order.
import { afterEach, expect, test, vi } from "vitest";
import { emptyBatch, Store, type StoredMessage } from "../src/core/store";
import type { ConversationView } from "../src/core/told";
import { note, readUpTo, recount } from "../src/core/unread";
import { Person } from "./fake/person";
import { FakeServer } from "./fake/server";

const people: Person[] = [];
afterEach(() => {
  for (const person of people.splice(0)) person.client.close();
});

const fresh = (): ConversationView => ({
  conversation_id: "room",
  kind: "group",
  state: "joined",
  members: [],
  marks: {},
  read_seq: 0,
  unread: 0,
});

const text = (seq: number, sender: string, more: object = {}) => ({
  seq,
  txn_id: `m${seq}`,
  sender_user_id: sender,
  created_at_ms: seq,
  body_json: JSON.stringify({ type: "text", text: "x", ...more }),
});

test("messages of others count, reactions and one's own do not", () => {
  const view = fresh();
  note(view, text(1, "you"), "me", 0);
  note(view, { ...text(2, "you"), body_json: '{"type":"reaction","target":"m1","emoji":"x"}' }, "me", 1);
  note(view, { ...text(3, "you"), body_json: "{" }, "me", 2);
  expect(view.unread).toBe(1);
  note(view, text(4, "me"), "me", 3);
  expect([view.unread, view.read_seq]).toEqual([0, 4]);
  // A message whose key was late is older than what is read.
  note(view, text(2, "you"), "me", 4);
  expect([view.unread, view.last?.seq]).toEqual([0, 4]);
});

test("who is named is told so until it is read; hostile mentions are nothing", () => {
  const view = fresh();
  note(view, text(1, "you", { mentions: [{ user_id: "me", start: 0, length: 1 }] }), "me", 0);
  note(view, text(2, "you", { mentions: [{ user_id: "you", start: 0, length: 1 }] }), "me", 1);
  for (const mentions of [
    "me",
    ["me"],
    { 0: "me", length: 1 },
    [["me"]],
    null,
    Array(100_000).fill("x").concat("me"),
  ]) {
    note(view, text(3, "you", { mentions }), "me", 2);
  }
  expect(view.mentions).toEqual([1]);
  expect(readUpTo(view, 9, 9)).toBe(false);
  expect([view.unread, view.mentions]).toEqual([0, undefined]);
});

test("what is read only in part is counted anew", () => {
  const view = { ...fresh(), unread: 5 };
  expect(readUpTo(view, 3, 9)).toBe(true);
  expect(readUpTo(view, 2, 9)).toBe(false);
  expect(view.read_seq).toBe(3);
});

test("the newest message counts as its author has edited it, stored or not", async () => {
  const id = "00000000-0000-4000-8000-000000000001";
  const said = (seq: number, sender_user_id: string, txn_id: string, body: object): StoredMessage => {
    const from = { conversation_id: "room", seq, txn_id, sender_user_id, sender_device_id: "d", created_at_ms: seq };
    return { ...from, expires_at_ms: null, counter: seq, body_json: JSON.stringify(body), key_origin: "owner" };
  };
  const edit = (seq: number, sender: string, text: string) =>
    said(seq, sender, `e${seq}`, { type: "edit", target: id, text });
  const revoked = { ...edit(5, "you", "forged"), warnings: [{ type: "sender_revoked" as const }] };
  const shown = [
    said(1, "you", id, { type: "text", text: "one" }),
    edit(2, "you", "two"),
    edit(4, "other", "no"),
    revoked,
  ];
  const store = await Store.open();
  await store.commit({ ...emptyBatch(), shown });
  const view = fresh();
  const last = () => view.last && [view.last.seq, (JSON.parse(view.last.body_json) as { text: string }).text];
  await recount(view, store, emptyBatch(), "me");
  expect(last()).toEqual([1, "two"]);
  await recount(view, store, { ...emptyBatch(), shown: [edit(3, "you", "three")] }, "me");
  expect(last()).toEqual([1, "three"]);
  await recount(view, store, { ...emptyBatch(), forgotten: [["room", 2]] }, "me");
  expect(last()).toEqual([1, "one"]);
  store.close();
});

async function pair() {
  const server = new FakeServer();
  const alice = await Person.registered(server, "alice");
  const bob = await Person.registered(server, "bob");
  people.push(alice, bob);
  const room = await alice.client.startDirect("bob");
  await alice.online();
  await bob.online();
  for (const word of ["one", "two", "three", "four"]) await alice.client.sendText(room, word);
  await bob.shows(["one", "two", "three", "four"]);
  const bobsId = (await bob.client.snapshot()).me?.user_id ?? "";
  const own = [...server.sockets].find((socket) => socket.user === bobsId);
  const elsewhere = (read_seq: number) =>
    own?.push({ type: "marks", conversation_id: room, marks: [{ user_id: bobsId, delivered_seq: 5, read_seq }] });
  const row = async () => {
    const view = await bob.view(room);
    return { unread: view?.unread, last: view?.last && (JSON.parse(view.last.body_json) as { text: string }).text };
  };
  return { server, alice, bob, room, elsewhere, row };
}

test("another device that read a part leaves the rest unread, also after a restart", async () => {
  const { bob, room, elsewhere, row } = await pair();
  expect(await row()).toEqual({ unread: 4, last: "four" });
  // The log begins with the membership: the messages are 2 to 5.
  elsewhere(3);
  await vi.waitFor(async () => expect(await row()).toEqual({ unread: 2, last: "four" }));
  const again = await bob.reopened();
  people.push(again);
  expect((await again.view(room))?.unread).toBe(2);
  await again.client.markRead(room, 4);
  expect((await again.view(room))?.unread).toBe(1);
  await again.client.markRead(room, 5);
  expect((await again.view(room))?.unread).toBe(0);
});

test("a mark that is older than what is read here changes nothing", async () => {
  const { bob, room, elsewhere, row } = await pair();
  await bob.client.markRead(room, 4);
  elsewhere(2);
  elsewhere(5);
  await vi.waitFor(async () => expect((await row()).unread).toBe(0));
  expect((await bob.view(room))?.read_seq).toBe(5);
});

test("a message that is gone is not unread, and the one before it is the newest", async () => {
  const { server, bob, room, row } = await pair();
  const socket = [...server.sockets].at(-1);
  const events = server.rooms.get(room)?.events ?? [];
  const last = events[4];
  if (last?.body.type !== "message") throw new Error("no message");
  const gone = { ...last, body: { type: "gone" as const, txn_id: last.body.txn_id, reason: "removed" as const } };
  socket?.push({ type: "event", event: gone });
  await vi.waitFor(async () => expect(await row()).toEqual({ unread: 3, last: "three" }));
  const rows = async () => (await bob.client.page(room, { after: 0 }, 9)).messages.map(({ seq, gone }) => gone ?? seq);
  await vi.waitFor(async () => expect(await rows()).toEqual([2, 3, 4, "removed"]));
});

test("silence is kept on the device", async () => {
  const { alice, bob, room } = await pair();
  await bob.client.setMuted(room, true);
  const again = await bob.reopened();
  people.push(again);
  expect((await again.view(room))?.muted).toBe(true);
  expect((await alice.view(room))?.muted).toBeUndefined();
  await again.client.setMuted(room, false);
  expect((await again.view(room))?.muted).toBeUndefined();
});
