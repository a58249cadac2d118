// Groups, trust, blocks and requests, with the real crypto and a server in memory.
import { afterEach, expect, test, vi } from "vitest";
import { Machine } from "../build/crypto/crypto";
import { Engine } from "../src/core/engine";
import type { LineBody, PersonView } from "../src/core/people-told";
import type { Event, Wire } from "../src/core/wire";
import { thread } from "../src/thread";
import { Person } from "./fake/person";
import { FakeServer } from "./fake/server";

const people: Person[] = [];
afterEach(() => {
  for (const person of people.splice(0)) person.client.close();
});

async function arrive(server: FakeServer, ...names: string[]): Promise<Person[]> {
  const all = [];
  for (const name of names) {
    const person = await Person.registered(server, name);
    await person.online();
    all.push(person);
  }
  people.push(...all);
  return all;
}

const idOf = async (person: Person) => (await person.client.snapshot()).me?.user_id ?? "";
const linesOf = async (person: Person, room: string): Promise<LineBody[]> =>
  (new Map((await person.client.snapshot()).lines).get(room) ?? []).map(({ body }) => body);
const viewOf = async (person: Person, user: string): Promise<PersonView | undefined> =>
  (await person.client.snapshot()).people.find(({ user_id }) => user_id === user);
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 8_000, interval: 30 });
const types = (lines: LineBody[]) => lines.map(({ type }) => type);

async function group(server: FakeServer) {
  const [alice, bob, carol] = (await arrive(server, "alice", "bob", "carol")) as [Person, Person, Person];
  const found = await alice.client.findPerson("bob");
  const room = await alice.client.createGroup("Trip", [found.user_id]);
  await eventually(async () => expect((await bob.view(room))?.name?.text).toBe("Trip"));
  return { alice, bob, carol, room, bobId: found.user_id };
}

test("a group has a name that newcomers are told too, and everybody sees who did what", async () => {
  const { alice, bob, carol, room } = await group(new FakeServer());
  const carolId = (await alice.client.findPerson("carol")).user_id;
  await alice.client.addMembers(room, [carolId]);
  await eventually(async () => expect((await carol.view(room))?.name?.text).toBe("Trip"));
  await eventually(async () => expect(types(await linesOf(bob, room))).toEqual(["created", "named", "added"]));
  expect((await linesOf(bob, room)).at(-1)).toMatchObject({ by: await idOf(alice), who: [carolId] });
  await eventually(async () =>
    expect((await bob.view(room))?.members.map(({ username, role }) => [username, role]).sort()).toEqual([
      ["alice", "admin"],
      ["bob", "member"],
      ["carol", "member"],
    ]),
  );
  await carol.client.sendText(room, "Hello");
  await eventually(async () => expect(alice.texts()).toContain("Hello"));
});

test("a newcomer is told name and timer again, and who knew them is shown nothing", async () => {
  const { alice, bob, carol, room } = await group(new FakeServer());
  await bob.client.say(room, { type: "timer", after_ms: 60_000 });
  await eventually(async () => expect((await alice.view(room))?.timer?.after_ms).toBe(60_000));
  const before = await alice.view(room);
  await alice.client.addMembers(room, [(await alice.client.findPerson("carol")).user_id]);
  await eventually(async () => expect(await carol.view(room)).toMatchObject({ name: { text: "Trip" } }));
  await eventually(async () => expect((await carol.view(room))?.timer?.after_ms).toBe(60_000));
  await carol.client.sendText(room, "Hello");
  await eventually(async () => expect(bob.texts()).toContain("Hello"));
  const shownOf = async (person: Person) => {
    const [view, own] = [await person.view(room), await idOf(person)];
    if (!view) throw new Error("no view");
    const messages = await person.client.messages(room, Number.MAX_SAFE_INTEGER, 100);
    return thread(messages, [], new Set(), view, own).map(({ kind }) => kind);
  };
  expect(await shownOf(bob)).toEqual(["timer", "talk"]);
  // The server in memory gives newcomers everything.
  expect((await shownOf(carol)).filter((kind) => kind !== "unreadable")).toEqual(["timer", "talk"]);
  expect(types(await linesOf(bob, room))).toEqual(["created", "named", "added"]);
  expect((await alice.view(room))?.timer?.seq).toBeGreaterThan(before?.timer?.seq ?? 0);
  // A timer that is another one is shown whoever repeats what.
  await carol.client.say(room, { type: "timer" });
  await eventually(async () => expect(await shownOf(bob)).toEqual(["timer", "talk", "timer"]));
});

