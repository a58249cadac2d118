import { type IDBPDatabase, unwrap } from "idb";
import { expect, test } from "vitest";
import type { Core } from "../src/core/core";
import { emptyBatch, Store, type StoredMessage } from "../src/core/store";
import { lose } from "../src/core/taking";

const ROOM = "9a1f6c1e-0000-4000-8000-000000000001";

function message(seq: number, expires_at_ms: number | null = null): StoredMessage {
  const ids = { conversation_id: ROOM, txn_id: `txn-${seq}`, sender_user_id: "user", sender_device_id: "device" };
  return { ...ids, seq, created_at_ms: seq, expires_at_ms, counter: seq, body_json: "a canary", key_origin: "owner" };
}

const databaseOf = (store: Store) => (store as unknown as { database: IDBPDatabase }).database;
const whole = () => ({ ...emptyBatch(), shown: [message(1), message(2), message(3, 500)] });

test("what is stored comes back after a restart", async () => {
  const store = await Store.open();
  const records: [string, Uint8Array][] = [["account", new Uint8Array([1, 2, 3])]];
  await store.commit({ ...whole(), records, meta: new Map([["inbox_seq", 7]]) });
  store.close();
  const again = await Store.open();
  const loaded = await again.load();
  expect(loaded.records.map(([key, bytes]) => [key, [...bytes]])).toEqual([["account", [1, 2, 3]]]);
  expect(loaded.meta).toEqual(new Map([["inbox_seq", 7]]));
  expect((await again.messages(ROOM, 3, 10)).map(({ seq }) => seq)).toEqual([1, 2]);
  expect((await again.messages(ROOM, 9, 2)).map(({ seq }) => seq)).toEqual([2, 3]);
});

test("nothing can be read from the disk, and the key can't be taken away", async () => {
  const store = await Store.open();
  const outgoing = { conversation_id: ROOM, txn_id: "t", body_json: "a canary", queued_at_ms: 1 };
  await store.commit({
    ...whole(),
    records: [["account", new TextEncoder().encode("a canary")]],
    meta: new Map([["profile", "a canary"]]),
    outgoing: new Map([["t", outgoing]]),
  });
  const database = unwrap(databaseOf(store));
  for (const table of ["records", "meta", "outgoing", "messages"]) {
    const request = database.transaction(table).objectStore(table).getAll();
    await new Promise((done) => request.addEventListener("success", done));
    expect(request.result.length).toBeGreaterThan(0);
    for (const { sealed, ...readable } of request.result.map((value) =>
      "sealed" in value ? value : { sealed: value },
    )) {
      expect(new TextDecoder("latin1").decode(sealed) + JSON.stringify(readable)).not.toContain("canary");
    }
  }
  const key = (store as unknown as { key: CryptoKey }).key;
  await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow();
});

test("a value that was moved to another place does not open", async () => {
  const store = await Store.open();
  await store.commit({ ...emptyBatch(), meta: new Map([["one", 1]]) });
  const database = databaseOf(store);
  await database.put("meta", await database.get("meta", "one"), "two");
  await expect(store.load()).rejects.toMatchObject({ name: "StoreFailed" });
});

async function expire(store: Store, nowMs: number): Promise<void> {
  const { over, about } = await store.due(nowMs);
  const forgotten = [...about, ...over.map(([, id, seq]): [string, number] => [id, seq])];
  await store.commit({ ...emptyBatch(), forgotten, expired: over });
}

test("messages whose time is over are named, and gone when they are deleted", async () => {
  const store = await Store.open();
  await store.commit(whole());
  expect(await store.due(499)).toEqual({ over: [], about: [] });
  expect([await store.nextExpiry(499), await store.nextExpiry(500)]).toEqual([500, undefined]);
  expect(await store.due(500)).toEqual({ over: [[500, ROOM, 3]], about: [] });
  await expire(store, 500);
  expect(await store.due(500)).toEqual({ over: [], about: [] });
  expect((await store.messages(ROOM, 9, 10)).map(({ seq }) => seq)).toEqual([1, 2]);
});

const ID = "00000000-0000-4000-8000-000000000001";
const TEXT = JSON.stringify({ type: "text", text: "x" });
const REACTION = JSON.stringify({ type: "reaction", target: ID, emoji: "x" });
const said = (seq: number, body_json: string, txn_id: string, expires: number | null = null): StoredMessage => ({
  ...message(seq, expires),
  txn_id,
  body_json,
});
const seqsOf = async (store: Store) => (await store.messages(ROOM, 99, 99)).map(({ seq }) => seq);

test("what is about a message goes with it, not with another one that took its id", async () => {
  const store = await Store.open();
  const room_name = JSON.stringify({ type: "room_name", name: "x" });
  const shown = [
    said(1, room_name, ID, 100),
    said(2, TEXT, ID, 900),
    said(3, REACTION, "r"),
    said(4, TEXT, ID, 200),
    said(5, REACTION, ID, 300),
  ];
  await store.commit({ ...emptyBatch(), shown });
  await expire(store, 300);
  expect(await seqsOf(store)).toEqual([2, 3]);
  await expire(store, 900);
  expect(await seqsOf(store)).toEqual([]);
});

test("a removed message takes with it only what is about itself", async () => {
  const store = await Store.open();
  const [first, second] = [said(1, TEXT, ID), said(3, TEXT, ID)];
  await store.commit({ ...emptyBatch(), shown: [first, said(2, REACTION, "r"), second] });
  const gone: number[] = [];
  const core = {
    store,
    fresh: [] as StoredMessage[],
    dropRemoval() {},
    forget: (_: string, seq: number) => gone.push(seq),
  };
  await lose(core as unknown as Core, second, "removed");
  expect(gone.splice(0)).toEqual([3]);
  await lose(core as unknown as Core, first, "removed");
  expect(gone.splice(0)).toEqual([1, 2]);
  // What is not stored yet counts as well.
  core.fresh = [first, second].map((one) => ({ ...one, seq: one.seq + 10, txn_id: "new" }));
  await lose(core as unknown as Core, core.fresh[1] as StoredMessage, "removed");
  expect(gone).toEqual([13]);
});
