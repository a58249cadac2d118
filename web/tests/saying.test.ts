// What people do with messages, in the core with the real crypto: queued, found again, deleted, timed, unreadable.
import { afterEach, expect, test, vi } from "vitest";
import type { Body } from "../src/core/bodies";
import type { Told } from "../src/core/told";
import { type Item, previewOf, thread } from "../src/thread";
import { Person } from "./fake/person";
import { FakeServer } from "./fake/server";

const people: Person[] = [];
afterEach(() => {
  for (const person of people.splice(0)) person.client.close();
  vi.useRealTimers();
});

async function pair() {
  const server = new FakeServer();
  const alice = await Person.registered(server, "alice");
  const bob = await Person.registered(server, "bob");
  people.push(alice, bob);
  const room = await alice.client.startDirect("bob");
  await alice.online();
  await bob.online();
  return { server, alice, bob, room };
}

/** What the person's screen shows of the newest messages. */
async function screen(person: Person, room: string, limit = 50): Promise<Item[]> {
  const { me, outgoing } = await person.client.snapshot();
  const view = await person.view(room);
  if (!view) return [];
  const page = await person.client.page(room, { before: Number.MAX_SAFE_INTEGER }, limit);
  const first = page.messages[0]?.seq ?? 0;
  const all = [...page.context, ...page.messages].sort((one, other) => one.seq - other.seq);
  return thread(all, outgoing, new Set(), view, me?.user_id ?? "").filter(
    ({ seq }) => seq === undefined || seq >= first,
  );
}

const texts = async (person: Person, room: string) =>
  (await screen(person, room)).map(({ kind, text }) => (kind === "talk" ? text : kind));

const until = (check: () => Promise<void>) => vi.waitFor(check, 8_000);

const say = (person: Person, room: string, body: Body) => person.client.say(room, body);

test("edits and reactions of a message are found with it, however far away they are", async () => {
  const { alice, bob, room } = await pair();
  const target = await alice.client.sendText(room, "first");
  for (let n = 0; n < 8; n += 1) await alice.client.sendText(room, `more ${n}`);
  await say(alice, room, { type: "edit", target, text: "changed" });
  await until(async () => expect(await texts(bob, room)).toContain("changed"));
  await say(bob, room, { type: "reaction", target, emoji: "👍" });
  await until(async () => expect((await screen(alice, room))[0]?.reactions.size).toBe(1));
  const again = await bob.reopened();
  people.push(again);
  const { messages, context } = await again.client.page(room, { after: 0 }, 3);
  expect(messages).toHaveLength(3);
  const view = await again.view(room);
  if (!view) throw new Error("no view");
  const [item] = thread([...messages, ...context], [], new Set(), view, "");
  expect([item?.text, item?.edited, [...(item?.reactions.keys() ?? [])]]).toEqual(["changed", true, ["👍"]]);
});

test("what is about a message waits offline as texts do, and shows at once", async () => {
  const { server, alice, bob, room } = await pair();
  const target = await alice.client.sendText(room, "one");
  await bob.shows(["one"]);
  server.cut();
  await say(alice, room, { type: "edit", target, text: "two" });
  await say(alice, room, { type: "reaction", target, emoji: "❤️" });
  await say(alice, room, { type: "reply", target, text: "three" });
  const shown = await screen(alice, room);
  expect(shown.map(({ text, state }) => [text, state])).toEqual([
    ["two", "delivered"],
    ["three", "queued"],
  ]);
  expect(shown[1]?.answers?.text).toBe("two");
  const again = await alice.reopened();
  people.push(again);
  expect(await texts(again, room)).toEqual(["two", "three"]);
  server.down = false;
  await Promise.all([again.client.awake(), bob.client.awake()]);
  await until(async () => expect(await texts(bob, room)).toEqual(["two", "three"]));
  expect((await screen(bob, room))[0]?.reactions.has("❤️")).toBe(true);
});

