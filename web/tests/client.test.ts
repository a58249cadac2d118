// The core against a server in memory, with the real crypto: what must hold whatever the network does.
import { IDBObjectStore } from "fake-indexeddb";
import { type IDBPDatabase, unwrap } from "idb";
import { afterEach, expect, test, vi } from "vitest";
import type { Wire } from "../src/core/wire";
import { Person } from "./fake/person";
import { FakeServer, problem } from "./fake/server";

const people: Person[] = [];
afterEach(() => {
  for (const person of people.splice(0)) person.client.close();
  vi.restoreAllMocks();
});

async function pair(server: FakeServer) {
  const alice = await Person.registered(server, "alice");
  const bob = await Person.registered(server, "bob");
  people.push(alice, bob);
  const room = await alice.client.startDirect("bob");
  await alice.online();
  await bob.online();
  return { alice, bob, room };
}

test("two people talk", async () => {
  const { alice, bob, room } = await pair(new FakeServer());
  await alice.client.sendText(room, "Hello");
  await bob.shows(["Hello"]);
  await bob.client.sendText(room, "Hi");
  await alice.shows(["Hello", "Hi"]);
  await bob.shows(["Hello", "Hi"]);
  expect((await bob.view(room))?.members.map(({ username }) => username).sort()).toEqual(["alice", "bob"]);
});

test("what is written offline is sent once, in order, when the connection is back", async () => {
  const server = new FakeServer();
  const { alice, bob, room } = await pair(server);
  server.cut();
  for (const text of ["one", "two", "three"]) await alice.client.sendText(room, text);
  expect((await alice.client.snapshot()).outgoing).toHaveLength(3);
  server.down = false;
  await alice.client.awake();
  await bob.client.awake();
  await bob.shows(["one", "two", "three"]);
  await alice.shows(["one", "two", "three"]);
  expect((await alice.client.snapshot()).outgoing).toEqual([]);
});

test("queued sends and shown messages survive a restart", async () => {
  const server = new FakeServer();
  const { alice, bob, room } = await pair(server);
  await bob.client.sendText(room, "before");
  await alice.shows(["before"]);
  server.cut();
  await alice.client.sendText(room, "after");
  const again = await alice.reopened();
  people.push(again);
  expect((await again.client.messages(room, Number.MAX_SAFE_INTEGER, 10)).map(({ seq }) => seq)).toEqual([2]);
  expect((await again.client.snapshot()).outgoing.map(({ body_json }) => body_json)).toEqual([
    '{"type":"text","text":"after"}',
  ]);
  server.down = false;
  await again.client.awake();
  await bob.client.awake();
  await bob.shows(["before", "after"]);
  await again.shows(["after"]);
});

test("an unknown outcome is retried with the same bytes, and shown once", async () => {
  const server = new FakeServer();
  const { alice, bob, room } = await pair(server);
  server.loseSends = true;
  await alice.client.sendText(room, "once");
  await vi.waitFor(() => expect(server.sends.length).toBeGreaterThan(0));
  server.loseSends = false;
  await bob.shows(["once"]);
  await alice.shows(["once"]);
  expect(server.sends.length).toBeGreaterThan(1);
  expect(new Set(server.sends)).toEqual(new Set([server.sends[0]]));
});

test("a message whose answer got lost is not sent again once it came back", async () => {
  const server = new FakeServer();
  const { alice, bob, room } = await pair(server);
  server.loseAnswers = true;
  await alice.client.sendText(room, "once");
  await bob.shows(["once"]);
  server.loseAnswers = false;
  await alice.shows(["once"]);
  await alice.client.sendText(room, "more");
  await bob.shows(["once", "more"]);
  expect(server.rooms.get(room)?.events).toHaveLength(3);
});

test("a stale roster is fetched and the message encrypted again", async () => {
  const server = new FakeServer();
  const { alice, bob, room } = await pair(server);
  await alice.client.sendText(room, "first");
  await bob.shows(["first"]);
  server.bump(room);
  await alice.client.sendText(room, "second");
  await bob.shows(["first", "second"]);
  const versions = server.sends.map((bytes) => (JSON.parse(bytes) as { roster_version: number }).roster_version);
  expect(versions).toEqual([1, 1, 2]);
});

