// Recovery key and key backup against a server in memory.
import { afterEach, expect, test, vi } from "vitest";
import { Person } from "./fake/person";
import { FakeSecrets } from "./fake/secrets";
import { FakeServer } from "./fake/server";

const people: Person[] = [];
afterEach(() => {
  for (const person of people.splice(0)) person.client.close();
});

async function account() {
  const server = new FakeServer();
  const secrets = new FakeSecrets(server);
  const alice = await Person.open(server);
  people.push(alice);
  const { recoveryWords } = await alice.client.register("alice", "correct horse", "Test");
  await alice.online();
  const id = (await alice.client.snapshot()).me?.user_id ?? "";
  const kept = () => {
    const found = secrets.kept.get(id);
    if (!found) throw new Error("nobody registered");
    return found;
  };
  return { server, secrets, alice, recoveryWords, kept };
}

/** Somebody writes, so that there is a session to keep. */
async function talk({ server, alice }: Awaited<ReturnType<typeof account>>) {
  const bob = await Person.registered(server, "bob");
  people.push(bob);
  const room = await bob.client.startDirect("alice");
  await bob.online();
  await bob.client.sendText(room, "remember this");
  await alice.shows(["remember this"]);
  return { bob, room };
}

test("a fresh account publishes its recovery key and begins a backup, and what is read goes into it", async () => {
  const all = await account();
  await vi.waitFor(() => expect(all.kept().descriptor?.version).toBe(1), 15_000);
  expect(all.kept().recoveryKey?.version).toBe(1);
  await talk(all);
  await vi.waitFor(() => expect(all.kept().sessions.size).toBeGreaterThan(0), 15_000);
});

test("a recovered browser reads what was written before", async () => {
  const all = await account();
  const { server, alice, recoveryWords, kept } = all;
  const { room } = await talk(all);
  await vi.waitFor(() => expect(kept().sessions.size).toBeGreaterThan(0), 15_000);
  alice.client.close();
  const again = await Person.open(server);
  people.push(again);
  await again.client.signIn("alice", "correct horse", "New");
  await again.client.recover(recoveryWords, "correct horse");
  await again.shows(["remember this"]);
  const stored = await again.client.messages(room, Number.MAX_SAFE_INTEGER, 10);
  expect(stored.map(({ key_origin }) => key_origin)).toEqual(["backup"]);
});

test("a descriptor that the account did not sign is an alarm, and nothing is written under it", async () => {
  const all = await account();
  const { alice, server, kept } = all;
  await vi.waitFor(() => expect(kept().descriptor).toBeDefined(), 15_000);
  const descriptor = kept().descriptor;
  if (!descriptor) return;
  kept().descriptor = { ...descriptor, version: 2, sealed_key: btoa("x".repeat(90)).replace(/=/g, "") };
  kept().version = 2;
  kept().sessions.clear();
  const again = await alice.reopened();
  people.push(again);
  await again.online();
  await vi.waitFor(() => expect(again.told).toContainEqual(expect.objectContaining({ type: "alarm" })), 15_000);
  await talk({ ...all, server, alice: again });
  await new Promise((done) => setTimeout(done, 2_500));
  expect(kept().sessions.size).toBe(0);
});

test("a new recovery key voids the old one, and the backup begins anew under it", async () => {
  const all = await account();
  const { alice, recoveryWords, kept } = all;
  await talk(all);
  await vi.waitFor(() => expect(kept().sessions.size).toBeGreaterThan(0), 15_000);
  const before = kept().bundle;
  const words = await alice.client.replaceRecoveryKey(recoveryWords, "correct horse");
  expect(words.split(" ")).toHaveLength(24);
  expect(words).not.toBe(recoveryWords);
  expect(kept().bundle).not.toBe(before);
  expect(kept().recoveryKey?.version).toBe(2);
  await vi.waitFor(() => expect(kept().version).toBe(2), 15_000);
  await vi.waitFor(() => expect(kept().sessions.size).toBeGreaterThan(0), 15_000);
  const old = alice.client.replaceRecoveryKey(recoveryWords, "correct horse");
  await expect(old).rejects.toMatchObject({ name: "WrongRecoveryKey" });
  expect(kept().recoveryKey?.version).toBe(2);
});

test("a new recovery key whose answer got lost is given by the same call again", async () => {
  const { alice, recoveryWords, secrets, kept } = await account();
  await vi.waitFor(() => expect(kept().descriptor).toBeDefined(), 15_000);
  secrets.loseRecoveryAnswer = true;
  const lost = alice.client.replaceRecoveryKey(recoveryWords, "correct horse");
  await expect(lost).rejects.toMatchObject({ name: "Refused" });
  secrets.loseRecoveryAnswer = false;
  expect(kept().recoveryKey?.version).toBe(2);
  const words = await alice.client.replaceRecoveryKey(recoveryWords, "correct horse");
  expect(words.split(" ")).toHaveLength(24);
  expect(kept().recoveryKey?.version).toBe(2);
});

test("nothing of another account is deleted unless the person agreed", async () => {
  const { server, alice } = await account();
  const before = await alice.client.snapshot();
  for (const call of [
    () => alice.client.register("carol", "correct horse", "Test"),
    () => alice.client.signIn("carol", "correct horse", "Test"),
    () => alice.client.enter({ type: "show" }, "Test"),
  ]) {
    await expect(call()).rejects.toMatchObject({ name: "WouldErase" });
  }
  expect(await alice.client.snapshot()).toEqual(before);
  await alice.client.register("carol", "correct horse", "Test", true);
  expect((await alice.client.snapshot()).me?.username).toBe("carol");
  expect(server.accounts.size).toBe(2);
});