test("a failed change is told, tried again or removed", async () => {
  const { server, alice, bob, room } = await pair();
  const target = await alice.client.sendText(room, "one");
  await bob.shows(["one"]);
  server.refuseSends = "blocked";
  const edit = await say(alice, room, { type: "edit", target, text: "two" });
  await until(async () => expect((await screen(alice, room))[0]?.failedId).toBe(edit));
  expect((await screen(alice, room))[0]?.text).toBe("one");
  const reply = await say(alice, room, { type: "reply", target, text: "lost" });
  await until(async () => expect((await screen(alice, room))[1]?.state).toBe("failed"));
  await alice.client.dismiss(reply);
  server.refuseSends = undefined;
  await alice.client.retry(edit);
  await until(async () => expect(await texts(bob, room)).toEqual(["two"]));
  await until(async () => expect((await alice.client.snapshot()).outgoing).toEqual([]));
  expect((await screen(alice, room))[0]?.failedId).toBeUndefined();
});

test("a deletion can be called off; then it takes the edits with it and leaves a mark", async () => {
  const { server, alice, bob, room } = await pair();
  const target = await alice.client.sendText(room, "secret");
  await say(alice, room, { type: "edit", target, text: "other secret" });
  await until(async () => expect(await texts(bob, room)).toEqual(["other secret"]));
  await alice.client.remove(room, target);
  // The sender goes round meanwhile.
  for (const text of ["next", "then"]) {
    await alice.client.sendText(room, text);
    await until(async () => expect((await texts(bob, room)).at(-1)).toBe(text));
  }
  expect(server.rooms.get(room)?.events.some(({ body }) => body.type === "gone")).toBe(false);
  await alice.client.keep(target);
  expect((await alice.client.snapshot()).removals).toEqual([]);
  await alice.client.remove(room, target);
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
  await until(async () => expect(await texts(bob, room)).toEqual(["gone", "next", "then"]));
  await until(async () => expect(await texts(alice, room)).toEqual(["gone", "next", "then"]));
  await until(async () => expect((await alice.client.snapshot()).removals).toEqual([]));
  expect(server.rooms.get(room)?.events.filter(({ body }) => body.type === "message")).toHaveLength(2);
  const rows = await bob.client.messages(room, Number.MAX_SAFE_INTEGER, 9);
  expect(rows).toHaveLength(3);
  expect(rows[0]).toMatchObject({ gone: "removed", body_json: "" });
});

test("a deletion that was asked for offline is done after a restart", async () => {
  const { server, alice, bob, room } = await pair();
  const target = await alice.client.sendText(room, "secret");
  await bob.shows(["secret"]);
  await until(async () => expect((await alice.client.snapshot()).outgoing).toEqual([]));
  server.cut();
  await alice.client.remove(room, target);
  const again = await alice.reopened();
  people.push(again);
  expect((await again.client.snapshot()).removals.map(({ txn_id }) => txn_id)).toEqual([target]);
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
  server.down = false;
  await Promise.all([again.client.awake(), bob.client.awake()]);
  await until(async () => expect(await texts(bob, room)).toEqual(["gone"]));
});

test("what never left is not sent at all when it is deleted, nor what was said about it", async () => {
  const { server, alice, bob, room } = await pair();
  await alice.client.sendText(room, "first");
  await bob.shows(["first"]);
  await until(async () => expect((await alice.client.snapshot()).outgoing).toEqual([]));
  const before = server.sends.length;
  server.cut();
  const target = await alice.client.sendText(room, "secret");
  await say(alice, room, { type: "edit", target, text: "other secret" });
  await alice.client.sendText(room, "later");
  await alice.client.remove(room, target);
  // While it can be called off nothing behind it leaves.
  server.down = false;
  await Promise.all([alice.client.awake(), bob.client.awake()]);
  await alice.online();
  await new Promise((done) => setTimeout(done, 1_500));
  expect(server.sends.length).toBe(before);
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
  await until(async () => expect(await texts(bob, room)).toEqual(["first", "later"]));
  expect(server.sends.length).toBe(before + 1);
  expect(await alice.client.snapshot()).toMatchObject({ outgoing: [], removals: [] });
  expect(bob.told.filter(({ type }) => type === "unreadable" || type === "alarm")).toEqual([]);
});

