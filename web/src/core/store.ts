// What a device keeps, in IndexedDB: every value sealed with AES-GCM under a key that can't leave the browser, bound to
// its place. Ids stay readable.
//
// A transaction of IndexedDB commits itself while anything else is awaited: everything is sealed first, then written in
// one transaction, and only its end is success.
import { type IDBPTransaction, openDB } from "idb";
import { standsAlone, targetOf } from "./about";
import type { EngineRecord } from "./engine";
import { StoreFailed } from "./errors";
import type { GoneReason, Shown } from "./outcomes";
import {
  byIndex,
  type Database,
  type Found,
  idOf,
  newestBelow,
  oldestFrom,
  rowsAfter,
  rowsBetween,
  type Schema,
  type Sealed,
} from "./rows";

export const DATABASE = "sotto";
const VERSION = 2;

/** A decrypted message, as it is kept. */
export interface StoredMessage extends Omit<Shown, "warnings"> {
  warnings?: Shown["warnings"];
  /** Its content is gone, and why; `body_json` is empty. */
  gone?: GoneReason;
  /** It can't be read, and why; `body_json` is empty. */
  unreadable?: string;
  /** It says again what held already: nothing to show. */
  repeat?: true;
}

/** A message that is not in the log yet, as a person sees it. */
export interface Outgoing {
  conversation_id: string;
  txn_id: string;
  body_json: string;
  queued_at_ms: number;
  /** It disappears so long after it was stored. */
  expires_in_ms?: number;
  /** Whether it was handed to a connection: the server may have it. */
  left?: boolean;
  /** It will never be stored, and why. */
  failed?: string;
}

/** Where a message is: conversation, position. */
export type Place = [string, number];

/** When a message disappears, and where it is. */
export type Expiry = [number, string, number];

/** Changes that belong together. */
export interface Batch {
  records: EngineRecord[];
  /** JSON values; `undefined` deletes. */
  meta: Map<string, unknown>;
  shown: StoredMessage[];
  forgotten: [string, number][];
  /** Times that are over, and taken care of. */
  expired: Expiry[];
  outgoing: Map<string, Outgoing | undefined>;
}

export const emptyBatch = (): Batch => ({
  records: [],
  meta: new Map(),
  shown: [],
  forgotten: [],
  expired: [],
  outgoing: new Map(),
});

export const isEmpty = (batch: Batch): boolean =>
  batch.records.length +
    batch.meta.size +
    batch.shown.length +
    batch.forgotten.length +
    batch.expired.length +
    batch.outgoing.size ===
  0;

/** Everything but the messages. */
export interface Loaded {
  records: [string, Uint8Array][];
  meta: Map<string, unknown>;
  outgoing: Outgoing[];
}

const TABLES = ["keys", "records", "meta", "outgoing", "messages", "expiries"] as const;
type Table = "records" | "meta" | "outgoing";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const utf8 = new TextEncoder();
const text = new TextDecoder();
const encode = (value: unknown) => utf8.encode(JSON.stringify(value));

export class Store {
  #replaced = false;

  private constructor(
    private readonly database: Database,
    private readonly key: CryptoKey,
  ) {}

  /** Opens or makes the store. `onLost`: the browser has closed it for good. Errors: [`StoreFailed`]. */
  static async open(name = DATABASE, onLost: () => void = () => {}): Promise<Store> {
    try {
      const database = await openDB<Schema>(name, VERSION, {
        terminated: onLost,
        upgrade: (made, before, _, transaction) => {
          if (before < 1) for (const table of TABLES) made.createObjectStore(table);
          const messages = transaction.objectStore("messages");
          for (const index of ["id", "about"] as const) messages.createIndex(index, index);
        },
      });
      return new Store(database, await storageKey(database));
    } catch (error) {
      throw new StoreFailed(String(error));
    }
  }

  /** Stores a batch whole or not at all. */
  async commit(batch: Batch): Promise<void> {
    try {
      await this.#write(await this.#sealed(batch));
    } catch (error) {
      throw new StoreFailed(String(error));
    }
  }

  async #sealed(batch: Batch): Promise<SealedBatch> {
    const all = async (table: Table, entries: Iterable<readonly [string, Uint8Array | undefined]>) =>
      Promise.all(
        [...entries].map(
          async ([key, value]) =>
            [key, value === undefined ? undefined : await this.#seal(`${table}/${key}`, value)] as const,
        ),
      );
    const values = [...batch.meta].map(
      ([key, value]) => [key, value === undefined ? undefined : encode(value)] as const,
    );
    const outgoing = [...batch.outgoing].map(([key, value]) => [key, value && encode(value)] as const);
    const messages = batch.shown.map(async (message) => {
      const sealed = await this.#seal(place(message.conversation_id, message.seq), encode(message));
      return [message, sealed] as const;
    });
    return {
      records: await all("records", batch.records),
      meta: await all("meta", values),
      outgoing: await all("outgoing", outgoing),
      messages: await Promise.all(messages),
      forgotten: batch.forgotten,
      expired: batch.expired,
    };
  }

