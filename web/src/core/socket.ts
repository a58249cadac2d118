// The WebSocket: frames in runs, and what a close asks for.
import type { Environment } from "./environment";
import { Unreachable } from "./errors";
import type { ClientFrame, ServerFrame } from "./wire";

const OPEN_TIMEOUT_MS = 10_000;
const SUBPROTOCOL = "sotto.v1";
const TOKEN_EXPIRED = 4004;
export const REVOKED = 4502;

export interface Socket {
  /** The close code, if there was one. */
  readonly code: number | undefined;
  /** When a frame came last, by the monotonic clock. */
  readonly heardAt: number;
  /** Lost when the socket is closed: everything is handed out again on the next one. */
  send(frame: ClientFrame): void;
  /** Frames that are here, at most so many; empty when none came in time. */
  next(most: number, waitMs: number): Promise<ServerFrame[] | "closed">;
  close(): void;
}

export type OpenSocket = (ticket: string) => Promise<Socket>;

/** Opens `/ws` at this origin with a ticket. */
export function socketsOf(origin: string, environment: Environment): OpenSocket {
  const url = `${origin.replace(/^http/, "ws")}/ws`;
  return (ticket) =>
    new Promise((done, fail) => {
      const socket = new WebSocket(url, [SUBPROTOCOL, `ticket.${ticket}`]);
      const made = new BrowserSocket(socket, environment);
      const late = setTimeout(() => socket.close(), OPEN_TIMEOUT_MS);
      socket.addEventListener("open", () => {
        clearTimeout(late);
        done(made);
      });
      socket.addEventListener("close", () => {
        clearTimeout(late);
        fail(new Unreachable("the socket could not be opened"));
      });
    });
}

class BrowserSocket implements Socket {
  code: number | undefined;
  heardAt: number;
  #queue: ServerFrame[] = [];
  #closed = false;
  #wake: () => void = () => {};

  constructor(
    private readonly socket: WebSocket,
    environment: Environment,
  ) {
    this.heardAt = environment.monotonic();
    socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      this.heardAt = environment.monotonic();
      const frame = frameOf(data);
      if (frame) this.#queue.push(frame);
      this.#wake();
    });
    socket.addEventListener("close", ({ code }) => {
      // 1005 and 1006: none was told.
      this.code = code === 1005 || code === 1006 ? undefined : code;
      this.#closed = true;
      this.#wake();
    });
  }

  send(frame: ClientFrame): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  async next(most: number, waitMs: number): Promise<ServerFrame[] | "closed"> {
    if (this.#queue.length === 0 && !this.#closed) {
      await new Promise<void>((done) => {
        const timer = setTimeout(done, waitMs);
        this.#wake = () => {
          clearTimeout(timer);
          done();
        };
      });
      this.#wake = () => {};
    }
    const run = this.#queue.splice(0, most);
    return run.length === 0 && this.#closed ? "closed" : run;
  }

  close(): void {
    this.#closed = true;
    this.#wake();
    this.socket.close();
  }
}

/** A frame that is none is left out. */
function frameOf(data: unknown): ServerFrame | undefined {
  try {
    const frame: unknown = JSON.parse(String(data));
    return typeof frame === "object" && frame !== null && "type" in frame ? (frame as ServerFrame) : undefined;
  } catch {
    return undefined;
  }
}

/** What a client does after a close. */
export function afterClose(code: number | undefined): "return" | "refresh" | "stay" {
  if (code === TOKEN_EXPIRED) return "refresh";
  return code !== undefined && code >= 4500 && code <= 4999 ? "stay" : "return";
}