test("a group without name and timer is not named by whoever adds somebody", async () => {
  const server = new FakeServer();
  const [alice] = (await arrive(server, "alice", "bob", "carol")) as [Person];
  const [bob, carol] = [await alice.client.findPerson("bob"), await alice.client.findPerson("carol")];
  const room = await alice.client.createGroup(" ", [bob.user_id]);
  const before = server.rooms.get(room)?.events.length ?? 0;
  await alice.client.addMembers(room, [carol.user_id]);
  await alice.client.sendText(room, "Hello");
  await eventually(async () => expect(server.rooms.get(room)?.events).toHaveLength(before + 2));
});

test("how long an admin lets anything stay is taken from the signed chain, by newcomers too", async () => {
  const { alice, bob, carol, room } = await group(new FakeServer());
  // As another app does it: ours has no such button.
  const { changeMembership } = Engine.prototype;
  const decide = async (retention_ms: number | null) => {
    vi.spyOn(Engine.prototype, "changeMembership").mockImplementationOnce(function (this: Engine, id) {
      return changeMembership.call(this, id, { type: "set_retention", retention_ms });
    });
    await alice.client.setRole(room, await idOf(bob), "member");
  };
  await decide(86_400_000);
  await eventually(async () => expect((await bob.view(room))?.retention_ms).toBe(86_400_000));
  expect((await alice.view(room))?.retention_ms).toBe(86_400_000);
  await alice.client.addMembers(room, [(await alice.client.findPerson("carol")).user_id]);
  await eventually(async () => expect((await carol.view(room))?.retention_ms).toBe(86_400_000));
  await decide(null);
  await eventually(async () => expect((await bob.view(room))?.retention_ms).toBeUndefined());
});

test("who is taken out is told and reads nothing more; who leaves, by itself", async () => {
  const server = new FakeServer();
  const { alice, bob, carol, room, bobId } = await group(server);
  const carolId = (await alice.client.findPerson("carol")).user_id;
  await alice.client.addMembers(room, [carolId]);
  await eventually(async () => expect(await carol.view(room)).toBeDefined());
  await alice.client.removeMember(room, bobId);
  await eventually(async () => expect((await bob.view(room))?.left).toBe(true));
  expect(types(await linesOf(bob, room)).at(-1)).toBe("out");
  await alice.client.sendText(room, "among us");
  await eventually(async () => expect(carol.texts()).toContain("among us"));
  // Even what a server that helps would give.
  const last = server.rooms.get(room)?.events.at(-1) as Event;
  for (const socket of server.sockets) socket.push({ type: "event", event: last });
  await carol.client.leaveGroup(room);
  expect(types(await linesOf(carol, room)).at(-1)).toBe("left");
  expect(types(await linesOf(carol, room))).not.toContain("out");
  await eventually(async () => expect(types(await linesOf(alice, room)).slice(-2)).toEqual(["removed", "left"]));
  expect(bob.texts()).not.toContain("among us");
});

test("roles change, and what a role does not allow is refused before the server is asked", async () => {
  const { alice, bob, room, bobId } = await group(new FakeServer());
  await expect(bob.client.setRole(room, bobId, "admin")).rejects.toMatchObject({ name: "E2ee" });
  await expect(alice.client.setRole(room, await idOf(alice), "member")).rejects.toMatchObject({ name: "E2ee" });
  await alice.client.setRole(room, bobId, "admin");
  await eventually(async () => expect((await linesOf(bob, room)).at(-1)).toMatchObject({ type: "role", who: bobId }));
  const role = (await bob.view(room))?.members.find(({ user_id }) => user_id === bobId)?.role;
  expect(role).toBe("admin");
});