  /**
   * Stores a batch in the place of everything that is kept, the key too: both or neither. Gives the store that goes on;
   * this one stores nothing any more.
   */
  async replacedBy(batch: Batch): Promise<Store> {
    const key = await freshKey();
    const next = new Store(this.database, key);
    try {
      const sealed = await next.#sealed(batch);
      this.#replaced = true;
      await next.#write(sealed, key);
      return next;
    } catch (error) {
      this.#replaced = false;
      throw new StoreFailed(String(error));
    }
  }

  /** With a key: in the place of everything. */
  async #write(batch: SealedBatch, key?: CryptoKey): Promise<void> {
    if (this.#replaced) throw new Error("something else took the place of this");
    const transaction = this.database.transaction(TABLES, "readwrite", { durability: "strict" });
    try {
      if (key) {
        for (const table of TABLES) begun(transaction.objectStore(table).clear());
        begun(transaction.objectStore("keys").put(key, "storage"));
      }
      put(transaction, batch);
    } catch (error) {
      // Else what was asked of it until then would be done.
      transaction.done.catch(() => undefined);
      transaction.abort();
      throw error;
    }
    await transaction.done;
  }

  /** Whether nobody ever signed in here. */
  async isEmpty(): Promise<boolean> {
    return (await this.database.count("records")) === 0;
  }

  /** Everything but the messages. Errors: [`StoreFailed`] for values that this browser's key does not open. */
  async load(): Promise<Loaded> {
    const records = await this.#all("records");
    const json = (entries: [string, Uint8Array][]) =>
      entries.map(([key, bytes]) => [key, JSON.parse(text.decode(bytes))] as [string, unknown]);
    const outgoing = json(await this.#all("outgoing")).map(([, value]) => value as Outgoing);
    outgoing.sort((one, other) => one.queued_at_ms - other.queued_at_ms);
    return { records, meta: new Map(json(await this.#all("meta"))), outgoing };
  }

  async #all(table: Table): Promise<[string, Uint8Array][]> {
    const transaction = this.database.transaction(table);
    const [keys, values] = await Promise.all([transaction.store.getAllKeys(), transaction.store.getAll()]);
    const open = (key: string, at: number) => this.#open(`${table}/${key}`, values[at] as Sealed);
    return Promise.all(keys.map(async (key, at) => [key, await open(key, at)] as [string, Uint8Array]));
  }

  /** The newest messages below `before`, ascending. */
  async messages(conversation: string, before: number, limit: number): Promise<StoredMessage[]> {
    return this.#opened(await newestBelow(this.database, conversation, before, limit));
  }

  /** The oldest messages from `from` on. */
  async messagesFrom(conversation: string, from: number, limit: number): Promise<StoredMessage[]> {
    return this.#opened(await oldestFrom(this.database, conversation, from, limit));
  }

  /** The messages with these ids of their senders, ascending. */
  async messagesById(conversation: string, ids: string[]): Promise<StoredMessage[]> {
    return this.#indexed("id", conversation, ids);
  }

  /**
   * The messages that edits, reactions and answers with these ids mean, ascending: an id is unique for one sender only,
   * and what is about it is about the first that has it.
   */
  async meant(conversation: string, ids: string[]): Promise<StoredMessage[]> {
    const first = new Map<string, StoredMessage>();
    for (const message of await this.messagesById(conversation, ids)) {
      if (standsAlone(message) && !first.has(message.txn_id)) first.set(message.txn_id, message);
    }
    return [...first.values()];
  }

  /** Edits and reactions of these messages, ascending. */
  async messagesAbout(conversation: string, ids: string[]): Promise<StoredMessage[]> {
    return this.#indexed("about", conversation, ids);
  }

  async #indexed(index: "id" | "about", conversation: string, ids: string[]): Promise<StoredMessage[]> {
    const keys = ids.flatMap((id) => idOf(conversation, id) ?? []);
    const found = await this.#opened(await byIndex(this.database, index, keys));
    return found.sort((one, other) => one.seq - other.seq);
  }

  #opened(found: Found[]): Promise<StoredMessage[]> {
    const open = async ([id, seq, sealed]: Found) =>
      JSON.parse(text.decode(await this.#open(place(id, seq), sealed))) as StoredMessage;
    return Promise.all(found.map(open));
  }

  async message(conversation: string, seq: number): Promise<StoredMessage | undefined> {
    const [found] = await this.messagesFrom(conversation, seq, 1);
    return found?.seq === seq ? found : undefined;
  }

  /** The next places with a message, and how many bytes of JSON it has: nothing is opened for it. */
  async sizes(after: Place, limit: number): Promise<[Place, number][]> {
    const found = await rowsAfter(this.database, after, limit);
    return found.map(([id, seq, sealed]) => [[id, seq], sealed.byteLength - NONCE_BYTES - TAG_BYTES]);
  }

  /** The messages from one place to another, both included. */
  async between(first: Place, last: Place): Promise<StoredMessage[]> {
    return this.#opened(await rowsBetween(this.database, first, last));
  }

  /** When the next message after this moment disappears; `undefined`: none does. */
  async nextExpiry(afterMs: number): Promise<number | undefined> {
    const later = IDBKeyRange.lowerBound([afterMs, "\uffff", 0]);
    return (await this.database.transaction("expiries").store.openCursor(later))?.key[0];
  }

  /** Messages whose time is over, and where those are that are about them. */
  async due(nowMs: number): Promise<{ over: Expiry[]; about: Place[] }> {
    const over = await this.database.getAllKeys("expiries", IDBKeyRange.upperBound([nowMs, "\uffff", 0]));
    const about = await Promise.all(over.map(([, conversation, seq]) => this.#aboutAt(conversation, seq)));
    return { over, about: about.flat().map(({ conversation_id, seq }) => [conversation_id, seq]) };
  }

  async #aboutAt(conversation: string, seq: number): Promise<StoredMessage[]> {
    const id = (await this.message(conversation, seq))?.txn_id;
    if (!id) return [];
    const [meant] = await this.meant(conversation, [id]);
    return meant?.seq === seq ? this.messagesAbout(conversation, [id]) : [];
  }

  /** Deletes everything that is kept, the key too; the store can't be used any more. */
  async destroy(): Promise<void> {
    // Nothing that is still on its way is written behind it.
    this.#replaced = true;
    const transaction = this.database.transaction(TABLES, "readwrite", { durability: "strict" });
    for (const table of TABLES) void transaction.objectStore(table).clear();
    await transaction.done;
    this.close();
  }

  close(): void {
    this.database.close();
  }

  async #seal(context: string, plaintext: Uint8Array): Promise<Sealed> {
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const algorithm = { name: "AES-GCM", iv, additionalData: utf8.encode(context) };
    const sealed = await crypto.subtle.encrypt(algorithm, this.key, plaintext as Sealed);
    const out = new Uint8Array(NONCE_BYTES + sealed.byteLength);
    out.set(iv);
    out.set(new Uint8Array(sealed), NONCE_BYTES);
    return out;
  }

  async #open(context: string, sealed: Sealed): Promise<Uint8Array> {
    const iv = sealed.subarray(0, NONCE_BYTES);
    const algorithm = { name: "AES-GCM", iv, additionalData: utf8.encode(context) };
    try {
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, this.key, sealed.subarray(NONCE_BYTES)));
    } catch {
      throw new StoreFailed(`the value of ${context} can't be opened`);
    }
  }
}

