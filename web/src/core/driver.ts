// The driver: keeps the socket and feeds what comes. What a run of frames led to is stored in one transaction; only then
// are inbox items acknowledged, delivered marks sent and pages told.
import { fullJitter } from "./environment";
import { codeOf, isFinal, retryAfterMs } from "./errors";
import { Incoming } from "./frames";
import { Bell } from "./mutex";
import { Run } from "./run";
import type { Shared } from "./shared";
import { afterClose, type OpenSocket, REVOKED, type Socket } from "./socket";
import type { ServerFrame } from "./wire";

const FIRST_WAIT_MS = 250;
/** Short enough for a device to be back and caught up within five seconds of a fault's end. */
const LONGEST_WAIT_MS = 3_000;
const PING_EVERY_MS = 20_000;
/** Silence after which a socket is given up: a ping went unanswered. */
const SILENCE_MS = 30_000;
/** Frames that are processed in one transaction, at most. */
const RUN = 64;

interface End {
  code: number | undefined;
  reconnectAfterMs: number;
  /** It had caught up: the next attempt is a first one. */
  worked: boolean;
}

export class Driver {
  /** Ends a pause before the next attempt. */
  readonly #hurry = new Bell();
  #attempt = 0;

  constructor(
    private readonly shared: Shared,
    private readonly open: OpenSocket,
    /** The device does not come back by itself: revoked, replaced, signed out. */
    private readonly onStay: (revoked: boolean) => void,
  ) {}

  /** The network is back, or the person looks again: no need to wait. */
  hurry(): void {
    this.#hurry.ring();
  }

  /** Runs until the client is ended or told to stay away. */
  async run(): Promise<void> {
    while (!this.shared.ended) {
      // Later attempts go on in silence: it stays offline until one works.
      if (this.#attempt === 0) this.#say("connecting");
      const end = await this.#connect();
      if (end === "stay" || this.shared.ended) break;
      this.#say("offline");
      const next = afterClose(end.code);
      if (next === "stay") {
        this.onStay(end.code === REVOKED);
        return;
      }
      if (next === "refresh") await this.#refresh();
      this.#attempt = end.worked ? 0 : this.#attempt + 1;
      const jitter = fullJitter(this.shared.environment, FIRST_WAIT_MS, LONGEST_WAIT_MS, this.#attempt);
      await this.#hurry.wait(end.reconnectAfterMs + jitter);
    }
    this.#say("offline");
  }

  #say(connection: "connecting" | "offline"): void {
    const { core } = this.shared;
    core.say = undefined;
    core.flights.clear();
    void core.update(() => core.stage({ type: "connection", connection })).catch(() => undefined);
  }

  async #refresh(): Promise<void> {
    const { http } = this.shared.routes;
    await http.refresh(http.tokens?.accessToken ?? "").catch(() => undefined);
  }

  async #connect(): Promise<End | "stay"> {
    try {
      await this.shared.routes.http.accessToken();
      const { ticket } = await this.shared.routes.createTicket();
      const socket = await this.open(ticket);
      // The end may have come meanwhile, when there was nothing to close yet.
      if (this.shared.ended) {
        socket.close();
        return "stay";
      }
      return await this.#converse(socket);
    } catch (error) {
      if (isFinal(error)) {
        this.onStay(codeOf(error) === "device_revoked");
        return "stay";
      }
      return { code: undefined, reconnectAfterMs: retryAfterMs(error), worked: false };
    }
  }

  /**
   * Takes what came before as stored, or fails: the server takes a position that is said to it for an acknowledgement.
   */
  #begin() {
    const { core } = this.shared;
    return core.update(() => {
      core.stage({ type: "connection", connection: "catching_up" });
      const resume = { inbox_seq: core.inboxSeq, ...(core.syncToken ? { sync_token: core.syncToken } : {}) };
      return { run: new Run(core), resume };
    });
  }

  async #converse(socket: Socket): Promise<End> {
    const { core, environment } = this.shared;
    let incoming: Incoming | undefined;
    this.shared.reconnect = () => socket.close();
    let pinged = environment.monotonic();
    try {
      const { run, resume } = await this.#begin();
      incoming = new Incoming(this.shared, run, (frame) => socket.send(frame));
      socket.send({ type: "hello", resume });
      while (!this.shared.ended) {
        const untilPing = Math.max(0, pinged + PING_EVERY_MS - environment.monotonic());
        const frames = await socket.next(RUN, Math.min(untilPing, core.marking.wait()));
        if (frames === "closed") break;
        const now = environment.monotonic();
        if (frames.length > 0) await incoming.take(frames as ServerFrame[]);
        else if (now - socket.heardAt > SILENCE_MS) break;
        else incoming.mark();
        if (now - pinged >= PING_EVERY_MS) {
          pinged = now;
          socket.send({ type: "ping" });
        }
      }
    } catch {
      // What came could not be fetched or stored: the next connection resumes from what is stored.
    } finally {
      this.shared.reconnect = () => {};
      core.say = undefined;
      socket.close();
    }
    return { code: socket.code, reconnectAfterMs: incoming?.drainingMs ?? 0, worked: incoming?.caughtUp ?? false };
  }
}
