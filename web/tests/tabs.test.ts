// Several tabs with a worker each: one owns the state, the others go through it, and take over when it goes.
import { beforeEach, expect, test, vi } from "vitest";
import type { Snapshot } from "../src/core/api";
import { StoreFailed } from "../src/core/errors";
import { type Owned, Tabs } from "../src/core/tabs";
import type { Told } from "../src/core/told";

const Channel = BroadcastChannel;
let browser = 0;
beforeEach(() => {
  // A browser of its own for each test.
  browser += 1;
  const suffix = browser;
  vi.stubGlobal(
    "BroadcastChannel",
    class extends Channel {
      constructor(name: string) {
        super(`${name}-${suffix}`);
      }
    },
  );
});

/** Exclusive locks in the order of the requests, as the browser grants them. */
class Locks {
  #queue: { go: () => void }[] = [];
  #held = false;

  readonly request = async (_: string, { signal }: { signal: AbortSignal }, work: () => Promise<void>) => {
    await new Promise<void>((done, fail) => {
      const waiting = { go: done };
      signal.addEventListener("abort", () => {
        this.#queue = this.#queue.filter((other) => other !== waiting);
        fail(new DOMException("given up", "AbortError"));
      });
      if (this.#held) this.#queue.push(waiting);
      else done();
      this.#held = true;
    });
    await work().finally(() => this.next());
  };

  /** The holder is gone. */
  next(): void {
    const next = this.#queue.shift();
    this.#held = next !== undefined;
    next?.go();
  }
}

class TestTab {
  readonly told: Told[] = [];
  readonly sent: string[] = [];
  /** What is said takes until then. */
  slowly: Promise<unknown> = Promise.resolve();
  closed = false;
  /** What its page still does when it has to go. */
  last = async () => {};
  readonly tabs: Tabs;

  constructor(
    readonly name: string,
    locks: Locks,
    build = "/assets/worker-1.js",
    answer: () => Promise<unknown> = async () => ({ me: { username: name } }),
  ) {
    const open = async () =>
      ({
        snapshot: answer,
        sendText: async (_: string, text: string) => {
          await this.slowly;
          if (this.closed) throw new Error("the store is closed");
          this.sent.push(text);
          this.tabs.tell({ type: "connection", connection: "online" });
        },
        close: () => {
          this.closed = true;
        },
      }) as unknown as Owned;
    const tell = (told: Told) => this.told.push(told);
    const leave = () => this.last();
    const end = () => {};
    this.tabs = new Tabs({ build, instance: name, open, tell, leave, end, locks: locks as unknown as LockManager });
  }

