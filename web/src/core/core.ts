// The state of a device in memory: crypto engine, positions, what is on its way. One lock guards it, and nobody holds
// that lock across a call to the server.
import type { Engine, EngineRecord } from "./engine";
import type { Environment } from "./environment";
import { StoreFailed } from "./errors";
import { Flights } from "./flights";
import { Marking } from "./marking";
import { Mutex } from "./mutex";
import type { GoneReason } from "./outcomes";
import { lookAtPeople } from "./people";
import type { Line, PersonView } from "./people-told";
import { type Batch, emptyBatch, isEmpty, type Loaded, type Outgoing, type Store, type StoredMessage } from "./store";
import type { ConversationView, DeviceAlert, Removal, Told } from "./told";
import { readUpTo, recount } from "./unread";
import type { ClientFrame } from "./wire";

export interface Profile {
  username: string;
  user_id: string;
  device_id: string;
  tokens: { accessToken: string; refreshToken: string; expiresAtMs: number } | null;
  /** The server says that this device is out of its account. */
  revoked?: boolean;
}

export const PROFILE = "profile";
const INBOX = "inbox_seq";
const SYNC_TOKEN = "sync_token";
const HISTORY = "history";
const ALERTS = "device_alerts";
const KNOWN_DEVICES = "known_devices";
const CURSOR = "cursor/";
const CONVERSATION = "conversation/";
const REMOVAL = "removal/";
const PERSON = "person/";
const LINES = "lines/";
const BLOCKS = "blocks";
export const WORDS = "recovery_words";

/** A history on its way into this device. */
export interface PendingHistory {
  address: string;
  /** What is needed to read it, base64. */
  manifest: string;
  /** The next chunk. */
  next: number;
  of: number;
}

/** Makes an engine of stored records. */
export type LoadEngine = (records: [string, Uint8Array][]) => Engine;

export class Core {
  inboxSeq = 0;
  syncToken: string | undefined;
  history: PendingHistory | undefined;
  readonly cursors = new Map<string, number>();
  readonly conversations = new Map<string, ConversationView>();
  readonly outgoing = new Map<string, Outgoing>();
  /** Messages that are to be deleted for everybody, by their ids. */
  readonly removals = new Map<string, Removal>();
  /** When messages disappear next. */
  nextExpiry = 0;
  readonly people = new Map<string, PersonView>();
  readonly lines = new Map<string, Line[]>();
  blocks: string[] = [];
  /** Groups that this device is leaving by itself. */
  readonly leaving = new Set<string>();
  /** Sends that the pages were not told the outcome of. */
  readonly unanswered = new Set<string>();
  /** Devices that the person was not shown, and those of the account that were ever noticed. */
  alerts: readonly DeviceAlert[] = [];
  knownDevices: readonly string[] | undefined;
  /** Whether the last attempt to store something worked. */
  storing = true;
  /** Words of a recovery key that the person has not proved to have; they go when that is done. */
  words: string | undefined;
  readonly flights = new Flights();
  readonly marking: Marking;
  /** Says something on the live socket, once caught up. */
  say: ((frame: ClientFrame) => void) | undefined;
  /** Read marks on their way: how far, and which ping came after them. */
  readonly saidRead = new Map<string, { seq: number; nonce: number }>();
  nonce = 0;
  /** How often memory went back to what is stored. */
  generation = 0;
  readonly #lock = new Mutex();
  /** Memory may be ahead of what is stored, which could not be read. */
  #isAhead = false;
  /** Conversations whose unread messages are counted before the next commit. */
  readonly #uncounted = new Set<string>();
  #batch: Batch = emptyBatch();
  #staged: Told[] = [];