test("a change that the server made up, or repeats, makes no line", async () => {
  const server = new FakeServer();
  const { alice, bob, room, bobId } = await group(server);
  await alice.client.setRole(room, bobId, "admin");
  await eventually(async () => expect(types(await linesOf(bob, room)).at(-1)).toBe("role"));
  const before = await linesOf(bob, room);
  const events = server.rooms.get(room)?.events as Event[];
  const honest = events.find(({ body }) => body.type === "membership" && body.change.action.type === "set_role");
  const repeated = { ...(honest as Event), seq: events.length + 1 };
  const forged = structuredClone(repeated);
  if (forged.body.type === "membership") {
    forged.body.change.action = { type: "remove", user_id: bobId };
    forged.body.change.index += 1;
  }
  forged.seq += 1;
  events.push(repeated, forged);
  server.tell(room, repeated);
  server.tell(room, forged);
  await alice.client.sendText(room, "still here");
  await eventually(async () => expect(bob.texts()).toContain("still here"));
  expect(await linesOf(bob, room)).toEqual(before);
  expect((await bob.view(room))?.left).toBe(false);
});

test("members whom no member let in are not shown", async () => {
  const server = new FakeServer();
  const { alice, bob, carol, room } = await group(server);
  server.rooms.get(room)?.members.push(await idOf(carol));
  server.bump(room);
  await bob.client.lookAt(room);
  expect((await bob.view(room))?.members.map(({ username }) => username).sort()).toEqual(["alice", "bob"]);
  expect(bob.told).toContainEqual({ type: "alarm", alarm: "ghost_member" });
  expect(alice.crashes).toEqual([]);
});

async function directPair(server: FakeServer) {
  const [alice, bob] = (await arrive(server, "alice", "bob")) as [Person, Person];
  const room = await alice.client.startDirect("bob");
  await alice.client.sendText(room, "before");
  await bob.shows(["before"]);
  const bobId = await idOf(bob);
  return { alice, bob, room, bobId };
}

/** The account gets another identity, by whoever it is. */
function renewed(server: FakeServer, user: string): void {
  const made = Machine.register(user, crypto.randomUUID(), Date.now());
  const device = JSON.stringify({ name: "x", device_type: "WEB" });
  const request = JSON.parse(made.request("bob", "password", device)) as Wire["RegisterRequest"];
  const account = server.accounts.get(user);
  if (account) {
    account.device = request.device_keys.device_id;
    account.keys = Object.entries(request.one_time_keys) as typeof account.keys;
  }
  const { master_key, self_signing_key, device_list, device_keys } = request;
  server.replace(user, { master_key, self_signing_key, lists: [device_list], device_keys: [device_keys] });
}

test("both see one safety number; verified is taken back by hand", async () => {
  const { alice, bob, bobId } = await directPair(new FakeServer());
  const seen = await viewOf(alice, bobId);
  expect(seen).toMatchObject({ trust: "first_use", username: "bob", devices: 1 });
  expect((await viewOf(bob, await idOf(alice)))?.pinned?.number).toBe(seen?.pinned?.number);
  await expect(alice.client.markVerified(bobId, "another")).rejects.toMatchObject({ name: "KeysDiffer" });
  await alice.client.markVerified(bobId, seen?.pinned?.key ?? "");
  expect(await viewOf(alice, bobId)).toMatchObject({ trust: "verified", compared: true });
  const again = await alice.reopened();
  people.push(again);
  expect(await viewOf(again, bobId)).toMatchObject({ trust: "verified" });
  await again.client.takeBackVerification(bobId);
  expect(await viewOf(again, bobId)).toMatchObject({ trust: "first_use", compared: false });
});

test("a scanned code verifies its person, and nobody else's does", async () => {
  const server = new FakeServer();
  const { alice, bob, bobId } = await directPair(server);
  const code = await bob.client.verificationQr(await idOf(alice));
  await expect(alice.client.verifyByQr(bobId, new Uint8Array([1, 2, 3]))).rejects.toMatchObject({ name: "Qr" });
  await expect(bob.client.verifyByQr(await idOf(alice), code as Uint8Array)).rejects.toMatchObject({
    name: "OtherPerson",
  });
  await alice.client.verifyByQr(bobId, code as Uint8Array);
  expect((await viewOf(alice, bobId))?.trust).toBe("verified");
});

