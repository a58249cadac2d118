// A new identity for who lost the recovery key, against a server in memory.
import { afterEach, expect, test, vi } from "vitest";
import { Person } from "./fake/person";
import { FakeSecrets } from "./fake/secrets";
import { FakeServer } from "./fake/server";

vi.setConfig({ testTimeout: 60_000 });
const PASSWORD = "correct horse";

const people: Person[] = [];
afterEach(() => {
  for (const person of people.splice(0)) person.client.close();
});

/** Two people who talk, and everything that the server keeps of the first. */
async function scene() {
  const server = new FakeServer();
  const secrets = new FakeSecrets(server);
  const alice = await Person.open(server);
  people.push(alice);
  const { recoveryWords } = await alice.client.register("alice", PASSWORD, "Test");
  await alice.client.wordsWritten();
  await alice.online();
  const bob = await Person.registered(server, "bob");
  people.push(bob);
  await bob.online();
  const room = await alice.client.startDirect("bob");
  await alice.client.sendText(room, "before");
  await bob.shows(["before"]);
  const id = (await alice.client.snapshot()).me?.user_id ?? "";
  await vi.waitFor(() => expect(secrets.kept.get(id)?.descriptor).toBeDefined(), 15_000);
  const master = () => JSON.stringify(server.accounts.get(id)?.identity.master_key);
  return { server, secrets, alice, bob, room, recoveryWords, id, master };
}

const unseen = async ({ client }: Person) => (await client.snapshot()).me?.unseen_words;
const trustOf = async ({ client }: Person, id: string) =>
  (await client.snapshot()).people.find(({ user_id }) => user_id === id);

test("contacts are warned and asked, then both talk; the new words open the account, the old ones do not", async () => {
  const { server, secrets, alice, bob, room, recoveryWords, id, master } = await scene();
  const before = master();
  await alice.client.newIdentity(PASSWORD);
  expect(master()).not.toBe(before);
  const words = (await alice.client.unseenWords()) ?? "";
  expect(words.split(" ")).toHaveLength(24);
  expect(words).not.toBe(recoveryWords);
  expect(alice.told.some(({ type }) => type === "alarm")).toBe(false);

  await vi.waitFor(async () => expect((await trustOf(bob, id))?.trust).toBe("violated"), 8_000);
  const sends = server.sends.length;
  await bob.client.sendText(room, "is it you?");
  await vi.waitFor(() => expect(bob.told.some(({ type }) => type === "blocked")).toBe(true), 8_000);
  expect(server.sends).toHaveLength(sends);
  await bob.client.acceptKey(id, (await trustOf(bob, id))?.offered?.key ?? "", false);
  await alice.shows(["before", "is it you?"]);
  await alice.client.sendText(room, "it is me");
  await bob.shows(["before", "is it you?", "it is me"]);

  const kept = secrets.kept.get(id);
  await vi.waitFor(() => expect(kept?.sessions.size).toBeGreaterThan(0), 15_000);
  expect(kept?.recoveryKey?.version).toBe(2);
  const again = await Person.open(server);
  people.push(again);
  await again.client.signIn("alice", PASSWORD, "New");
  await expect(again.client.recover(recoveryWords, PASSWORD)).rejects.toMatchObject({ name: "WrongRecoveryKey" });
  await again.client.recover(words, PASSWORD);
  await vi.waitFor(() => expect(again.texts()).toContain("it is me"), 8_000);
});

test("the words wait, whatever happens to the page, until the person proved to have them", async () => {
  const { alice } = await scene();
  expect(await unseen(alice)).toBe(false);
  await alice.client.newIdentity(PASSWORD);
  expect(await unseen(alice)).toBe(true);
  expect(alice.told.findLast(({ type }) => type === "me")).toMatchObject({ me: { unseen_words: true, linked: true } });
  const words = await alice.client.unseenWords();
  const again = await alice.reopened();
  people.push(again);
  expect(await unseen(again)).toBe(true);
  expect(await again.client.unseenWords()).toBe(words);
  await again.client.wordsWritten();
  expect([await unseen(again), await again.client.unseenWords()]).toEqual([false, undefined]);
  const later = await again.reopened();
  people.push(later);
  expect(await unseen(later)).toBe(false);
});

