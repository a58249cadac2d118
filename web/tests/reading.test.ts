// Runs of messages from the store, and what belongs to them.
import { expect, test } from "vitest";
import { readPage } from "../src/core/reading";
import { emptyBatch, Store, type StoredMessage } from "../src/core/store";

const ROOM = "9a1f6c1e-0000-4000-8000-000000000001";
const OTHER = "9a1f6c1e-0000-4000-8000-000000000002";
const id = (seq: number) => `00000000-0000-4000-8000-${String(seq).padStart(12, "0")}`;

function said(seq: number, body: unknown = { type: "text", text: `text ${seq}` }, room = ROOM): StoredMessage {
  const ids = { conversation_id: room, txn_id: id(seq), sender_user_id: "user", sender_device_id: "device" };
  const body_json = typeof body === "string" ? body : JSON.stringify(body);
  return { ...ids, seq, created_at_ms: seq, expires_at_ms: null, counter: seq, body_json, key_origin: "owner" };
}

async function storeOf(shown: StoredMessage[]): Promise<Store> {
  const store = await Store.open();
  await store.commit({ ...emptyBatch(), shown });
  return store;
}

const seqs = (messages: StoredMessage[]) => messages.map(({ seq }) => seq);
const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

test("pages from the end to the start and back have every message once, whatever holes the log has", async () => {
  // Membership changes, removed messages and a device's late start leave holes.
  const there = [...count(3, 40), 57, ...count(90_000, 90_030)];
  const store = await storeOf([...there.map((seq) => said(seq)), said(50, undefined, OTHER)]);
  const up: number[] = [];
  for (let before = Number.MAX_SAFE_INTEGER, older = true; older; before = up[0] ?? 0) {
    const page = await readPage(store, ROOM, { before }, 16);
    up.unshift(...seqs(page.messages));
    older = page.older;
  }
  expect(up).toEqual(there);
  const down: number[] = [];
  for (let newer = true; newer; ) {
    const page = await readPage(store, ROOM, { after: down.at(-1) ?? 0 }, 16);
    down.push(...seqs(page.messages));
    newer = page.newer;
  }
  expect(down).toEqual(there);
});

test("a page around a position has both sides of it, and says whether there is more", async () => {
  const store = await storeOf(count(1, 100).map((seq) => said(seq)));
  const page = await readPage(store, ROOM, { around: 50 }, 20);
  expect(seqs(page.messages)).toEqual(count(41, 60));
  expect([page.older, page.newer]).toEqual([true, true]);
  const end = await readPage(store, ROOM, { around: 97 }, 20);
  expect(seqs(end.messages)).toEqual(count(88, 100));
  expect([end.older, end.newer]).toEqual([true, false]);
});

test("edits and reactions come with the message that they are about, answers with what they answer", async () => {
  const store = await storeOf([
    ...count(1, 30).map((seq) => said(seq)),
    said(31, { type: "edit", target: id(2), text: "better" }),
    said(32, { type: "reaction", target: id(3), emoji: "+" }),
    said(33, { type: "reply", target: id(5), text: "yes" }),
    said(34, { type: "edit", target: id(5), text: "five, edited" }),
    said(35, { type: "reaction", target: id(3), emoji: "-" }, OTHER),
  ]);
  const first = await readPage(store, ROOM, { after: 0 }, 4);
  expect(seqs(first.messages)).toEqual([1, 2, 3, 4]);
  expect(seqs(first.context)).toEqual([31, 32]);
  const last = await readPage(store, ROOM, { after: 32 }, 10);
  expect(seqs(last.messages)).toEqual([33, 34]);
  expect(seqs(last.context)).toEqual([5]);
  const answer = await readPage(store, ROOM, { before: 34 }, 1);
  expect(seqs(answer.context)).toEqual([5, 34]);
});

test("an id means the first message that has it, also if another one is in the page", async () => {
  const store = await storeOf([
    said(1),
    said(2, { type: "reaction", target: id(1), emoji: "+" }),
    { ...said(3), txn_id: id(1), sender_user_id: "other" },
    said(4, { type: "reply", target: id(1), text: "yes" }),
  ]);
  expect(seqs((await readPage(store, ROOM, { after: 2 }, 1)).context)).toEqual([1, 2]);
  expect(seqs((await readPage(store, ROOM, { after: 2 }, 2)).context)).toEqual([1, 2]);
  expect(seqs(await store.meant(ROOM, [id(1), id(2)]))).toEqual([1]);
});

test("a hostile target is nothing, and does not lie on the disk", async () => {
  const bodies = [
    { type: "reaction", target: "a canary", emoji: "x" },
    { type: "reply", target: { toString: 1 }, text: "x" },
    { type: "edit", target: `${ROOM}/${id(1)}`, text: "x" },
    "[",
    "null",
  ];
  const store = await storeOf([said(1), ...bodies.map((body, at) => said(at + 2, body))]);
  const page = await readPage(store, ROOM, { after: 0 }, 1);
  expect(page.context).toEqual([]);
  const database = (store as unknown as { database: IDBDatabase }).database as unknown as {
    getAll(table: string): Promise<{ about?: string }[]>;
  };
  expect((await database.getAll("messages")).flatMap(({ about }) => about ?? [])).toEqual([]);
});

test("rows of an older version are read", async () => {
  const store = await storeOf([said(1), said(2)]);
  const database = (store as unknown as { database: unknown }).database as {
    get(table: string, key: unknown): Promise<{ sealed: Uint8Array }>;
    put(table: string, value: unknown, key: unknown): Promise<void>;
  };
  const { sealed } = await database.get("messages", [ROOM, 2]);
  await database.put("messages", sealed, [ROOM, 2]);
  expect(seqs((await readPage(store, ROOM, { before: 9 }, 9)).messages)).toEqual([1, 2]);
});

test("how much a page asks for is bounded", async () => {
  const store = await storeOf(count(1, 600).map((seq) => said(seq)));
  expect((await readPage(store, ROOM, { before: 9_999 }, 1e9)).messages).toHaveLength(500);
  expect((await readPage(store, ROOM, { before: 9_999 }, -5)).messages).toHaveLength(1);
});