test("another master key is shown at once, and nothing is sent until a person accepts that very key", async () => {
  const server = new FakeServer();
  const { alice, room, bobId } = await directPair(server);
  const before = (await viewOf(alice, bobId))?.pinned;
  await alice.client.markVerified(bobId, before?.key ?? "");
  renewed(server, bobId);
  await eventually(async () => expect((await viewOf(alice, bobId))?.trust).toBe("violated"));
  const now = await viewOf(alice, bobId);
  expect(now).toMatchObject({ compared: true, pinned: before });
  expect(now?.offered?.number).not.toBe(before?.number);
  expect((await linesOf(alice, room)).at(-1)).toEqual({ type: "key_changed", who: bobId, compared: true });
  const sends = server.sends.length;
  await alice.client.sendText(room, "secret");
  await eventually(async () => expect(alice.told.some(({ type }) => type === "blocked")).toBe(true));
  await expect(alice.client.acceptKey(bobId, "another", false)).rejects.toMatchObject({ name: "KeysDiffer" });
  expect(server.sends).toHaveLength(sends);
  await alice.client.acceptKey(bobId, now?.offered?.key ?? "", false);
  expect(await viewOf(alice, bobId)).toMatchObject({ trust: "first_use", compared: false });
  expect((await viewOf(alice, bobId))?.pinned).toEqual(now?.offered);
  expect((await linesOf(alice, room)).at(-1)).toEqual({ type: "key_accepted", who: bobId, compared: false });
  await eventually(async () => expect(server.sends.length).toBeGreaterThan(sends));
});

test("an accepted key whose number was compared is verified", async () => {
  const server = new FakeServer();
  const { alice, bobId } = await directPair(server);
  renewed(server, bobId);
  await eventually(async () => expect((await viewOf(alice, bobId))?.trust).toBe("violated"));
  expect(await viewOf(alice, bobId)).toMatchObject({ compared: false });
  await alice.client.acceptKey(bobId, (await viewOf(alice, bobId))?.offered?.key ?? "", true);
  expect(await viewOf(alice, bobId)).toMatchObject({ trust: "verified" });
});

test("strangers are told nothing until they are accepted", async () => {
  const server = new FakeServer();
  server.asks = true;
  const [alice, bob] = (await arrive(server, "alice", "bob")) as [Person, Person];
  const room = await alice.client.startDirect("bob");
  await alice.client.sendText(room, "hello stranger");
  await bob.shows(["hello stranger"]);
  expect((await bob.view(room))?.state).toBe("requested");
  await bob.client.markRead(room, 2);
  await bob.client.setTyping(room, true);
  const bobId = await idOf(bob);
  const said = () =>
    server.heard.filter(([user, { type }]) => user === bobId && (type === "mark" || type === "typing"));
  expect(said()).toEqual([]);
  await bob.client.acceptRequest(room);
  await eventually(async () => expect(said()).toMatchObject([[bobId, { type: "mark", read_seq: 2 }]]));
});

test("who declined a request is still whom the chat is with", async () => {
  const server = new FakeServer();
  server.asks = true;
  const [alice, bob] = (await arrive(server, "alice", "bob")) as [Person, Person];
  const room = await alice.client.startDirect("bob");
  await eventually(async () => expect(await bob.view(room)).toBeDefined());
  await bob.client.declineRequest(room);
  server.bump(room);
  await alice.client.lookAt(room);
  expect((await alice.view(room))?.members.map(({ username }) => username).sort()).toEqual(["alice", "bob"]);
  expect((await bob.view(room))?.left).toBe(true);
});

test("who is blocked is kept, and followed when another device changes it", async () => {
  const server = new FakeServer();
  const { alice, bobId } = await directPair(server);
  await alice.client.block(bobId);
  expect((await alice.client.snapshot()).blocks).toEqual([bobId]);
  server.blocks.get(await idOf(alice))?.clear();
  const again = await alice.reopened();
  people.push(again);
  expect((await again.client.snapshot()).blocks).toEqual([bobId]);
  await eventually(async () => expect((await again.client.snapshot()).blocks).toEqual([]));
});

test("a name that is somebody else's by now leads to nobody", async () => {
  const server = new FakeServer();
  const { alice, bobId } = await group(server);
  const accountOf = (name: string) => [...server.accounts.values()].find(({ username }) => username === name);
  const [bob, carol] = [accountOf("bob"), accountOf("carol")];
  if (!bob || !carol) throw new Error("nobody");
  [bob.username, carol.username] = ["robert", "bob"];
  const rooms = server.rooms.size;
  await expect(alice.client.startDirect("bob", bobId)).rejects.toMatchObject({ name: "NameMoved" });
  expect(server.rooms.size).toBe(rooms);
  const room = await alice.client.startDirect("robert", bobId);
  expect(server.rooms.get(room)?.members).toContain(bobId);
});
