// Drives a linking: does what the engine asks for at the server, and tells the page what the person has to see.
import type { ExistingLink, NewLink } from "../../build/crypto/crypto";
import { fromBase64 } from "./base64";
import type { Environment } from "./environment";
import { codeOf, isTemporary } from "./errors";
import type { Call } from "./http";
import { Mutex } from "./mutex";
import type { LinkAction, LinkEvent } from "./outcomes";
import type { Routes } from "./routes";
import { plain } from "./rpc";
import type { LinkStep } from "./told";
import type { Wire } from "./wire";

const TICK_MS = 1_000;
const PAUSE_MS = 200;
/** Longer than the server holds a read of the slot. */
const READ_TIMEOUT_MS = 35_000;

/** Says to the engine what became of the history. */
export type Report = (monotonicMs: number, nowMs: number) => Promise<string>;

/** One of the two devices. Its records are stored when `handle` is done. */
export interface Side {
  readonly link: ExistingLink | NewLink;
  /** The new device has no token yet. */
  readonly anonymous: boolean;
  handle(event: string, monotonicMs: number, nowMs: number): Promise<string>;
  /** The server took the new device in. */
  completed(session: Wire["SessionResponse"]): Promise<void>;
  /** The existing device asked for a grant: from here on the new one may be in. */
  granting(deviceId: string): void;
  /** Cuts the history once the new device is in. */
  cutHistory(tell: (step: LinkStep) => void, whole: boolean): Promise<Report>;
  /**
   * It is over, and well. `handedOver`: the new device said that it has what it was sent; on the new device: nothing
   * came that it can't read. Gives what the person hears.
   */
  done(handedOver: boolean): Promise<LinkStep>;
  failed(): Promise<void>;
}

export class Linking {
  readonly #turns = new Mutex();
  #reading = new AbortController();
  #ended = false;
  #rendezvous = "";
  #wantsHistory = false;
  /** The person wants the new device to have the messages, too. */
  #whole = false;
  /** What the server refused last. */
  #refusal = "";
  #shown: LinkStep = { step: "waiting" };
  /** What keeps calls up that are tried again, by call. */
  readonly #troubles = new Map<object, string>();

  constructor(
    private readonly side: Side,
    private readonly routes: Routes,
    private readonly environment: Environment,
    private tell: (step: LinkStep) => void,
  ) {}

  start(): void {
    this.#show({ step: "waiting" });
    void this.#turns.run(() => this.#act(JSON.parse(this.side.link.takeActions()) as LinkAction[]));
    void this.#tick();
  }

  /** Something happened; what the engine makes of it is done in turn. */
  async feed(happened: LinkEvent): Promise<void> {
    const event = this.#withNames(happened);
    if (event.type === "refused") this.#refusal = event.value;
    await this.#turn((monotonicMs, nowMs) => this.side.handle(JSON.stringify(event), monotonicMs, nowMs));
    // Only now: what comes after the new device is in it gets by itself.
    if (event.type !== "own_identity" || !this.#wantsHistory || this.#ended) return;
    this.#wantsHistory = false;
    void this.side.cutHistory((step) => this.#show(step), this.#whole).then((report) => this.#turn(report));
  }

  /** The person did what was asked; what comes next takes a moment. */
  async answer(event: LinkEvent): Promise<void> {
    this.#show({ step: "waiting" });
    await this.feed(event);
  }

  #show(step: LinkStep): void {
    this.#shown = step;
    const trouble = this.#trouble();
    this.tell(trouble === undefined || this.#ended ? step : { ...step, trouble });
  }

  #trouble(): string | undefined {
    return this.#troubles.values().next().value;
  }

  /** What keeps a call up from now on; without a code nothing does. */
  #note(call: object, code?: string): void {
    const before = this.#trouble();
    if (code === undefined) this.#troubles.delete(call);
    else this.#troubles.set(call, code);
    if (this.#trouble() !== before && !this.#ended) this.#show(this.#shown);
  }

  /** Names and timers are handed over in any case: nobody says them again for a new device of a member. */
  #withNames(event: LinkEvent): LinkEvent {
    if (event.type !== "approved") return event;
    this.#whole = event.value.history;
    return { type: "approved", value: { ...event.value, history: true } };
  }

