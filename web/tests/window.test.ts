// The run of messages in memory, while it is read, while messages come and go, and while the person is elsewhere.
import { beforeEach, expect, test, vi } from "vitest";
import type { MessagePage, PageAt } from "../src/core/reading";
import type { StoredMessage } from "../src/core/store";
import * as run from "../src/window";

const worker = vi.hoisted(() => ({
  page: async (_id: string, _at: unknown, _limit: number): Promise<unknown> => undefined,
  find: async (_id: string, _txn: string): Promise<unknown> => undefined,
  gone: [] as unknown[],
}));
vi.mock("../src/state", () => ({ core: worker, go: (to: unknown) => worker.gone.push(to) }));

let log: StoredMessage[];

function said(seq: number, body: unknown = { type: "text", text: `text ${seq}` }): StoredMessage {
  const ids = { conversation_id: "room", txn_id: `m${seq}`, sender_user_id: "you", sender_device_id: "d" };
  const body_json = JSON.stringify(body);
  return { ...ids, seq, created_at_ms: seq, expires_at_ms: null, counter: seq, body_json, key_origin: "owner" };
}

/** As the worker answers. */
function pageOf(at: PageAt, limit: number): MessagePage {
  const below = (before: number, most: number) => log.filter(({ seq }) => seq < before).slice(-most);
  const above = (after: number, most: number) => log.filter(({ seq }) => seq > after).slice(0, most);
  if ("before" in at) {
    const messages = below(at.before, limit);
    return { messages, older: messages.length === limit, newer: at.before < 1e9, context: [] };
  }
  if ("after" in at) {
    const messages = above(at.after, limit);
    return { messages, older: at.after > 0, newer: messages.length === limit, context: [] };
  }
  const [one, other] = [below(at.around + 1, limit / 2), above(at.around, limit / 2)];
  return {
    messages: [...one, ...other],
    older: one.length === limit / 2,
    newer: other.length === limit / 2,
    context: [],
  };
}

const seqs = () => run.messages.value.map(({ seq }) => seq);
const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
const settled = () => new Promise((done) => setTimeout(done));

beforeEach(async () => {
  log = count(1, 1_000).map((seq) => said(seq));
  worker.page = async (_, at, limit) => pageOf(at as PageAt, limit);
  await run.openWindow(undefined);
});

/** A page that comes when it is let. */
function held(): () => void {
  let release = () => {};
  const { page } = worker;
  worker.page = async (id, at, limit) => {
    const read = await page(id, at, limit);
    await new Promise<void>((done) => {
      release = done;
    });
    return read;
  };
  return () => release();
}

test("a chat opens at its end, or where reading goes on", async () => {
  await run.openWindow("room");
  expect([seqs().at(-1), run.hasOlder.value, run.hasNewer.value]).toEqual([1_000, true, false]);
  await run.openWindow("room", 300, 700);
  expect([seqs()[0], seqs().at(-1)]).toEqual([676, 725]);
  expect(run.target.value).toEqual({ to: 700, as: "unread" });
});

test("what is told while a page is read is in its place, once, and what is gone is gone", async () => {
  await run.openWindow("room", 50, 950);
  const release = held();
  const reading = run.loadNewer();
  await settled();
  run.hearShown(said(1_001));
  run.hearShown(said(1_000));
  run.hearGone("room", 998);
  run.hearShown({ ...said(1_002), conversation_id: "elsewhere" });
  release();
  await reading;
  expect(seqs().slice(-4)).toEqual([997, 999, 1_000, 1_001]);
  expect(run.hasNewer.value).toBe(false);
});

test("an answer for a chat that was left changes nothing", async () => {
  const release = held();
  const opening = run.openWindow("room");
  await settled();
  await run.openWindow(undefined);
  release();
  await opening;
  expect([seqs(), run.loaded.value]).toEqual([[], false]);
});

test("a chat that can't be read says so, and another attempt goes to the same place", async () => {
  const { page } = worker;
  worker.page = () => Promise.reject(new Error("the disk"));
  run.showMessage("room", 500);
  await run.openWindow("room");
  expect([run.unopened.value, run.loaded.value, seqs()]).toEqual([true, false, []]);
  worker.page = page;
  await run.openWindow("room");
  expect([run.unopened.value, run.loaded.value]).toEqual([false, true]);
  expect(run.target.value).toEqual({ to: 500, as: "found" });
});

test("what fails in a chat that was left is nobody's trouble", async () => {
  let fail = (_: Error) => {};
  worker.page = () =>
    new Promise((_, refuse) => {
      fail = refuse;
    });
  const opening = run.openWindow("other");
  worker.page = async (_, at, limit) => pageOf(at as PageAt, limit);
  await run.openWindow("room");
  fail(new Error("the disk"));
  await opening;
  expect([run.unopened.value, seqs().length]).toEqual([false, 50]);
});

