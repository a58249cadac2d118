// One owner of the crypto state for all tabs. Whoever holds the lock `sotto-core` is it. A worker of the same build that
// comes later (where there is no SharedWorker: one in each tab) passes its page's calls on to the owner and takes over
// when that goes; one of another build asks for the lock, and the older build lets go of it, when its pages have handed over
// what they hold.
import type { CoreApi } from "./api";
import { counting, untilGone, waiting } from "./calls";
import { connect, type Port, serve } from "./rpc";
import type { Told } from "./told";

const NAME = "sotto-core";
/** Nobody answers and nobody lets go: a tab that the browser has frozen. */
const PATIENCE_MS = 10_000;
/** How long the owner waits for other workers of its build, and for open calls, before it lets go. */
const LAST_MS = 2_000;

type Note =
  | { kind: "ask"; from: string; build: string }
  | { kind: "owner"; from: string }
  /** Of a worker that passed calls on: it has no more of them. */
  | { kind: "left"; from: string }
  | { kind: "call"; from: string; data: unknown }
  | { kind: "answer"; to: string; data: unknown }
  | { kind: "told"; told: Told };

/** The owner went while it worked on a call: the outcome is unknown. */
class OwnerGone extends Error {
  override name = "OwnerGone";
}

/** Another build took over: this one answers nothing any more. */
class Replaced extends Error {
  override name = "Replaced";
}

export interface Owned extends CoreApi {
  close(): void;
}

export interface Tab {
  /** The worker's address, which differs from build to build. */
  build: string;
  instance: string;
  open: () => Promise<Owned>;
  /** Tells the pages of this worker. */
  tell: (told: Told) => void;
  /** Has the pages of this worker hand over what they hold. */
  leave: () => Promise<void>;
  /** Ends this worker: it can't answer any more. */
  end: () => void;
  locks?: Pick<LockManager, "request">;
}

/** A promise and what settles it. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((done, fail) => {
    [resolve, reject] = [done, fail];
  });
  return { promise, resolve, reject };
}

const atMost = (ms: number, work: Promise<unknown>): Promise<unknown> =>
  Promise.race([work, new Promise((done) => setTimeout(done, ms))]);

/** This worker's place among all of them. */
export class Tabs {
  readonly #channel = new BroadcastChannel(NAME);
  readonly #givenUp = new AbortController();
  readonly #remotes = new Map<string, ChannelPort>();
  #target = deferred<CoreApi>();
  #settled = false;
  #owner = false;
  /** Which other worker the calls go to, and the end of those that it has. */
  #relayed: { to: string; port: ChannelPort; gone: (error: Error) => void } | undefined;
  readonly #released = deferred<void>();
  /** All other workers of this build have handed over. */
  readonly #allLeft = deferred<void>();

  constructor(private readonly tab: Tab) {
    this.#target.promise.catch(() => undefined);
    this.#channel.addEventListener("message", ({ data }: MessageEvent<Note>) => this.#hear(data));
    this.#channel.postMessage({ kind: "ask", from: tab.instance, build: tab.build } satisfies Note);
    const late = setTimeout(() => {
      if (!this.#settled) tab.tell({ type: "broken", reason: "elsewhere" });
    }, PATIENCE_MS);
    const options = { signal: this.#givenUp.signal };
    (tab.locks ?? navigator.locks)
      .request(NAME, options, () => {
        clearTimeout(late);
        return this.#own();
      })
      .catch((error: unknown) => {
        if (this.#givenUp.signal.aborted) return;
        this.#owner = false;
        this.#target.reject(error);
        const isStore = error instanceof Error && error.name === "StoreFailed";
        tab.tell({ type: "broken", reason: isStore ? "store" : "unloaded" });
        tab.end();
      });
  }

  /** Who answers calls now; waits until there is somebody. */
  get api(): Promise<CoreApi> {
    return this.#target.promise;
  }

  /** Tells all pages of all tabs. */
  readonly tell = (told: Told): void => {
    this.tab.tell(told);
    if (this.#remotes.size > 0) this.#say({ kind: "told", told });
  };

  #say(note: Note): void {
    this.#channel.postMessage(note);
  }

  async #own(): Promise<void> {
    this.#owner = true;
    const late = this.#settled;
    if (late) this.#target = deferred();
    this.#relayed?.gone(new OwnerGone("the other tab is gone"));
    this.#relayed = undefined;
    this.#say({ kind: "owner", from: this.tab.instance });
    const open = await this.tab.open();
    const { counted, settled } = counting(open);
    this.#answer(counted);
    if (late) this.tab.tell({ type: "moved" });
    await this.#released.promise;
    // What a page has just asked for is stored, or it is told that it is not.
    await atMost(LAST_MS, settled());
    open.close();
  }

  #answer(api: CoreApi): void {
    this.#settled = true;
    this.#target.resolve(api);
  }

  #hear(note: Note): void {
    switch (note.kind) {
      case "ask":
        if (note.build !== this.tab.build) void this.#giveUp();
        else if (this.#owner) this.#say({ kind: "owner", from: this.tab.instance });
        break;
      case "owner":
        if (!this.#owner && !this.#givenUp.signal.aborted) this.#relay(note.from);
        break;
      case "left":
        this.#remotes.delete(note.from);
        if (this.#remotes.size === 0) this.#allLeft.resolve();
        break;
      case "call":
        if (this.#owner) this.#remote(note.from).hear(note.data);
        break;
      case "answer":
        if (note.to === this.tab.instance) this.#relayed?.port.hear(note.data);
        break;
      case "told":
        if (this.#relayed) this.tab.tell(note.told);
        break;
    }
  }

  async #giveUp(): Promise<void> {
    if (this.#givenUp.signal.aborted) return;
    this.#givenUp.abort();
    await this.tab.leave();
    this.#say({ kind: "left", from: this.tab.instance });
    if (this.#owner && this.#remotes.size > 0) await atMost(LAST_MS, this.#allLeft.promise);
    this.#released.resolve();
    this.#target = deferred();
    this.#target.promise.catch(() => undefined);
    this.#target.reject(new Replaced("another build took over"));
    this.tab.tell({ type: "broken", reason: "replaced" });
  }

  /** Passes calls on to the owner. */
  #relay(to: string): void {
    if (this.#relayed?.to === to) return;
    const moved = this.#settled;
    if (moved) this.#target = deferred();
    this.#relayed?.gone(new OwnerGone("the other tab is gone"));
    const port = new ChannelPort((data) => this.#say({ kind: "call", from: this.tab.instance, data }));
    const { promise: ended, reject } = deferred<never>();
    ended.catch(() => undefined);
    this.#relayed = { to, port, gone: reject };
    const owner = connect(port, () => {});
    this.#answer(untilGone(owner, ended));
    if (moved) this.tab.tell({ type: "moved" });
  }

  /** The far end of another worker. */
  #remote(from: string): ChannelPort {
    const known = this.#remotes.get(from);
    if (known) return known;
    const port = new ChannelPort((data) => this.#say({ kind: "answer", to: from, data }));
    this.#remotes.set(from, port);
    serve(
      port,
      waiting(() => this.api),
    );
    return port;
  }
}

/** A port by way of the channel. */
class ChannelPort implements Port {
  readonly #listeners: ((event: MessageEvent) => void)[] = [];

  constructor(readonly postMessage: (message: unknown) => void) {}

  addEventListener(_: "message", listener: (event: MessageEvent) => void): void {
    this.#listeners.push(listener);
  }

  hear(data: unknown): void {
    const event = new MessageEvent("message", { data });
    for (const listener of this.#listeners) listener(event);
  }
}