  #turn(work: Report): Promise<void> {
    return this.#turns.run(async () => {
      if (this.#ended) return;
      const text = await work(this.environment.monotonic(), this.environment.now());
      await this.#act(JSON.parse(text) as LinkAction[]);
    });
  }

  /** Another linking takes its place: it ends, and nobody hears of it. */
  async replace(): Promise<void> {
    this.tell = () => {};
    await this.feed({ type: "declined" });
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
        this.side.granting(action.value.device_keys.device_id);
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
        this.#wantsHistory = true;
        return;
      case "delete":
        this.#stopReading();
        void this.routes.http.run(this.#call("DELETE", this.#slot())).catch(() => undefined);
        return;
      case "show":
        return this.#show({
          step: "show",
          qr: fromBase64(action.value.qr),
          code: action.value.typed_code ?? undefined,
          lifeMs: action.value.life_ms,
        });
      case "show_digits":
        return this.#show({ step: "show_digits", digits: action.value });
      case "ask_digits":
        return this.#show({ step: "ask_digits", count: action.value });
      case "ask_approval": {
        const { device, same_network, number } = action.value;
        return this.#show({
          step: "ask_approval",
          name: device.name,
          platform: device.device_type,
          sameNetwork: same_network,
          number,
        });
      }
      case "show_account":
        return this.#show({ step: "account", username: action.value });
      case "linked":
        this.#end();
        void this.#done(action.value.handed_over);
        return;
      case "entered":
        this.#end();
        void this.#done(!action.value.unreadable);
        return;
      case "failed":
        this.#end();
        if (action.value.counts && !this.side.anonymous && this.#rendezvous) {
          const body = { rendezvous_id: this.#rendezvous };
          void this.routes.http.run(this.#call("POST", "/api/link/failures", body)).catch(() => undefined);
        }
        await this.side.failed();
        return this.#show({
          step: "failed",
          name: action.value.name === "Refused" ? this.#refusal : action.value.name,
        });
    }
  }

  async #done(handedOver: boolean): Promise<void> {
    await this.side.done(handedOver).then(
      (step) => this.#show(step),
      (error: unknown) => this.#show({ step: "failed", name: plain(error).code }),
    );
  }

  #end(): void {
    this.#ended = true;
    this.#stopReading();
  }

  #stopReading(): void {
    this.#reading.abort();
    this.#note(this.#reading.signal);
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
          this.#note(ask, plain(error).code);
          await this.environment.sleep(TICK_MS);
        }
      }
      return undefined;
    };
    void ask().then((event) => {
      this.#note(ask);
      return event && this.feed(event);
    });
  }

  /** Reads the slot until its token is another one. */
  async #read(after: string | null, signal: AbortSignal): Promise<void> {
    let known = after;
    while (!signal.aborted) {
      const query = known === null ? "" : `?after=${encodeURIComponent(known)}`;
      try {
        const call = { ...this.#call("GET", this.#slot() + query), timeoutMs: READ_TIMEOUT_MS, signal };
        const value = await this.routes.http.run<Wire["Rendezvous"]>(call);
        if (signal.aborted) return;
        this.#note(signal);
        if (value.sequence_token === known) {
          // The server holds a read for seconds; one that does not gets no more of them for it.
          await this.environment.sleep(PAUSE_MS);
          continue;
        }
        known = value.sequence_token;
        await this.feed({ type: "slot", value });
        // While a person is asked something the engine reads nothing; the other device may go away meanwhile.
      } catch (error) {
        if (signal.aborted) return;
        const code = codeOf(error);
        if (code === "not_found") return this.feed({ type: "gone" });
        if (code && !isTemporary(error)) return this.feed({ type: "refused", value: code });
        if (isTemporary(error)) this.#note(signal, plain(error).code);
        await this.environment.sleep(TICK_MS);
      }
    }
  }
}
