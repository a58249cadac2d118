// How a device leaves, and what stays in the browser.
import { IDBFactory, IDBObjectStore } from "fake-indexeddb";
import { afterEach, expect, test, vi } from "vitest";
import { DATABASE } from "../src/core/store";
import { Person } from "./fake/person";
import { FakeServer } from "./fake/server";

const people: Person[] = [];
afterEach(() => {
  for (const person of people.splice(0)) person.client.close();
  vi.restoreAllMocks();
});

async function alone(server: FakeServer): Promise<Person> {
  const alice = await Person.registered(server, "alice");
  people.push(alice);
  await alice.online();
  return alice;
}

function breakClearing(): void {
  const clear = IDBObjectStore.prototype.clear;
  vi.spyOn(IDBObjectStore.prototype, "clear").mockImplementation(function (this: IDBObjectStore) {
    if (this.transaction.db.name === DATABASE) throw new DOMException("broken", "UnknownError");
    return clear.call(this);
  });
}

const lastMe = (person: Person) => person.told.findLast((told) => told.type === "me");

test("where the store can't be emptied, the database goes as a whole", async () => {
  const alice = await alone(new FakeServer());
  breakClearing();
  await alice.client.signOut();
  vi.restoreAllMocks();
  expect(lastMe(alice)).toEqual({ type: "me", me: undefined });
  const again = await alice.reopened();
  people.push(again);
  expect((await again.client.snapshot()).me).toBeUndefined();
});

test("a sign-out that leaves something behind says so, and the page knows that nobody is signed in", async () => {
  const alice = await alone(new FakeServer());
  breakClearing();
  vi.spyOn(IDBFactory.prototype, "deleteDatabase").mockImplementation(() => {
    throw new DOMException("broken", "UnknownError");
  });
  await expect(alice.client.signOut()).rejects.toMatchObject({ name: "StoreFailed" });
  expect(lastMe(alice)).toEqual({ type: "me", me: undefined });
});

test("a server that says revoked signs the device out, and deletes nothing", async () => {
  const server = new FakeServer();
  const alice = await alone(server);
  const bob = await Person.registered(server, "bob");
  people.push(bob);
  const room = await alice.client.startDirect("bob");
  await bob.online();
  await bob.client.sendText(room, "kept");
  await alice.shows(["kept"]);
  const alicesId = (await alice.client.snapshot()).me?.user_id;
  for (const socket of server.sockets) {
    if (socket.user !== alicesId) continue;
    socket.code = 4502;
    socket.close();
  }
  const out = { me: { username: "alice", signed_out: true, revoked: true } };
  await vi.waitFor(() => expect(lastMe(alice)).toMatchObject(out));
  const again = await alice.reopened();
  people.push(again);
  expect(await again.client.snapshot()).toMatchObject(out);
  expect(await again.client.messages(room, Number.MAX_SAFE_INTEGER, 9)).toHaveLength(1);
  await again.client.signOut();
  expect(lastMe(again)).toEqual({ type: "me", me: undefined });
});
