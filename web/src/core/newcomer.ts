// An account on its way into this browser. It lies in a database of its own, beside whatever is kept here, until the server
// has it; then it takes the place of that. So a name that is taken, or no connection, costs nothing.
import { PROFILE, type Profile, WORDS } from "./core";
import { Machine } from "./crypto";
import type { EngineRecord } from "./engine";
import type { Environment } from "./environment";
import { codeOf, isTemporary, Refused } from "./errors";
import type { Routes } from "./routes";
import { type Batch, emptyBatch, Store } from "./store";
import type { Wire } from "./wire";

const ROOM = "sotto-newcomer";
const REQUEST = "request";

type Session = Wire["SessionResponse"];

export class Newcomer {
  private constructor(
    private readonly store: Store,
    private readonly machine: Machine,
    /** Without the password. */
    private readonly request: Wire["RegisterRequest"],
    readonly words: string,
    /** It was sent before, and nobody knows what became of it. */
    private readonly wasSent: boolean,
  ) {}

  /** Keys of a fresh account, stored. Those of a registration of this name whose outcome is unknown are used again. */
  static async arrive(username: string, device: Wire["NewDevice"], environment: Environment): Promise<Newcomer> {
    const before = await Newcomer.waiting(username);
    if (before) return before;
    const [user_id, device_id] = [environment.uuid(), environment.uuid()];
    const made = Machine.register(user_id, device_id, environment.now());
    const request = JSON.parse(made.request(username, "", JSON.stringify(device))) as Wire["RegisterRequest"];
    const [machine, words] = [made.takeMachine(), made.recoveryWords()];
    made.free();
    await Newcomer.forget();
    const store = await Store.open(ROOM);
    const batch = batchOf(machine, { username, user_id, device_id, tokens: null });
    batch.meta.set(REQUEST, request).set(WORDS, words);
    await store.commit(batch);
    return new Newcomer(store, machine, request, words, false);
  }

  /** One of this name whose registration was sent, with an outcome that nobody knows. */
  static async waiting(username: string): Promise<Newcomer | undefined> {
    const store = await Store.open(ROOM);
    const { records, meta } = await store.load().catch(() => ({ records: [], meta: new Map<string, unknown>() }));
    const request = meta.get(REQUEST) as Wire["RegisterRequest"] | undefined;
    if (request?.username === username && records.length > 0) {
      return new Newcomer(store, Machine.load(records), request, String(meta.get(WORDS) ?? ""), true);
    }
    store.close();
    return undefined;
  }

  /** Deletes whoever waits. */
  static async forget(): Promise<void> {
    await (await Store.open(ROOM)).destroy();
  }

  /** Asks the server for the account. What it refuses at once and for good is deleted. */
  async register(routes: Routes, password: string): Promise<Session> {
    try {
      return await routes.register({ ...this.request, password });
    } catch (error) {
      // It may be the name of this very account: its keys are kept, whatever is typed now.
      const session = this.wasSent && codeOf(error) === "username_taken" && (await this.signIn(routes, password));
      if (session) return session;
      if (error instanceof Refused && !isTemporary(error) && !this.wasSent) await this.leave();
      else this.close();
      throw error;
    }
  }

  /** Signs in with its keys; nothing, if the server does not take them. */
  async signIn(routes: Routes, password: string): Promise<Session | undefined> {
    try {
      const { challenge } = await routes.createChallenge();
      const known_device = JSON.parse(this.machine.loginSignature(challenge)) as Wire["KnownDevice"];
      return await routes.login({ username: this.request.username, password, known_device });
    } catch (error) {
      if (error instanceof Refused && !isTemporary(error)) return undefined;
      this.close();
      throw error;
    }
  }

  /** Everything of it, to be stored elsewhere. */
  async everything(): Promise<Batch> {
    const { records, meta } = await this.store.load();
    meta.delete(REQUEST);
    return { ...emptyBatch(), records, meta };
  }

  /** It is kept, and asked for again. */
  close(): void {
    this.store.close();
    this.machine.free();
  }

  async leave(): Promise<void> {
    await this.store.destroy();
    this.machine.free();
  }
}

/** A device as it is stored first. */
export function batchOf(machine: Machine, profile: Profile): Batch {
  const batch = { ...emptyBatch(), records: machine.takeDirty() as EngineRecord[] };
  batch.meta.set(PROFILE, profile);
  return batch;
}