test("what went in a chat that was left while it was read hides nothing in the next one", async () => {
  const release = held();
  const opening = run.openWindow("other");
  await settled();
  run.hearGone("other", 998);
  worker.page = async (_, at, limit) => pageOf(at as PageAt, limit);
  await run.openWindow("room");
  release();
  await opening;
  expect(seqs()).toEqual(count(951, 1_000));
});

test("the run is bounded, wherever the person scrolls, and stays without a gap", async () => {
  await run.openWindow("room");
  for (let page = 0; page < 20; page += 1) {
    await run.loadOlder();
    expect(seqs()).toEqual(count(seqs()[0] ?? 0, seqs().at(-1) ?? 0));
    expect(seqs().length).toBeLessThanOrEqual(400);
  }
  expect([seqs()[0], run.hasOlder.value, run.hasNewer.value]).toEqual([1, false, true]);
  for (let page = 0; page < 20; page += 1) await run.loadNewer();
  expect([seqs().at(-1), run.hasOlder.value, run.hasNewer.value]).toEqual([1_000, true, false]);
  expect(seqs()).toEqual(count(seqs()[0] ?? 0, 1_000));
});

test("messages that keep coming push out the oldest, but never what somebody reads", async () => {
  await run.openWindow("room");
  for (const seq of count(1_001, 1_900)) run.hearShown(said(seq));
  expect(seqs()).toEqual(count(seqs()[0] ?? 0, 1_900));
  expect(seqs().length).toBeLessThanOrEqual(400);
  const first = seqs()[0];
  run.follow(false);
  for (const seq of count(1_901, 2_500)) run.hearShown(said(seq));
  expect(seqs()[0]).toBe(first);
  expect([run.hasNewer.value, seqs().length <= 400]).toEqual([true, true]);
  expect(seqs()).toEqual(count(first ?? 0, seqs().at(-1) ?? 0));
});

test("a reaction to a message in sight counts, though its place is far below", async () => {
  await run.openWindow("room", 900, 100);
  run.hearShown(said(1_001, { type: "reaction", target: "m100", emoji: "x" }));
  run.hearShown(said(1_002, { type: "reaction", target: "m999", emoji: "x" }));
  expect([...run.context.value.keys()]).toEqual([1_001]);
  expect(seqs().at(-1)).toBe(125);
});

test("a jump goes to what is here, else reads around it", async () => {
  await run.openWindow("room");
  await run.jumpTo(990);
  expect([seqs().length, run.target.value]).toEqual([50, { to: 990, as: "found" }]);
  await run.jumpTo(500);
  expect([seqs().includes(500), run.hasNewer.value, run.target.value?.to]).toEqual([true, true, 500]);
  worker.find = async (_, txn) => ({ messages: log.filter(({ txn_id }) => txn_id === txn), context: [] });
  expect(await run.jumpToId("m77")).toBe(true);
  expect(seqs()).toContain(77);
  expect(await run.jumpToId("nothing")).toBe(false);
  await run.toStart();
  expect(seqs()[0]).toBe(1);
  await run.toEnd();
  expect(seqs().at(-1)).toBe(1_000);
});

test("what a new message answers is the store's word, whatever is here under that id", async () => {
  await run.openWindow("room");
  worker.find = async () => ({ messages: [said(7)], context: [] });
  run.hearShown({ ...said(1_001), txn_id: "m7" });
  run.hearShown(said(1_002, { type: "reply", target: "m7", text: "yes" }));
  await settled();
  expect([...run.context.value.keys()]).toEqual([7]);
  expect(await run.jumpToId("m7")).toBe(true);
  expect(run.target.value?.to).toBe(7);
});

test("the end is gone to each time, also from far away", async () => {
  await run.openWindow("room");
  const opened = run.target.value;
  for (let page = 0; page < 9; page += 1) await run.loadOlder();
  expect(run.hasNewer.value).toBe(true);
  await run.toEnd();
  expect(run.target.value).toEqual(opened);
  expect(run.target.value).not.toBe(opened);
  await run.toEnd();
  expect(seqs().at(-1)).toBe(1_000);
});

test("a message of another chat is shown once that is open", async () => {
  await run.openWindow("other");
  run.showMessage("room", 300);
  expect(worker.gone.at(-1)).toEqual({ screen: "chats", conversation: "room" });
  await run.openWindow("room", 500, 500);
  expect(run.target.value).toEqual({ to: 300, as: "found" });
  await run.openWindow("room");
  expect(run.target.value?.as).toBe("end");
});

test("a history that came is there to scroll to", async () => {
  const all = log;
  log = [];
  await run.openWindow("room");
  expect([seqs(), run.loaded.value]).toEqual([[], true]);
  log = all.slice(0, 30);
  run.hearHistory();
  await settled();
  expect(seqs()).toEqual(count(1, 30));
});