test("a wrong password asks the server for nothing", async () => {
  const { alice, secrets, master } = await scene();
  const before = master();
  await expect(alice.client.newIdentity("wrong")).rejects.toMatchObject({ name: "Refused" });
  expect([secrets.resets.length, master(), await unseen(alice)]).toEqual([0, before, false]);
});

test("a server that fails changes nothing; the same request goes again, and works", async () => {
  const { alice, bob, room, secrets, master } = await scene();
  const before = master();
  secrets.refuseReset = "internal";
  await expect(alice.client.newIdentity(PASSWORD)).rejects.toMatchObject({ name: "Refused" });
  expect([master(), await unseen(alice)]).toEqual([before, false]);
  await alice.client.sendText(room, "still here");
  await bob.shows(["before", "still here"]);
  secrets.refuseReset = undefined;
  await alice.client.newIdentity(PASSWORD);
  expect(secrets.resets).toHaveLength(2);
  expect(secrets.resets[1]).toBe(secrets.resets[0]);
  expect([master() === before, await unseen(alice)]).toEqual([false, true]);
});

test("a refusal for good is given up: the account stays as it is, and another attempt has other keys", async () => {
  const { alice, bob, room, secrets, master } = await scene();
  const before = master();
  secrets.refuseReset = "device_on_probation";
  await expect(alice.client.newIdentity(PASSWORD)).rejects.toMatchObject({ name: "Refused" });
  expect([master(), await unseen(alice)]).toEqual([before, false]);
  await alice.client.sendText(room, "still here");
  await bob.shows(["before", "still here"]);
  secrets.refuseReset = undefined;
  await alice.client.newIdentity(PASSWORD);
  expect(secrets.resets[1]).not.toBe(secrets.resets[0]);
  expect(await unseen(alice)).toBe(true);
});

const isReset = (call: string) => call === "POST /api/account/identity";

test("after a lost answer the same call finds the identity and does not ask for another one", async () => {
  const { alice, server, secrets, master } = await scene();
  server.losing = isReset;
  await expect(alice.client.newIdentity(PASSWORD)).rejects.toMatchObject({ name: "Unreachable" });
  server.losing = () => false;
  const made = master();
  await alice.client.newIdentity(PASSWORD);
  expect([secrets.resets.length, master() === made, await unseen(alice)]).toEqual([1, true, true]);
  expect(alice.told.some(({ type }) => type === "alarm")).toBe(false);
});

test("after a lost answer and a reload the words come by themselves", async () => {
  const server = new FakeServer();
  new FakeSecrets(server);
  // Without a conversation, whose roster would bring it to light too.
  const alice = await Person.registered(server, "alice");
  people.push(alice);
  await alice.client.wordsWritten();
  await alice.online();
  server.losing = isReset;
  await expect(alice.client.newIdentity(PASSWORD)).rejects.toMatchObject({ name: "Unreachable" });
  server.losing = () => false;
  const again = await alice.reopened();
  people.push(again);
  const told = () => again.told.findLast(({ type }) => type === "me");
  await vi.waitFor(() => expect(told()).toMatchObject({ me: { unseen_words: true } }), 8_000);
  expect((await again.client.unseenWords())?.split(" ")).toHaveLength(24);
});

test("two tabs that ask at once make one identity, whose words are kept", async () => {
  const { alice, secrets, master } = await scene();
  await Promise.all([alice.client.newIdentity(PASSWORD), alice.client.newIdentity(PASSWORD)]);
  expect(new Set(secrets.resets).size).toBe(1);
  expect(JSON.stringify(JSON.parse(secrets.resets[0] ?? "{}").master_key)).toBe(master());
  expect(await unseen(alice)).toBe(true);
});
