// Calls and events over a message port.
import type { CoreApi } from "./api";
import { Refused } from "./errors";
import type { Told } from "./told";

type Method = keyof CoreApi;

interface Call {
  id: number;
  method: Method;
  args: unknown[];
}

/** An error as it crosses the port: `code` is a problem code or an error's name. */
export interface PlainError {
  code: string;
  message: string;
  retryAfterMs: number;
}

export type Answer =
  | { id: number; value: unknown }
  | { id: number; error: PlainError }
  | { told: Told[] }
  /** The page has to hand over what it holds, and says `left` when it has. */
  | { leave: true };

/** Either end of a port; a worker's global scope is one too. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

/** A call that the core refused. */
export class CoreError extends Error {
  override name = "CoreError";
  readonly code: string;
  readonly retryAfterMs: number;
  constructor(error: PlainError) {
    super(error.message);
    [this.code, this.retryAfterMs] = [error.code, error.retryAfterMs];
  }
}

export function plain(error: unknown): PlainError {
  if (error instanceof Refused) {
    const { code, title, retry_after_ms } = error.problem;
    return { code, message: title, retryAfterMs: retry_after_ms ?? 0 };
  }
  const known = error instanceof Error;
  return { code: known ? error.name : "Error", message: known ? error.message : String(error), retryAfterMs: 0 };
}

/** Answers a page's calls. */
export function serve(port: Port, api: CoreApi): void {
  port.addEventListener("message", ({ data }: MessageEvent<Call>) => {
    const { id, method, args } = data;
    // A page's last word (`left`) is no call.
    if (!Array.isArray(args) || typeof api[method] !== "function") return;
    const call = api[method].bind(api) as (...args: unknown[]) => Promise<unknown>;
    call(...args).then(
      (value) => port.postMessage({ id, value }),
      (error: unknown) => port.postMessage({ id, error: plain(error) }),
    );
  });
}

/** What is told at one time, a commit's doings, goes in one message: pages draw once. */
export function together(post: (told: Told[]) => void): (told: Told) => void {
  let waiting: Told[] = [];
  return (told) => {
    if (waiting.push(told) > 1) return;
    queueMicrotask(() => {
      post(waiting);
      waiting = [];
    });
  };
}

/** Has the pages hand over what they hold. One that is frozen or gone does not answer: that takes `patienceMs`. */
export function farewell(ports: Iterable<Port>, patienceMs: number): Promise<void> {
  const open = new Set(ports);
  return new Promise((done) => {
    if (open.size === 0) return done();
    setTimeout(done, patienceMs);
    for (const port of open) {
      port.addEventListener("message", ({ data }: MessageEvent) => {
        if (data.left === true && open.delete(port) && open.size === 0) done();
      });
      port.postMessage({ leave: true });
    }
  });
}

/**
 * Calls the core; `told` hears what it tells, as much at a time as became true at a time. `leave` is called when the core
 * goes: the calls that it makes are the last.
 */
export function connect(port: Port, told: (told: Told[]) => void, leave = () => {}): CoreApi {
  const open = new Map<number, { done: (value: unknown) => void; fail: (error: Error) => void }>();
  let last = 0;
  port.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
    if ("told" in data) return told(data.told);
    if ("leave" in data) {
      leave();
      return port.postMessage({ left: true });
    }
    const call = open.get(data.id);
    open.delete(data.id);
    if ("error" in data) call?.fail(new CoreError(data.error));
    else call?.done(data.value);
  });
  const call =
    (method: Method) =>
    (...args: unknown[]) =>
      new Promise((done, fail) => {
        last += 1;
        open.set(last, { done, fail });
        port.postMessage({ id: last, method, args } satisfies Call);
      });
  return new Proxy({} as CoreApi, { get: (_, method: Method) => call(method) });
}
