// Linking and the history that comes with it, against a server in memory.
import { afterEach, expect, test, vi } from "vitest";
import { fromBase64, toBase64 } from "../src/core/base64";
import { emptyBatch, type Store, type StoredMessage } from "../src/core/store";
import type { LinkStep } from "../src/core/told";
import { FakeLinking } from "./fake/linking";
import { Person } from "./fake/person";
import { FakeServer } from "./fake/server";

// Many bytes through a database in memory.
vi.setConfig({ testTimeout: 60_000 });

const people: Person[] = [];
afterEach(() => {
  for (const person of people.splice(0)) person.client.close();
});

const storeOf = ({ client }: Person) => (client as unknown as { store: Store }).store;
const TEXT = "x".repeat(4_500);

/** Two people, and many messages on the disk of one of them. */
async function scene(messages = 150) {
  const server = new FakeServer();
  const linking = new FakeLinking(server);
  const alice = await Person.registered(server, "alice");
  const bob = await Person.registered(server, "bob");
  people.push(alice, bob);
  const room = await bob.client.startDirect("alice");
  await alice.online();
  await bob.online();
  await bob.client.sendText(room, "first");
  await alice.shows(["first"]);
  const [one] = await alice.client.messages(room, Number.MAX_SAFE_INTEGER, 1);
  if (!one) throw new Error("nothing is stored");
  const more = Array.from({ length: messages }, (_, at) => copy(one, one.seq + 1 + at));
  await storeOf(alice).commit({ ...emptyBatch(), shown: more });
  return { server, linking, alice, bob, room, one };
}

const copy = (one: StoredMessage, seq: number): StoredMessage => ({
  ...one,
  seq,
  txn_id: crypto.randomUUID(),
  body_json: JSON.stringify({ type: "text", text: `${seq} ${TEXT}` }),
});

const steps = (person: Person) => person.told.flatMap((told) => (told.type === "link" ? [told.step] : []));

async function step<S extends LinkStep["step"]>(person: Person, name: S): Promise<Extract<LinkStep, { step: S }>> {
  return vi.waitFor(() => {
    const found = steps(person).findLast((one) => one.step === name);
    if (!found) throw new Error(`${name} of ${JSON.stringify(steps(person).map((one) => one.step))}`);
    return found as Extract<LinkStep, { step: S }>;
  }, 20_000);
}

/** Up to where the person at the existing device is asked. */
async function meet(existing: Person, fresh: Person, erase = false) {
  await existing.client.linkDevice("correct horse");
  const { qr } = await step(existing, "show");
  await fresh.client.enter({ type: "scan", qr }, "Phone", erase);
  const { digits } = await step(fresh, "show_digits");
  await step(existing, "ask_digits");
  await existing.client.typeDigits(digits);
  return step(existing, "ask_approval");
}

async function linked({ server, alice }: Awaited<ReturnType<typeof scene>>, history: boolean) {
  const phone = await Person.open(server);
  people.push(phone);
  const asked = await meet(alice, phone);
  expect(asked).toMatchObject({ name: "Phone", platform: "WEB", sameNetwork: true, number: false });
  await alice.client.approveDevice(undefined, history);
  await step(phone, "done");
  return phone;
}

const stored = async (person: Person, room: string) =>
  (await person.client.messages(room, Number.MAX_SAFE_INTEGER, 1_000)).map(({ seq, body_json }) => [seq, body_json]);

const arrived = (person: Person) =>
  vi.waitFor(
    () => expect(person.told).toContainEqual(expect.objectContaining({ type: "history", state: "done" })),
    9_000,
  );

test("the history comes in chunks that the server takes, all of it and once", async () => {
  const all = await scene();
  const phone = await linked(all, true);
  await arrived(phone);
  expect(await stored(phone, all.room)).toEqual(await stored(all.alice, all.room));
  expect((await stored(phone, all.room)).length).toBe(151);
  expect(all.linking.chunks.size).toBeGreaterThan(3);
  for (const chunk of all.linking.chunks.values()) expect(fromBase64(chunk).length).toBeLessThanOrEqual(256 * 1024);
  expect(all.linking.given).toEqual([...all.linking.chunks.keys()]);
  expect(await step(all.alice, "done")).toEqual({ step: "done", history: true });
  const sent = await step(all.alice, "history");
  expect([sent.done, sent.of]).toEqual([all.linking.chunks.size, all.linking.chunks.size]);
  expect(all.linking.chunkCount).toBe(0);
  const view = await phone.view(all.room);
  expect([view?.last?.seq, view?.unread]).toEqual([152, 151]);
});

