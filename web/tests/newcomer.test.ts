// What an earlier account left in a browser goes when the server has the new one, and not before.
import { IDBObjectStore } from "fake-indexeddb";
import { afterEach, expect, test, vi } from "vitest";
import { emptyBatch, Store } from "../src/core/store";
import { Person } from "./fake/person";
import { FakeSecrets } from "./fake/secrets";
import { FakeServer } from "./fake/server";

vi.setConfig({ testTimeout: 60_000 });
const PASSWORD = "correct horse";

const people: Person[] = [];
afterEach(() => {
  for (const person of people.splice(0)) person.client.close();
  vi.restoreAllMocks();
});

/** A browser with an account and a message of it; somebody else has a name. */
async function scene() {
  const server = new FakeServer();
  new FakeSecrets(server);
  const taken = await Person.registered(server, "taken");
  const alice = await Person.registered(server, "alice");
  people.push(taken, alice);
  await taken.online();
  await alice.online();
  const room = await taken.client.startDirect("alice");
  await taken.client.sendText(room, "keep this");
  await alice.shows(["keep this"]);
  return { server, alice, room };
}

async function nobodyWaits(): Promise<boolean> {
  const room = await Store.open("sotto-newcomer");
  const empty = await room.isEmpty();
  room.close();
  return empty;
}

type Scene = Awaited<ReturnType<typeof scene>>;

/** Everything of the first account is there, now and after a reload, and it works. */
async function isWhole({ server, alice, room }: Scene): Promise<Person> {
  let person = alice;
  for (const reload of [false, true]) {
    if (reload) person = await alice.reopened();
    people.push(person);
    const { me, conversations } = await person.client.snapshot();
    expect(me).toMatchObject({ username: "alice", linked: true, signed_out: false });
    expect(conversations.map(({ last }) => last?.body_json)).toEqual(['{"type":"text","text":"keep this"}']);
    expect(await person.client.messages(room, Number.MAX_SAFE_INTEGER, 10)).toHaveLength(1);
    if (!reload) continue;
    await person.online();
    await person.client.sendText(room, "still me");
    await person.shows(["still me"]);
  }
  expect([...server.accounts.values()].map(({ username }) => username)).toContain("alice");
  return person;
}

test("a name that is taken costs nothing", async () => {
  const all = await scene();
  const refused = all.alice.client.register("taken", PASSWORD, "Test", true);
  await expect(refused).rejects.toMatchObject({ problem: { code: "username_taken" } });
  await isWhole(all);
});

test("without a connection nothing is erased", async () => {
  const all = await scene();
  all.server.down = true;
  const { client } = all.alice;
  await expect(client.register("carol", PASSWORD, "Test", true)).rejects.toMatchObject({ name: "Unreachable" });
  await expect(client.signIn("taken", PASSWORD, "Test", true)).rejects.toMatchObject({ name: "Unreachable" });
  all.server.down = false;
  await isWhole(all);
});

test("a wrong password costs nothing", async () => {
  const all = await scene();
  const refused = all.alice.client.signIn("taken", "wrong", "Test", true);
  await expect(refused).rejects.toMatchObject({ problem: { code: "wrong_credentials" } });
  await isWhole(all);
});

test("a disk without room for the new account keeps the old one", async () => {
  const all = await scene();
  // The first to be written in the place of everything is the new key.
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...args) {
    if (this.name === "keys" && this.transaction.objectStoreNames.length > 1)
      throw new DOMException("full", "QuotaExceededError");
    return put.apply(this, args as Parameters<typeof put>);
  });
  const { client } = all.alice;
  await expect(client.register("carol", PASSWORD, "Test", true)).rejects.toMatchObject({ name: "StoreFailed" });
  vi.restoreAllMocks();
  const { client: again } = await isWhole(all);
  // The server has it, and its keys are not lost.
  await again.signIn("carol", PASSWORD, "Test", true);
  expect((await again.snapshot()).me).toMatchObject({ username: "carol", linked: true });
});

