// The state of a device in memory: crypto engine, positions, what is on its way. One lock guards it, and nobody holds
// that lock across a call to the server.
import { isTalk } from "./bodies";
import type { Engine, EngineRecord } from "./engine";
import type { Environment } from "./environment";
import { StoreFailed } from "./errors";
import { Flights } from "./flights";
import { Mutex } from "./mutex";
import type { EventOutcome } from "./outcomes";
import { type Batch, emptyBatch, isEmpty, type Loaded, type Outgoing, type Store, type StoredMessage } from "./store";
import type { ConversationView, DeviceAlert, Told } from "./told";
import type { ClientFrame } from "./wire";

export interface Profile {
  username: string;
  user_id: string;
  device_id: string;
  tokens: { accessToken: string; refreshToken: string; expiresAtMs: number } | null;
}

const PROFILE = "profile";
const INBOX = "inbox_seq";
const SYNC_TOKEN = "sync_token";
const ALERTS = "device_alerts";
const KNOWN_DEVICES = "known_devices";
const CURSOR = "cursor/";
const CONVERSATION = "conversation/";

/** Makes an engine of stored records. */
export type LoadEngine = (records: [string, Uint8Array][]) => Engine;

export class Core {
  inboxSeq = 0;
  syncToken: string | undefined;
  readonly cursors = new Map<string, number>();
  readonly conversations = new Map<string, ConversationView>();
  readonly outgoing = new Map<string, Outgoing>();
  /** Sends that the pages were not told the outcome of. */
  readonly unanswered = new Set<string>();
  /** Devices that the person was not shown, and those of the account that were ever noticed. */
  alerts: readonly DeviceAlert[] = [];
  knownDevices: readonly string[] | undefined;
  /** Whether the last attempt to store something worked. */
  storing = true;
  readonly flights = new Flights();
  /** Says something on the live socket, once caught up. */
  say: ((frame: ClientFrame) => void) | undefined;
  /** Read marks on their way: how far, and which ping came after them. */
  readonly saidRead = new Map<string, { seq: number; nonce: number }>();
  nonce = 0;
  readonly lock = new Mutex();
  #batch: Batch = emptyBatch();
  #staged: Told[] = [];

  constructor(
    public engine: Engine,
    public profile: Profile,
    readonly store: Store,
    readonly environment: Environment,
    private readonly loadEngine: LoadEngine,
    private readonly tell: (told: Told) => void,
  ) {}

  /** A device as it was last stored; `undefined` if there is none. */
  static async load(
    store: Store,
    environment: Environment,
    loadEngine: LoadEngine,
    tell: (told: Told) => void,
  ): Promise<Core | undefined> {
    const loaded = await store.load();
    const profile = loaded.meta.get(PROFILE) as Profile | undefined;
    if (!profile) return undefined;
    const core = new Core(loadEngine(loaded.records), profile, store, environment, loadEngine, tell);
    core.#adopt(loaded);
    return core;
  }