test("a deletion of what may be stored waits for its echo, and holds nothing up", async () => {
  const { server, alice, bob, room } = await pair();
  await alice.client.sendText(room, "first");
  await bob.shows(["first"]);
  await until(async () => expect((await alice.client.snapshot()).outgoing).toEqual([]));
  server.loseSends = true;
  const before = server.sends.length;
  const target = await alice.client.sendText(room, "secret");
  await until(async () => expect(server.sends.length).toBeGreaterThan(before));
  server.cut();
  server.loseSends = false;
  await alice.client.remove(room, target);
  const now = Date.now();
  const clock = vi.spyOn(Date, "now").mockReturnValue(now + 60_000);
  // Several rounds of the sender.
  await new Promise((done) => setTimeout(done, 2_500));
  expect(await alice.client.snapshot()).toMatchObject({ outgoing: [{ txn_id: target, left: true }], removals: [{}] });
  server.down = false;
  await Promise.all([alice.client.awake(), bob.client.awake()]);
  await until(async () => expect(await texts(bob, room)).toEqual(["first", "gone"]));
  await until(async () => expect(await alice.client.snapshot()).toMatchObject({ outgoing: [], removals: [] }));

  // A clock that is put back makes nobody wait: it is due at once.
  server.cut();
  const other = await alice.client.sendText(room, "other secret");
  await alice.client.remove(room, other);
  clock.mockReturnValue(now - 3_600_000);
  await until(async () => expect(await alice.client.snapshot()).toMatchObject({ outgoing: [], removals: [] }));
});

test("nobody deletes what somebody else wrote", async () => {
  const { server, alice, bob, room } = await pair();
  await alice.client.sendText(room, "mine");
  await bob.shows(["mine"]);
  const bobsId = (await bob.client.snapshot()).me?.user_id ?? "";
  const from = { sender_user_id: bobsId, sender_device_id: bobsId, created_at_ms: 1 };
  const event = { conversation_id: room, seq: 3, ...from, body: { type: "removal" as const, target_seq: 2 } };
  server.rooms.get(room)?.events.push(event);
  for (const socket of server.sockets) socket.push({ type: "event", event });
  await bob.client.sendText(room, "after");
  await until(async () => expect((await alice.view(room))?.last?.body_json).toContain("after"));
  expect((await texts(alice, room))[0]).toBe("mine");
});

test("the newest timer holds for what is sent after it, by anybody; what is about a message lives as long as it", async () => {
  const { server, alice, bob, room } = await pair();
  const lives = () => server.sends.map((bytes) => (JSON.parse(bytes) as { expires_in_ms?: number }).expires_in_ms);
  const before = await alice.client.sendText(room, "stays");
  await say(alice, room, { type: "timer", after_ms: 60_000 });
  const target = await alice.client.sendText(room, "goes");
  await bob.shows(["stays", undefined as never, "goes"]);
  await bob.client.sendText(room, "goes too");
  await until(async () => expect(lives()).toEqual([undefined, undefined, 60_000, 60_000]));
  await until(async () => expect((await screen(alice, room)).at(-1)?.expires).toBeGreaterThan(0));
  await say(alice, room, { type: "edit", target: before, text: "stays on" });
  await say(alice, room, { type: "edit", target, text: "goes on" });
  await until(async () => expect(lives()).toHaveLength(6));
  expect(lives()[4]).toBeUndefined();
  expect(lives()[5]).toBeGreaterThan(50_000);
  expect(lives()[5]).toBeLessThanOrEqual(60_000);
  await say(bob, room, { type: "timer" });
  await until(async () => expect((await alice.view(room))?.timer).toEqual({ seq: 8 }));
  await alice.client.sendText(room, "stays again");
  await until(async () => expect(lives().at(-1)).toBeUndefined());
});