test("an account that the server has takes the place of the old one, of which nothing is left", async () => {
  const { alice } = await scene();
  const store = () => (alice.client as unknown as { store: Store }).store;
  const before = store();
  const old = (await before.load()).records.map(([key]) => key);
  await alice.client.register("carol", PASSWORD, "Test", true);
  const { me, conversations, people: known } = await alice.client.snapshot();
  expect([me?.username, me?.linked, conversations, known]).toEqual(["carol", true, [], []]);
  expect(alice.told).toContainEqual({ type: "me", me: undefined });
  const { records, outgoing } = await store().load();
  expect(old.length).toBeGreaterThan(records.length);
  expect(outgoing).toEqual([]);
  expect(await store().sizes(["", 0], 10)).toEqual([]);
  // The old key opens nothing of it, and who still has it can't write.
  await expect(before.load()).rejects.toMatchObject({ name: "StoreFailed" });
  const late = before.commit({ ...emptyBatch(), meta: new Map([["x", 1]]) });
  await expect(late).rejects.toMatchObject({ name: "StoreFailed" });
  await alice.online();
});

const isRegister = (call: string) => call === "POST /auth/register";

test("a registration whose answer was lost is gone on with: by the same name again, its words at hand", async () => {
  const all = await scene();
  const { server, alice } = all;
  server.losing = isRegister;
  const lost = alice.client.register("carol", PASSWORD, "Test", true);
  await expect(lost).rejects.toMatchObject({ name: "Unreachable" });
  server.losing = () => false;
  expect(server.accounts.size).toBe(3);
  const again = await isWhole(all);
  const { recoveryWords } = await again.client.register("carol", PASSWORD, "Test", true);
  expect(server.accounts.size).toBe(3);
  expect((await again.client.snapshot()).me).toMatchObject({ username: "carol", linked: true, unseen_words: true });
  expect(await again.client.unseenWords()).toBe(recoveryWords);
  expect(recoveryWords.split(" ")).toHaveLength(24);
  await again.online();
});

test("or by signing in; a mistyped password does not cost its keys", async () => {
  const { server, alice } = await scene();
  server.losing = isRegister;
  await expect(alice.client.register("carol", PASSWORD, "Test", true)).rejects.toMatchObject({ name: "Unreachable" });
  server.losing = () => false;
  const { client } = alice;
  await expect(client.register("carol", "mistyped", "Test", true)).rejects.toMatchObject({
    problem: { code: "username_taken" },
  });
  await expect(client.signIn("carol", "mistyped", "Test", true)).rejects.toMatchObject({
    problem: { code: "wrong_credentials" },
  });
  await client.signIn("carol", PASSWORD, "Test", true);
  expect((await client.snapshot()).me).toMatchObject({ username: "carol", linked: true, unseen_words: true });
});

test("a registration that never came through is sent again with the same keys", async () => {
  const server = new FakeServer();
  const alice = await Person.open(server);
  people.push(alice);
  const sent: string[] = [];
  server.more.push((call, _query, body) => {
    if (isRegister(call)) sent.push(JSON.stringify((body as { device_keys: unknown }).device_keys));
    return undefined;
  });
  server.down = true;
  await expect(alice.client.register("alice", PASSWORD, "Test")).rejects.toMatchObject({ name: "Unreachable" });
  expect((await alice.client.snapshot()).me).toBeUndefined();
  server.down = false;
  await alice.client.register("alice", PASSWORD, "Test");
  expect((await alice.client.snapshot()).me).toMatchObject({ username: "alice", unseen_words: true });
  // Nothing of it waits any more.
  expect(await nobodyWaits()).toBe(true);
  expect(sent).toHaveLength(1);
});

test("who signs out leaves nobody waiting", async () => {
  const { server, alice } = await scene();
  server.losing = isRegister;
  await expect(alice.client.register("carol", PASSWORD, "Test", true)).rejects.toMatchObject({ name: "Unreachable" });
  expect(await nobodyWaits()).toBe(false);
  await alice.client.signOut();
  expect(await nobodyWaits()).toBe(true);
});