test("nothing is acknowledged, marked or shown that could not be stored", async () => {
  const server = new FakeServer();
  const { alice, bob, room } = await pair(server);
  const account = [...server.accounts.values()].find(({ username }) => username === "bob");
  await vi.waitFor(() => expect(account?.inbox).toEqual([]));
  const acknowledged = account?.acknowledged;
  const full = fillDisk(bob);
  await alice.client.sendText(room, "kept");
  await vi.waitFor(() => expect(account?.inbox).toHaveLength(1));
  await new Promise((done) => setTimeout(done, 300));
  expect(bob.texts()).toEqual([]);
  expect(account?.acknowledged).toBe(acknowledged);
  expect(bob.told).toContainEqual({ type: "storing", works: false });
  full.mockRestore();
  await bob.shows(["kept"]);
  await vi.waitFor(() => expect(account?.inbox).toEqual([]));
  expect(bob.told.findLast(({ type }) => type === "storing")).toEqual({ type: "storing", works: true });
});

test("what a call's full disk took from a run in its middle comes again", async () => {
  const server = new FakeServer();
  const { alice, bob, room } = await pair(server);
  bob.client.close();
  for (const text of ["one", "two", "three"]) await alice.client.sendText(room, text);
  await vi.waitFor(async () => expect((await alice.client.snapshot()).outgoing).toEqual([]));
  let [asked, answer] = [false, () => {}];
  const gate = new Promise<void>((open) => {
    answer = open;
  });
  const { fetch } = server;
  const slow: typeof fetch = async (input, init) => {
    const isOfLog = input.includes("/events");
    asked ||= isOfLog;
    if (isOfLog) await gate;
    return fetch(input, init);
  };
  Object.assign(server, { fetch: slow });
  const again = await bob.reopened();
  people.push(again);
  // The keys are taken in, and not stored: the log is read before.
  await vi.waitFor(() => expect(asked).toBe(true));
  const full = fillDisk(again);
  await expect(again.client.setDraft(room, { text: "x" })).rejects.toThrow();
  full.mockRestore();
  answer();
  await again.shows(["one", "two", "three"]);
  expect(again.told.filter(({ type }) => type === "unreadable")).toEqual([]);
});

test("what an inbox item asks for is done though the run that took it in broke off", async () => {
  const server = new FakeServer();
  const { alice, bob, room } = await pair(server);
  const account = [...server.accounts.values()].find(({ username }) => username === "bob");
  if (!account) throw new Error("no account");
  await vi.waitFor(() => expect(account.inbox).toEqual([]));
  bob.client.close();
  for (const text of ["one", "two", "three"]) await alice.client.sendText(room, text);
  await vi.waitFor(async () => expect((await alice.client.snapshot()).outgoing).toEqual([]));
  account.inboxSeq += 1;
  const key_id = account.fallback[0]?.[0] ?? "";
  account.inbox.push({ seq: account.inboxSeq, body: { type: "fallback_key_used", key_id } });
  const uploads: Wire["UploadKeysRequest"][] = [];
  let broken = false;
  server.more.push((call, _, body) => {
    if (call.endsWith("/events") && !broken) {
      broken = true;
      return problem("invalid_request", 400);
    }
    if (call === "POST /api/keys/one-time") uploads.push(body);
    if (call !== "POST /auth/refresh") return undefined;
    return { access_token: account.identity.user_id, token_type: "Bearer", expires_in_ms: 600_000, refresh_token: "r" };
  });
  // A key younger than an hour is not replaced.
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 7_200_000);
  const again = await bob.reopened();
  people.push(again);
  await again.shows(["one", "two", "three"]);
  await vi.waitFor(() =>
    expect(uploads.some(({ fallback_key }) => fallback_key && !(key_id in fallback_key))).toBe(true),
  );
});

test("a message whose time is over goes from the disk and the list at once, or from neither", async () => {
  const server = new FakeServer();
  const { alice, bob, room } = await pair(server);
  await alice.client.say(room, { type: "timer", after_ms: 60_000 });
  await alice.client.sendText(room, "secret");
  const last = async () => (await bob.view(room))?.last?.body_json ?? "";
  await vi.waitFor(async () => expect(await last()).toContain("secret"), 5_000);
  await vi.waitFor(() => expect([...server.accounts.values()].every(({ inbox }) => inbox.length === 0)).toBe(true));
  const full = fillDisk(bob);
  const now = Date.now();
  const clock = vi.spyOn(Date, "now").mockReturnValue(now + 61_000);
  await vi.waitFor(
    () => expect(bob.told.findLast(({ type }) => type === "storing")).toMatchObject({ works: false }),
    5_000,
  );
  expect(bob.told.some(({ type }) => type === "gone")).toBe(false);
  expect(await last()).toContain("secret");
  expect(await bob.client.messages(room, Number.MAX_SAFE_INTEGER, 9)).toHaveLength(2);
  full.mockRestore();
  clock.mockReturnValue(now + 121_000);
  await vi.waitFor(
    () => expect(bob.told).toContainEqual(expect.objectContaining({ type: "gone", reason: "expired" })),
    5_000,
  );
  expect(await last()).not.toContain("secret");
  expect(await bob.client.messages(room, Number.MAX_SAFE_INTEGER, 9)).toHaveLength(1);
});