test("a message is gone in time, with what was said about it, from the screen and from the disk", async () => {
  const { server, alice, bob, room } = await pair();
  await say(alice, room, { type: "timer", after_ms: 60_000 });
  const target = await alice.client.sendText(room, "short");
  await until(async () => expect((await texts(bob, room)).at(-1)).toBe("short"));
  await say(bob, room, { type: "reaction", target, emoji: "👍" });
  await until(async () => expect((await screen(alice, room)).at(-1)?.reactions.size).toBe(1));
  // Of an app that does not let it go with the message.
  server.expireFrom = () => Date.now() + 9_000_000;
  await say(alice, room, { type: "edit", target, text: "shorter" });
  await until(async () => expect((await texts(bob, room)).at(-1)).toBe("shorter"));
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 61_000);
  await until(async () => expect(await texts(bob, room)).toEqual(["timer"]));
  const rows = await bob.client.messages(room, Number.MAX_SAFE_INTEGER, 9);
  expect(rows.map(({ body_json }) => (JSON.parse(body_json) as Body).type)).toEqual(["timer"]);
  const gone = () => bob.told.filter((told): told is Extract<Told, { type: "gone" }> => told.type === "gone");
  await until(async () => expect(gone()[0]).toMatchObject({ seq: 3, reason: "expired", row: undefined }));
});

test("what can't be read keeps its place and its reason over a restart", async () => {
  const { server, alice, bob, room } = await pair();
  server.loseKeys = true;
  await alice.client.sendText(room, "lost");
  await until(async () => expect(await texts(bob, room)).toEqual(["unreadable"]));
  server.loseKeys = false;
  await bob.client.sendText(room, "what?");
  await until(async () => expect(await texts(bob, room)).toEqual(["unreadable", "what?"]));
  const again = await bob.reopened();
  people.push(again);
  const [item] = await screen(again, room);
  const alicesId = (await alice.client.snapshot()).me?.user_id;
  expect(item).toMatchObject({ kind: "unreadable", reason: "NoSession", sender: alicesId, seq: 2 });
  expect((await again.view(room))?.unread).toBe(0);
});

test("what disappeared before it came is one line, however much it was", async () => {
  const { server, alice, bob, room } = await pair();
  bob.client.close();
  for (const word of ["one", "two", "three"]) await alice.client.sendText(room, word);
  await until(async () => expect((await alice.client.snapshot()).outgoing).toEqual([]));
  for (const event of server.rooms.get(room)?.events ?? []) {
    if (event.body.type === "message") event.body = { type: "gone", txn_id: event.body.txn_id, reason: "expired" };
  }
  const again = await bob.reopened();
  people.push(again);
  await until(async () => expect(await screen(again, room)).toMatchObject([{ kind: "gone", count: 3 }]));
});

test("a draft is kept, shown in the list, and done when it is sent", async () => {
  const { alice, room } = await pair();
  const target = await alice.client.sendText(room, "said");
  await alice.client.setDraft(room, { text: "half a\u202e thought\nand more", answers: target });
  const again = await alice.reopened();
  people.push(again);
  const view = await again.view(room);
  expect(view?.draft).toEqual({ text: "half a\u202e thought\nand more", answers: target });
  expect(view && previewOf(view)).toBe("Draft: half a thought");
  await say(again, room, { type: "reaction", target, emoji: "👍" });
  expect((await again.view(room))?.draft).toBeDefined();
  await again.client.sendText(room, "a whole thought");
  expect((await again.view(room))?.draft).toBeUndefined();
  await again.client.setDraft(room, { text: "x" });
  await again.client.setDraft(room, undefined);
  expect((await again.view(room))?.draft).toBeUndefined();
});