  async owner(): Promise<string | undefined> {
    return ((await (await this.tabs.api).snapshot()) as Snapshot).me?.username;
  }
}

test("tabs of one build go through the one that was first, and all hear what it tells", async () => {
  const locks = new Locks();
  const first = new TestTab("first", locks);
  expect(await first.owner()).toBe("first");
  const second = new TestTab("second", locks);
  expect(await second.owner()).toBe("first");
  await (await second.tabs.api).sendText("room", "by way of the other");
  expect(first.sent).toEqual(["by way of the other"]);
  await vi.waitFor(() => expect(second.told).toContainEqual({ type: "connection", connection: "online" }));
  expect(first.told).toContainEqual({ type: "connection", connection: "online" });
  expect(second.told).not.toContainEqual(expect.objectContaining({ type: "broken" }));
});

test("a newer build takes the place of an older one, which says so", async () => {
  const locks = new Locks();
  const old = new TestTab("old", locks);
  expect(await old.owner()).toBe("old");
  const relayed = new TestTab("relayed", locks);
  expect(await relayed.owner()).toBe("old");
  const fresh = new TestTab("fresh", locks, "/assets/worker-2.js");
  expect(await fresh.owner()).toBe("fresh");
  expect(old.closed).toBe(true);
  for (const tab of [old, relayed]) {
    await vi.waitFor(() => expect(tab.told).toContainEqual({ type: "broken", reason: "replaced" }));
  }
});

test("nothing is lost when a newer build comes: pages hand over, and what they asked for is done first", async () => {
  const locks = new Locks();
  const old = new TestTab("old", locks);
  const relayed = new TestTab("relayed", locks);
  expect(await old.owner()).toBe("old");
  expect(await relayed.owner()).toBe("old");
  let stored = () => {};
  old.slowly = new Promise<void>((done) => {
    stored = done;
  });
  for (const tab of [old, relayed]) {
    tab.last = async () => {
      void tab.tabs.api.then((api) => api.sendText("room", `draft of ${tab.name}`));
      await new Promise((done) => setTimeout(done, 20));
    };
  }
  const fresh = new TestTab("fresh", locks, "/assets/worker-2.js");
  await new Promise((done) => setTimeout(done, 100));
  // Still one owner: the old one, which has not stored everything yet.
  expect(old.closed).toBe(false);
  stored();
  expect(await fresh.owner()).toBe("fresh");
  expect(old.closed).toBe(true);
  expect(old.sent.sort()).toEqual(["draft of old", "draft of relayed"]);
  // Whoever asks the old one from now on is told why there is no answer.
  await expect(old.owner()).rejects.toMatchObject({ name: "Replaced" });
  await expect(relayed.owner()).rejects.toMatchObject({ name: "Replaced" });
});

test("pages that never hand over hold a newer build up for a moment only", async () => {
  const locks = new Locks();
  const old = new TestTab("old", locks);
  await old.owner();
  old.slowly = new Promise(() => {});
  old.last = async () => void old.tabs.api.then((api) => api.sendText("room", "never stored"));
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const fresh = new TestTab("fresh", locks, "/assets/worker-2.js");
  const owner = fresh.owner();
  for (let round = 0; round < 10; round += 1) {
    await new Promise((done) => setImmediate(done));
    await vi.advanceTimersByTimeAsync(1_000);
  }
  vi.useRealTimers();
  expect(await owner).toBe("fresh");
});

test("a call that the owner did not answer fails when another tab takes over, and pages ask again", async () => {
  const locks = new Locks();
  let hangs = false;
  const answer = () => (hangs ? new Promise(() => {}) : Promise.resolve({ me: { username: "first" } }));
  const first = new TestTab("first", locks, undefined, answer);
  await first.owner();
  const second = new TestTab("second", locks);
  expect(await second.owner()).toBe("first");
  hangs = true;
  const lost = second.owner();
  lost.catch(() => undefined);
  locks.next();
  await expect(lost).rejects.toMatchObject({ name: "OwnerGone" });
  expect(await second.owner()).toBe("second");
  expect(second.told).toContainEqual({ type: "moved" });
});

test("a file that can't be fetched is no broken store", async () => {
  const told: Told[] = [];
  const tab = new Tabs({
    build: "b",
    instance: "i",
    open: () => Promise.reject(new TypeError("network")),
    tell: (what) => told.push(what),
    end: () => {},
    leave: async () => {},
    locks: new Locks() as unknown as LockManager,
  });
  await expect(tab.api).rejects.toThrow("network");
  expect(told).toEqual([{ type: "broken", reason: "unloaded" }]);
});

test("a store that can't be opened is told, and its worker ends", async () => {
  const locks = new Locks();
  const told: Told[] = [];
  const failed = new StoreFailed("no");
  const open = () => Promise.reject(failed);
  let ended = false;
  const tab = new Tabs({
    build: "b",
    instance: "i",
    open,
    tell: (what) => told.push(what),
    end: () => {
      ended = true;
    },
    leave: async () => {},
    locks: locks as unknown as LockManager,
  });
  await expect(tab.api).rejects.toThrow("no");
  expect(told).toEqual([{ type: "broken", reason: "store" }]);
  expect(ended, "a page that is loaded again gets another worker").toBe(true);
});