  constructor(
    public engine: Engine,
    public profile: Profile,
    readonly store: Store,
    readonly environment: Environment,
    private readonly loadEngine: LoadEngine,
    private readonly tell: (told: Told) => void,
  ) {
    this.marking = new Marking(environment);
  }

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
    this.history = loaded.meta.get(HISTORY) as PendingHistory | undefined;
    this.alerts = (loaded.meta.get(ALERTS) as DeviceAlert[] | undefined) ?? [];
    this.knownDevices = loaded.meta.get(KNOWN_DEVICES) as string[] | undefined;
    this.nextExpiry = 0;
    this.words = loaded.meta.get(WORDS) as string | undefined;
    this.blocks = (loaded.meta.get(BLOCKS) as string[] | undefined) ?? [];
    const { cursors, conversations, outgoing, unanswered, removals, people, lines } = this;
    for (const clear of [cursors, conversations, outgoing, unanswered, removals, people, lines]) clear.clear();
    for (const [key, value] of loaded.meta) {
      if (key.startsWith(CURSOR)) this.cursors.set(key.slice(CURSOR.length), value as number);
      if (key.startsWith(CONVERSATION)) {
        this.conversations.set(key.slice(CONVERSATION.length), value as ConversationView);
      }
      if (key.startsWith(REMOVAL)) this.removals.set(key.slice(REMOVAL.length), value as Removal);
      if (key.startsWith(PERSON)) people.set(key.slice(PERSON.length), value as PersonView);
      if (key.startsWith(LINES)) lines.set(key.slice(LINES.length), value as Line[]);
    }
    for (const message of loaded.outgoing) this.outgoing.set(message.txn_id, message);
    for (const id of this.engine.conversationsWithWork()) {
      for (const txnId of this.engine.queued(id)) this.unanswered.add(txnId);
    }
  }

  /** Works under the lock; what changed is stored with the next commit. */
  turn<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#lock.run(async () => {
      if (this.#isAhead) await this.#reload();
      return work();
    });
  }

  /** Works under the lock, then stores what changed. */
  update<T>(work: () => T | Promise<T>): Promise<T> {
    return this.turn(async () => {
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
    let staged: Told[];
    try {
      staged = await this.#storeChanges();
    } catch (error) {
      await this.takeBack();
      throw error;
    }
    for (const told of staged) this.tell(told);
  }

  /** Gives what is to be told now. */
  async #storeChanges(): Promise<Told[]> {
    await this.#count();
    this.#takeResetWords();
    lookAtPeople(this);
    const batch = this.#batch;
    const staged = this.#staged;
    [this.#batch, this.#staged] = [emptyBatch(), []];
    batch.records = this.engine.takeDirty();
    for (const alarm of this.engine.takeAlarms()) {
      // A device that came has an alert of its own.
      if (alarm.type !== "own_device_added") staged.push({ type: "alarm", alarm: alarm.type });
    }
    if (isEmpty(batch)) return staged;
    let works = false;
    try {
      await this.store.commit(batch);
      works = true;
    } finally {
      this.#noteStoring(works);
      wipe(batch.records);
    }
    return staged;
  }

  /**
   * Gives up what is not stored: memory goes back to what is. The caller holds the lock. Errors: [`StoreFailed`]: that
   * could not be read; it is tried again before anything else is done.
   */
  async takeBack(): Promise<void> {
    [this.#batch, this.#staged] = [emptyBatch(), []];
    this.#uncounted.clear();
    this.generation += 1;
    this.#isAhead = true;
    await this.#reload();
  }

  /** Whichever way it came to light that the server has a new identity. */
  #takeResetWords(): void {
    if (!this.engine.touched.has(this.engine.userId)) return;
    const words = this.engine.takeResetWords();
    if (words !== undefined) this.setWords(words);
  }

  async #count(): Promise<void> {
    for (const id of this.#uncounted) {
      this.#uncounted.delete(id);
      const known = this.conversations.get(id);
      if (!known) continue;
      const view = { ...known };
      await recount(view, this.store, this.#batch, this.engine.userId);
      this.putView(view);
    }
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
    const before = this.engine;
    [this.engine, this.profile] = [this.loadEngine(loaded.records), profile];
    before.machine.free();
    this.flights.clear();
    this.#adopt(loaded);
    this.#isAhead = false;
  }

  /** Tells pages once the current batch is stored. */
  stage(told: Told): void {
    this.#staged.push(told);
  }

  saveProfile(): void {
    this.#batch.meta.set(PROFILE, this.profile);
  }

  /** Stores a value of another part under its own key. */
  saveMeta(key: string, value: unknown): void {
    this.#batch.meta.set(key, value);
  }

  setWords(words: string | undefined): void {
    this.words = words;
    this.#batch.meta.set(WORDS, words);
    this.stage({ type: "words" });
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

  /** The next catch-up begins at the beginning. */
  forgetSyncToken(): void {
    this.syncToken = undefined;
    this.#batch.meta.set(SYNC_TOKEN, undefined);
  }

  setHistory(pending: PendingHistory | undefined): void {
    this.history = pending;
    this.#batch.meta.set(HISTORY, pending);
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

  putRemoval(removal: Removal): void {
    this.removals.set(removal.txn_id, removal);
    this.#batch.meta.set(REMOVAL + removal.txn_id, removal);
    this.stage({ type: "removals", removals: [...this.removals.values()] });
  }

  dropRemoval(txnId: string): void {
    if (!this.removals.delete(txnId)) return;
    this.#batch.meta.set(REMOVAL + txnId, undefined);
    this.stage({ type: "removals", removals: [...this.removals.values()] });
  }

  /** Stores a message, or what stands in its place. */
  keep(message: StoredMessage): void {
    this.#batch.shown.push(message);
    this.nextExpiry = Math.min(this.nextExpiry, message.expires_at_ms ?? this.nextExpiry);
  }

  /** A message that is stored, or about to be. */
  async message(id: string, seq: number): Promise<StoredMessage | undefined> {
    const fresh = this.#batch.shown.findLast((message) => message.conversation_id === id && message.seq === seq);
    return fresh ?? (await this.store.message(id, seq));
  }

  /** Messages of the batch, not stored yet. */
  get fresh(): readonly StoredMessage[] {
    return this.#batch.shown;
  }

  /** The message's content is gone. `row` is what stays in its place, if anything does. */
  forget(conversation_id: string, seq: number, reason: GoneReason, row?: StoredMessage): void {
    const batch = this.#batch;
    const elsewhere = (message: StoredMessage) => message.seq !== seq || message.conversation_id !== conversation_id;
    batch.shown = batch.shown.filter(elsewhere);
    if (row) batch.shown.push(row);
    else batch.forgotten.push([conversation_id, seq]);
    this.stage({ type: "gone", conversation_id, seq, reason, row });
    const view = this.conversations.get(conversation_id);
    if (view && (view.last?.seq === seq || seq > view.read_seq)) this.recount(conversation_id);
  }

  /** Deletes messages whose time is over. The caller holds the lock. */
  async expire(nowMs: number): Promise<void> {
    const { over, about } = await this.store.due(nowMs);
    this.#batch.forgotten.push(...about);
    this.#batch.expired.push(...over);
    for (const [, id, seq] of over) this.forget(id, seq, "expired");
    const next = (await this.store.nextExpiry(nowMs)) ?? Number.POSITIVE_INFINITY;
    this.nextExpiry = Math.min(next, ...this.#batch.shown.map((message) => message.expires_at_ms ?? next));
  }

  /** Everything up to `seq` is read, on this device or another one of this person. */
  read(id: string, seq: number): void {
    if ((this.conversations.get(id)?.read_seq ?? seq) >= seq) return;
    this.changeView(id, (view) => {
      if (readUpTo(view, seq, this.cursor(id))) this.recount(id);
    });
  }

  /** What is unread there, and the newest message, are looked for before the next commit. */
  recount(id: string): void {
    this.#uncounted.add(id);
  }

  /** One's own message is stored; pages are told once. */
  answered(conversation_id: string, txn_id: string): void {
    this.flights.landed(conversation_id, txn_id, this.environment.monotonic());
    if (this.unanswered.delete(txn_id)) this.stage({ type: "sent", conversation_id, txn_id });
  }
}

function wipe(records: EngineRecord[]): void {
  for (const [, bytes] of records) bytes?.fill(0);
}
