// Drives a linking: does what the engine asks for at the server, and tells the page what the person has to see.
import type { ExistingLink, NewLink } from "../../build/crypto/crypto";
import type { Environment } from "./environment";
import { codeOf, isTemporary } from "./errors";
import type { Call } from "./http";
import { Mutex } from "./mutex";
import type { LinkAction, LinkEvent } from "./outcomes";
import type { Routes } from "./routes";
import type { LinkStep } from "./told";
import type { Wire } from "./wire";

const TICK_MS = 1_000;
/** Longer than the server holds a read of the slot. */
const READ_TIMEOUT_MS = 35_000;

/** One of the two devices. Its records are stored when `handle` is done. */
export interface Side {
  readonly link: ExistingLink | NewLink;
  /** The new device has no token yet. */
  readonly anonymous: boolean;
  handle(event: string, monotonicMs: number, nowMs: number): Promise<string>;
  /** The server took the new device in. */
  completed(session: Wire["SessionResponse"]): Promise<void>;
  /** It is over, and well. */
  done(): Promise<void>;
}

export class Linking {
  readonly #turns = new Mutex();
  #reading = new AbortController();
  #ended = false;
  #rendezvous = "";

  constructor(
    private readonly side: Side,
    private readonly routes: Routes,
    private readonly environment: Environment,
    private readonly tell: (step: LinkStep) => void,
  ) {}

  start(): void {
    this.tell({ step: "waiting" });
    void this.#turns.run(() => this.#act(JSON.parse(this.side.link.takeActions()) as LinkAction[]));
    void this.#tick();
  }

  /** Something happened; what the engine makes of it is done in turn. */
  feed(event: LinkEvent): Promise<void> {
    return this.#turns.run(async () => {
      if (this.#ended) return;
      const { environment } = this;
      const text = await this.side.handle(JSON.stringify(event), environment.monotonic(), environment.now());
      await this.#act(JSON.parse(text) as LinkAction[]);
    });
  }

  async #tick(): Promise<void> {
    while (!this.#ended) {
      await this.environment.sleep(TICK_MS);
      await this.feed({ type: "tick" }).catch(() => undefined);
    }
  }

  async #act(actions: LinkAction[]): Promise<void> {
    this.#rendezvous = this.side.link.rendezvous() ?? this.#rendezvous;
    for (const action of actions) await this.#do(action);
  }

  async #do(action: LinkAction): Promise<void> {
    const { tell } = this;
    switch (action.type) {
      case "open":
        return this.#ask("POST", "/api/rendezvous", action.value, (value: Wire["CreateRendezvousResponse"]) => ({
          type: "opened",
          value,
        }));
      case "claim":
        return this.#ask("POST", "/api/rendezvous/claim", action.value, (found: Wire["ClaimCodeResponse"]) => ({
          type: "claimed",
          value: found.rendezvous_id,
        }));
      case "poll":
        this.#stopReading();
        void this.#read(action.value.after, this.#reading.signal);
        return;
      case "put":
        this.#stopReading();
        return this.#ask("PUT", this.#slot(), action.value, (put: Wire["PutRendezvousResponse"]) => ({
          type: "stored",
          value: put.sequence_token,
        }));
      case "create_grant":
        return this.#ask("POST", "/api/link/grants", action.value, (value: Wire["GrantResponse"]) => ({
          type: "granted",
          value,
        }));
      case "fetch_head":
        return this.#ask("POST", "/api/link/head", action.value, (value: Wire["LinkHeadResponse"]) => ({
          type: "head",
          value,
        }));
      case "read_own_identity":
        return this.#ask("POST", "/api/keys/query", action.value, (found: Wire["QueryKeysResponse"]) => {
          const [value] = found.identities;
          return value ? { type: "own_identity", value } : { type: "refused", value: "not_found" };
        });
      case "complete":
        return this.#ask("POST", "/api/link/complete", action.value, async (session: Wire["SessionResponse"]) => {
          await this.side.completed(session);
          return { type: "completed" };
        });
      case "export_history":
        void this.feed({ type: "no_history" });
        return;
      case "delete":
        this.#stopReading();
        void this.routes.http.run(this.#call("DELETE", this.#slot())).catch(() => undefined);
        return;
      case "show":
        return tell({ step: "show", code: action.value.typed_code ?? "", lifeMs: action.value.life_ms });
      case "show_digits":
        return tell({ step: "show_digits", digits: action.value });
      case "ask_digits":
        return tell({ step: "ask_digits", count: action.value });
      case "ask_approval": {
        const { device, same_network } = action.value;
        return tell({
          step: "ask_approval",
          name: device.name,
          platform: device.device_type,
          sameNetwork: same_network,
        });
      }
      case "show_account":
        return tell({ step: "account", username: action.value });
      case "linked":
      case "entered":
        this.#end();
        await this.side.done();
        return tell({ step: "done" });
      case "failed":
        this.#end();
        if (action.value.counts && !this.side.anonymous && this.#rendezvous) {
          const body = { rendezvous_id: this.#rendezvous };
          void this.routes.http.run(this.#call("POST", "/api/link/failures", body)).catch(() => undefined);
        }
        return tell({ step: "failed", name: action.value.name });
    }
  }

  #end(): void {
    this.#ended = true;
    this.#stopReading();
  }

  #stopReading(): void {
    this.#reading.abort();
    this.#reading = new AbortController();
  }

  #slot(): string {
    return `/api/rendezvous/${this.#rendezvous}`;
  }

  #call(method: Call["method"], path: string, body?: unknown): Call {
    const call: Call = { method, path, anonymous: this.side.anonymous, repeatable: true };
    return body === undefined ? call : { ...call, body };
  }

  /** Asks the server, as long as it takes, and feeds what it says. The linking goes on meanwhile. */
  #ask<T>(
    method: Call["method"],
    path: string,
    body: unknown,
    eventOf: (answer: T) => LinkEvent | Promise<LinkEvent>,
  ): void {
    const ask = async (): Promise<LinkEvent | undefined> => {
      while (!this.#ended) {
        try {
          return await eventOf(await this.routes.http.run<T>(this.#call(method, path, body)));
        } catch (error) {
          const code = codeOf(error);
          if (code === "not_found" && path === this.#slot()) return { type: "gone" };
          if (code && !isTemporary(error)) return { type: "refused", value: code };
          await this.environment.sleep(TICK_MS);
        }
      }
      return undefined;
    };
    void ask().then((event) => event && this.feed(event));
  }

  /** Reads the slot until its token is another one. */
  async #read(after: string | null, signal: AbortSignal): Promise<void> {
    const query = after === null ? "" : `?after=${encodeURIComponent(after)}`;
    while (!signal.aborted) {
      try {
        const call = { ...this.#call("GET", this.#slot() + query), timeoutMs: READ_TIMEOUT_MS, signal };
        const value = await this.routes.http.run<Wire["Rendezvous"]>(call);
        if (signal.aborted) return;
        if (value.sequence_token !== after) return await this.feed({ type: "slot", value });
      } catch (error) {
        if (signal.aborted) return;
        const code = codeOf(error);
        if (code === "not_found") return this.feed({ type: "gone" });
        if (code && !isTemporary(error)) return this.feed({ type: "refused", value: code });
        await this.environment.sleep(TICK_MS);
      }
    }
  }
}