function put(transaction: Writing, batch: SealedBatch): void {
  for (const table of ["records", "meta", "outgoing"] as const) {
    const into = transaction.objectStore(table);
    for (const [key, value] of batch[table]) begun(value ? into.put(value, key) : into.delete(key));
  }
  const messages = transaction.objectStore("messages");
  for (const [message, sealed] of batch.messages) {
    const { conversation_id, seq, txn_id, body_json } = message;
    const about = idOf(conversation_id, targetOf(body_json) ?? "");
    const id = idOf(conversation_id, txn_id);
    begun(messages.put({ sealed, ...(id && { id }), ...(about && { about }) }, [conversation_id, seq]));
    if (message.expires_at_ms !== null) {
      const at: Expiry = [message.expires_at_ms, message.conversation_id, message.seq];
      begun(transaction.objectStore("expiries").put(1, at));
    }
  }
  for (const at of batch.forgotten) begun(messages.delete(at));
  for (const at of batch.expired) begun(transaction.objectStore("expiries").delete(at));
}

/** What became of it the end of its transaction says. */
const begun = (request: Promise<unknown>): void => void request.catch(() => undefined);

type Writing = IDBPTransaction<Schema, typeof TABLES, "readwrite">;

interface SealedBatch extends Record<Table, (readonly [string, Sealed | undefined])[]> {
  messages: (readonly [StoredMessage, Sealed])[];
  forgotten: [string, number][];
  expired: Expiry[];
}

const place = (conversation: string, seq: number) => `messages/${conversation}/${seq}`;

const freshKey = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

async function storageKey(database: Database): Promise<CryptoKey> {
  const kept = await database.get("keys", "storage");
  if (kept) return kept;
  const made = await freshKey();
  // Whoever was first has made the one that counts.
  const transaction = database.transaction("keys", "readwrite", { durability: "strict" });
  const other = await transaction.store.get("storage");
  if (!other) void transaction.store.put(made, "storage");
  await transaction.done;
  return other ?? made;
}