test("without the wish nothing of it is uploaded", async () => {
  const all = await scene(10);
  const phone = await linked(all, false);
  expect(await step(all.alice, "done")).toEqual({ step: "done", history: undefined });
  expect(await stored(phone, all.room)).toEqual([]);
  expect(all.linking.chunks.size).toBe(0);
});

test("without the wish the new device still gets names and timers, and nothing else", async () => {
  const all = await scene(10);
  const { alice, linking, room } = all;
  const bobId = (await alice.client.findPerson("bob")).user_id;
  const group = await alice.client.createGroup("Trip", [bobId]);
  await alice.client.say(group, { type: "timer", after_ms: 60_000 });
  await alice.client.say(group, { type: "text", text: "secret" });
  await vi.waitFor(async () => expect((await alice.view(group))?.last).toBeDefined(), 9_000);
  const phone = await linked(all, false);
  await arrived(phone);
  expect(await step(alice, "done")).toEqual({ step: "done", history: undefined });
  expect(steps(alice).some(({ step }) => step === "history")).toBe(false);
  expect(linking.chunks.size).toBe(1);
  expect(await phone.view(group)).toMatchObject({ name: { text: "Trip" }, timer: { after_ms: 60_000 } });
  const bodies = (await stored(phone, group)).map(([, body]) => JSON.parse(String(body)).type);
  expect(bodies).toEqual(["room_name", "timer"]);
  expect(await stored(phone, room)).toEqual([]);
});

test("a reload in the middle goes on with the chunk that is next", async () => {
  const all = await scene();
  all.linking.givenUpTo = 2;
  const phone = await linked(all, true);
  await step(all.alice, "done");
  await vi.waitFor(() => expect(all.linking.given).toEqual([0, 1]), 20_000);
  await vi.waitFor(() => expect(phone.told).toContainEqual(expect.objectContaining({ type: "history", done: 2 })));
  const again = await phone.reopened();
  people.push(again);
  expect((await stored(again, all.room)).length).toBeGreaterThan(0);
  all.linking.givenUpTo = Number.POSITIVE_INFINITY;
  await arrived(again);
  expect(all.linking.given).toEqual([...all.linking.chunks.keys()]);
  expect(await stored(again, all.room)).toEqual(await stored(all.alice, all.room));
});

test("what is stored after the new device came in is not handed over", async () => {
  const all = await scene();
  // A conversation after it, so that what comes late lies between two messages of a chunk.
  const other = { ...copy(all.one, 1), conversation_id: "ffffffff-ffff-4fff-bfff-ffffffffffff" };
  await storeOf(all.alice).commit({ ...emptyBatch(), shown: [other] });
  const before = await stored(all.alice, all.room);
  all.linking.takenUpTo = 1;
  const phone = await linked(all, true);
  await vi.waitFor(() => expect(all.linking.chunks.size).toBe(1), 20_000);
  await storeOf(all.alice).commit({ ...emptyBatch(), shown: [copy(all.one, 5_000)] });
  all.linking.takenUpTo = Number.POSITIVE_INFINITY;
  await arrived(phone);
  expect(await stored(phone, all.room)).toEqual(before);
  expect((await stored(phone, other.conversation_id)).length).toBe(1);
});

test("an altered chunk is refused, and said to be missing", async () => {
  const all = await scene();
  all.linking.givenUpTo = 1;
  const phone = await linked(all, true);
  await step(all.alice, "done");
  const bytes = fromBase64(all.linking.chunks.get(1) ?? "");
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  all.linking.chunks.set(1, toBase64(bytes));
  all.linking.givenUpTo = Number.POSITIVE_INFINITY;
  const failed = expect.objectContaining({ type: "history", done: 1, state: "failed" });
  await vi.waitFor(() => expect(phone.told).toContainEqual(failed), 20_000);
  expect(all.linking.given).toEqual([0, 1]);
});

test("a new device that can't read what it was sent says so", async () => {
  const all = await scene(1);
  all.linking.alteredStep = 6;
  const phone = await linked(all, true);
  expect(await step(phone, "done")).toEqual({ step: "done", history: undefined, unreadable: true });
  expect(all.linking.given).toEqual([]);
});