  #adopt(loaded: Loaded): void {
    this.inboxSeq = (loaded.meta.get(INBOX) as number | undefined) ?? 0;
    this.syncToken = loaded.meta.get(SYNC_TOKEN) as string | undefined;
    this.alerts = (loaded.meta.get(ALERTS) as DeviceAlert[] | undefined) ?? [];
    this.knownDevices = loaded.meta.get(KNOWN_DEVICES) as string[] | undefined;
    for (const clear of [this.cursors, this.conversations, this.outgoing, this.unanswered]) clear.clear();
    for (const [key, value] of loaded.meta) {
      if (key.startsWith(CURSOR)) this.cursors.set(key.slice(CURSOR.length), value as number);
      if (key.startsWith(CONVERSATION)) {
        this.conversations.set(key.slice(CONVERSATION.length), value as ConversationView);
      }
    }
    for (const message of loaded.outgoing) this.outgoing.set(message.txn_id, message);
    for (const id of this.engine.conversationsWithWork()) {
      for (const txnId of this.engine.queued(id)) this.unanswered.add(txnId);
    }
  }

  /** Works under the lock, then stores what changed. */
  update<T>(work: () => T | Promise<T>): Promise<T> {
    return this.lock.run(async () => {
      const result = await work();
      await this.commit();
      return result;
    });
  }

  /**
   * Stores everything that changed, in one transaction; only then is anything told, sent or acknowledged. The caller
   * holds the lock. Errors: [`StoreFailed`]: memory is back at what is stored, nothing was told.
   */
  async commit(): Promise<void> {
    const batch = this.#batch;
    const staged = this.#staged;
    [this.#batch, this.#staged] = [emptyBatch(), []];
    batch.records = this.engine.takeDirty();
    for (const alarm of this.engine.takeAlarms()) {
      // A device that came has an alert of its own.
      if (alarm.type !== "own_device_added") staged.push({ type: "alarm", alarm: alarm.type });
    }
    if (!isEmpty(batch)) {
      try {
        await this.store.commit(batch);
        this.#noteStoring(true);
      } catch (error) {
        this.#noteStoring(false);
        await this.#reload();
        throw error;
      } finally {
        wipe(batch.records);
      }
    }
    for (const told of staged) this.tell(told);
  }

  #noteStoring(works: boolean): void {
    if (this.storing === works) return;
    this.storing = works;
    this.tell({ type: "storing", works });
  }

  async #reload(): Promise<void> {
    const loaded = await this.store.load();
    const profile = loaded.meta.get(PROFILE) as Profile | undefined;
    if (!profile) throw new StoreFailed("nothing is stored");
    this.engine.machine.free();
    [this.engine, this.profile] = [this.loadEngine(loaded.records), profile];
    this.flights.clear();
    this.#adopt(loaded);
  }

  /** Tells pages once the current batch is stored. */
  stage(told: Told): void {
    this.#staged.push(told);
  }

  saveProfile(): void {
    this.#batch.meta.set(PROFILE, this.profile);
  }

  setAlerts(alerts: readonly DeviceAlert[]): void {
    this.alerts = alerts;
    this.#batch.meta.set(ALERTS, alerts);
    this.stage({ type: "alerts", alerts: [...alerts] });
  }

  setKnownDevices(ids: readonly string[]): void {
    this.knownDevices = ids;
    this.#batch.meta.set(KNOWN_DEVICES, ids);
  }

  setInboxSeq(seq: number): void {
    this.inboxSeq = seq;
    this.#batch.meta.set(INBOX, seq);
  }

  setSyncToken(token: string): void {
    this.syncToken = token;
    this.#batch.meta.set(SYNC_TOKEN, token);
  }

  /** Everything up to here of the conversation is processed. */
  cursor(id: string): number {
    return this.cursors.get(id) ?? 0;
  }

  /** Cursors only rise. */
  raiseCursor(id: string, seq: number): void {
    if (seq <= this.cursor(id)) return;
    this.cursors.set(id, seq);
    this.#batch.meta.set(CURSOR + id, seq);
  }

  /** Changes a conversation's view, stores and tells it; nothing happens for an unknown one. */
  changeView(id: string, change: (view: ConversationView) => void): void {
    const known = this.conversations.get(id);
    if (!known) return;
    // A fresh object: what was told before is not changed behind a page's back.
    const view = { ...known };
    change(view);
    this.putView(view);
  }

  putView(view: ConversationView): void {
    this.conversations.set(view.conversation_id, view);
    this.#batch.meta.set(CONVERSATION + view.conversation_id, view);
    this.stage({ type: "conversation", conversation: view });
  }

  putOutgoing(message: Outgoing): void {
    this.outgoing.set(message.txn_id, message);
    this.#batch.outgoing.set(message.txn_id, message);
  }

  dropOutgoing(txnId: string): void {
    if (this.outgoing.delete(txnId)) this.#batch.outgoing.set(txnId, undefined);
  }

  /** What the event became. */
  takeOutcome(outcome: EventOutcome): void {
    switch (outcome.type) {
      case "shown": {
        const { warnings, ...message } = outcome.value;
        const own = message.sender_device_id === this.engine.deviceId;
        if (own) {
          this.answered(message.conversation_id, message.txn_id);
          this.dropOutgoing(message.txn_id);
        }
        this.#batch.shown.push(warnings.length > 0 ? { ...message, warnings } : message);
        this.stage({ type: "shown", message, warnings });
        this.changeView(message.conversation_id, (view) => preview(view, outcome.value, this.engine.userId));
        break;
      }
      case "undecryptable":
      case "refused":
        this.stage({ type: "unreadable", event: outcome.value });
        break;
      case "gone":
        this.answered(outcome.value.conversation_id, outcome.value.txn_id);
        this.dropOutgoing(outcome.value.txn_id);
        this.forget(outcome.value.conversation_id, outcome.value.seq, outcome.value.reason);
        break;
    }
  }

  /** A message that is stored, or about to be. */
  async message(id: string, seq: number): Promise<StoredMessage | undefined> {
    const fresh = this.#batch.shown.find((message) => message.conversation_id === id && message.seq === seq);
    return fresh ?? (await this.store.message(id, seq));
  }

  /** The message's content is gone. */
  forget(conversation_id: string, seq: number, reason: "removed" | "expired"): void {
    this.#batch.forgotten.push([conversation_id, seq]);
    this.stage({ type: "gone", conversation_id, seq, reason });
    this.changeView(conversation_id, (view) => {
      if (view.last?.seq === seq) delete view.last;
    });
  }

  /** One's own message is stored; pages are told once. */
  answered(conversation_id: string, txn_id: string): void {
    this.flights.landed(conversation_id, txn_id, this.environment.monotonic());
    if (this.unanswered.delete(txn_id)) this.stage({ type: "sent", conversation_id, txn_id });
  }
}

function preview(
  view: ConversationView,
  shown: { seq: number; body_json: string; sender_user_id: string; created_at_ms: number },
  own: string,
): void {
  if (!isTalk(shown.body_json)) return;
  if (!view.last || shown.seq > view.last.seq) {
    const { seq, body_json, sender_user_id } = shown;
    view.last = { seq, body_json, sender_user_id, at_ms: shown.created_at_ms };
  }
  // Whoever writes has read what came before.
  if (shown.sender_user_id === own) {
    if (shown.seq > view.read_seq) [view.read_seq, view.unread] = [shown.seq, 0];
  } else if (shown.seq > view.read_seq) {
    view.unread += 1;
  }
}

function wipe(records: EngineRecord[]): void {
  for (const [, bytes] of records) bytes?.fill(0);
}
