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