test("declining leaves both browsers as they were", async () => {
  const { server, alice } = await scene(1);
  const carol = await Person.registered(server, "carol");
  people.push(carol);
  await carol.online();
  await meet(alice, carol, true);
  await alice.client.cancelLink();
  expect(await step(carol, "failed")).toEqual({ step: "failed", name: "Ended" });
  expect(await step(alice, "failed")).toEqual({ step: "failed", name: "Cancelled" });
  const again = await carol.reopened();
  people.push(again);
  expect((await again.client.snapshot()).me?.username).toBe("carol");
});

const troubles = (person: Person) => steps(person).map(({ trouble }) => trouble);
const last = (person: Person) => steps(person).at(-1);
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 20 });

test("a linking that reaches nobody says why, and goes on when it does", async () => {
  const { server, alice } = await scene(1);
  const phone = await Person.open(server);
  people.push(phone);
  server.down = true;
  await phone.client.enter({ type: "show" }, "Phone");
  await eventually(() => expect(last(phone)).toEqual({ step: "waiting", trouble: "Unreachable" }));
  server.down = false;
  // Something between answers for the server.
  server.more.unshift((call) => (call.includes("/api/rendezvous") ? "Welcome to our hotel" : undefined));
  await eventually(() => expect(last(phone)).toEqual({ step: "waiting", trouble: "Garbled" }));
  server.more.shift();
  const { qr } = await step(phone, "show");
  expect(last(phone)).not.toHaveProperty("trouble");
  // What the person looks at stays.
  server.down = true;
  await eventually(() => expect(last(phone)).toMatchObject({ step: "show", qr, trouble: "Unreachable" }));
  server.down = false;
  await eventually(() => expect(last(phone)).not.toHaveProperty("trouble"));
  await alice.client.linkDevice("correct horse", qr);
  const { digits } = await step(alice, "show_digits");
  await step(phone, "ask_digits");
  server.down = true;
  await phone.client.typeDigits(digits);
  await eventually(() => expect(last(phone)).toEqual({ step: "waiting", trouble: "Unreachable" }));
  server.down = false;
  const number = (await step(phone, "show_digits")).digits;
  await step(alice, "ask_approval");
  await alice.client.approveDevice(number, false);
  await step(phone, "done");
  expect(last(phone)).not.toHaveProperty("trouble");
  expect(new Set(troubles(phone))).toEqual(new Set([undefined, "Unreachable", "Garbled"]));
});

test("wrong digits end it", async () => {
  const { server, alice } = await scene(1);
  const phone = await Person.open(server);
  people.push(phone);
  await alice.client.linkDevice("correct horse");
  await phone.client.enter({ type: "scan", qr: (await step(alice, "show")).qr }, "Phone");
  const { digits } = await step(phone, "show_digits");
  await step(alice, "ask_digits");
  await alice.client.typeDigits(digits === "0000" ? "0001" : "0000");
  expect(await step(alice, "failed")).toEqual({ step: "failed", name: "WrongDigits" });
  await step(phone, "failed");
  expect((await phone.client.snapshot()).me).toBeUndefined();
});

test("a new device that shows the code is let in by digits both ways", async () => {
  const { server, alice } = await scene(1);
  const phone = await Person.open(server);
  people.push(phone);
  await phone.client.enter({ type: "show" }, "Phone");
  const { qr } = await step(phone, "show");
  await alice.client.linkDevice("correct horse", qr);
  const { digits } = await step(alice, "show_digits");
  await step(phone, "ask_digits");
  await phone.client.typeDigits(digits);
  const number = (await step(phone, "show_digits")).digits;
  expect(number).toMatch(/^\d{3}$/);
  expect((await step(alice, "ask_approval")).number).toBe(true);
  await alice.client.approveDevice(number, false);
  await step(phone, "done");
  expect((await phone.client.snapshot()).me).toMatchObject({ username: "alice", linked: true });
});

test("codes of another service and for the other way round are refused", async () => {
  const { server, alice } = await scene(1);
  const phone = await Person.open(server);
  people.push(phone);
  await alice.client.linkDevice("correct horse");
  const { qr } = await step(alice, "show");
  await expect(alice.client.linkDevice(undefined, qr)).rejects.toMatchObject({ name: "Qr" });
  const elsewhere = Uint8Array.from(qr);
  elsewhere[elsewhere.length - 1] = "x".charCodeAt(0);
  const enter = phone.client.enter({ type: "scan", qr: elsewhere }, "Phone");
  await expect(enter).rejects.toMatchObject({ name: "OtherService" });
  const rubbish = phone.client.enter({ type: "scan", qr: new Uint8Array(7) }, "Phone");
  await expect(rubbish).rejects.toMatchObject({ name: "Qr" });
});