/** Until it is restored. */
function fillDisk(person: Person) {
  const disk = databaseOf(person);
  const put = IDBObjectStore.prototype.put;
  return vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...args) {
    if ((this.transaction.db as unknown) === disk) throw new DOMException("full", "QuotaExceededError");
    return put.apply(this, args as Parameters<typeof put>);
  });
}

function databaseOf(person: Person): unknown {
  const client = person.client as unknown as { store: { database: IDBPDatabase } };
  return unwrap(client.store.database);
}

test("a connection that comes about after the end is closed, and nothing is said on it", async () => {
  const server = new FakeServer();
  const { bob } = await pair(server);
  const id = (await bob.client.snapshot()).me?.user_id;
  let [asked, answer] = [false, () => {}];
  const gate = new Promise<void>((open) => {
    answer = open;
  });
  const { open } = server;
  const slow: typeof open = async (ticket) => {
    asked = true;
    await gate;
    return open(ticket);
  };
  Object.assign(server, { open: slow });
  const late = await bob.reopened();
  people.push(late);
  await vi.waitFor(() => expect(asked).toBe(true));
  late.client.end();
  const heard = server.heard.length;
  answer();
  await new Promise((done) => setTimeout(done, 300));
  expect([...server.sockets].filter(({ user }) => user === id)).toEqual([]);
  expect(server.heard.slice(heard).filter(([user]) => user === id)).toEqual([]);
});

test("read marks reach the sender, and unread counts fall", async () => {
  const { alice, bob, room } = await pair(new FakeServer());
  await alice.client.sendText(room, "read me");
  await bob.shows(["read me"]);
  expect((await bob.view(room))?.unread).toBe(1);
  await bob.client.markRead(room, 2);
  expect((await bob.view(room))?.unread).toBe(0);
  const me = (await bob.client.snapshot()).me?.user_id ?? "";
  await vi.waitFor(async () => expect((await alice.view(room))?.marks[me]?.read_seq).toBe(2));
});

test("what was read offline is told when the connection is back", async () => {
  const server = new FakeServer();
  const { alice, bob, room } = await pair(server);
  await alice.client.sendText(room, "read me");
  await bob.shows(["read me"]);
  server.cut();
  await bob.client.markRead(room, 2);
  const again = await bob.reopened();
  people.push(again);
  server.down = false;
  await Promise.all([again.client.awake(), alice.client.awake()]);
  const me = (await again.client.snapshot()).me?.user_id ?? "";
  await vi.waitFor(async () => expect((await alice.view(room))?.marks[me]?.read_seq).toBe(2), 8_000);
});

test("whoever answers has read what came before, and that is told; what they write needs no mark", async () => {
  const server = new FakeServer();
  const { alice, bob, room } = await pair(server);
  await alice.client.sendText(room, "read me");
  await bob.shows(["read me"]);
  await bob.client.sendText(room, "I do");
  await bob.shows(["read me", "I do"]);
  await bob.client.markRead(room, 3);
  const me = (await bob.client.snapshot()).me?.user_id ?? "";
  await vi.waitFor(async () => expect((await alice.view(room))?.marks[me]?.read_seq).toBe(2), 8_000);
});

test("a refused registration leaves nothing behind", async () => {
  const server = new FakeServer();
  people.push(await Person.registered(server, "alice"));
  const second = await Person.open(server);
  people.push(second);
  await expect(second.client.register("alice", "correct horse", "Test")).rejects.toMatchObject({ name: "Refused" });
  expect((await second.client.snapshot()).me).toBeUndefined();
  const again = await second.reopened();
  people.push(again);
  expect((await again.client.snapshot()).me).toBeUndefined();
});
