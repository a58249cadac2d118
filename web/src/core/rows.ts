// Rows of messages as they lie on the disk, read in ranges: one request brings many, where a cursor would bring one.
import type { DBSchema, IDBPDatabase } from "idb";

export type Sealed = Uint8Array<ArrayBuffer>;

/** A message's row. The ids are readable, so that a message is found by its own id, and what is about it by its target. */
export interface Row {
  sealed: Sealed;
  id?: string;
  about?: string;
}

export interface Schema extends DBSchema {
  keys: { key: string; value: CryptoKey };
  records: { key: string; value: Sealed };
  meta: { key: string; value: Sealed };
  outgoing: { key: string; value: Sealed };
  /** A bare value is one of an older version. */
  messages: { key: [string, number]; value: Row | Sealed; indexes: { id: string; about: string } };
  /** When messages disappear. */
  expiries: { key: [number, string, number]; value: 1 };
}

export type Database = IDBPDatabase<Schema>;
export type Found = [conversation: string, seq: number, sealed: Sealed];
type Messages = ReturnType<typeof reading>;

/** Somebody else's word for an id may be anything; only what is one lies readable on the disk. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const idOf = (conversation: string, id: string): string | undefined =>
  ID.test(id) ? `${conversation}/${id}` : undefined;

const reading = (database: Database) => database.transaction("messages").store;

const between = (conversation: string, from: number, to: number) =>
  IDBKeyRange.bound([conversation, from], [conversation, to], false, true);

async function read(store: Messages, range: IDBKeyRange, limit?: number): Promise<Found[]> {
  const [keys, rows] = await Promise.all([store.getAllKeys(range, limit), store.getAll(range, limit)]);
  return keys.map(([conversation, seq], at) => [conversation, seq, sealedOf(rows[at])]);
}

const sealedOf = (row: Row | Sealed | undefined): Sealed => (row instanceof Uint8Array ? row : (row as Row).sealed);

/** The newest rows below `before`, ascending. */
export async function newestBelow(database: Database, conversation: string, before: number, limit: number) {
  const store = reading(database);
  const found: Found[] = [];
  // Positions have holes where no message is: each round begins at the newest row that is left.
  for (let top = before; found.length < limit && top > 0; ) {
    const cursor = await store.openKeyCursor(between(conversation, 0, top), "prev");
    if (!cursor) break;
    const last = cursor.key[1];
    const from = Math.max(0, last + 1 - (limit - found.length));
    found.unshift(...(await read(store, between(conversation, from, last + 1))));
    top = from;
  }
  return found;
}

/** The oldest rows from `from` on. */
export function oldestFrom(database: Database, conversation: string, from: number, limit: number): Promise<Found[]> {
  return read(reading(database), between(conversation, from, Number.MAX_SAFE_INTEGER), limit);
}

/** Rows of all conversations after a place, in their order. */
export function rowsAfter(database: Database, after: [string, number], limit: number): Promise<Found[]> {
  return read(reading(database), IDBKeyRange.lowerBound(after, true), limit);
}

/** Rows of all conversations from one place to another, both included. */
export function rowsBetween(database: Database, first: [string, number], last: [string, number]): Promise<Found[]> {
  return read(reading(database), IDBKeyRange.bound(first, last));
}

/** Rows by an index, ascending. */
export async function byIndex(database: Database, index: "id" | "about", keys: string[]): Promise<Found[]> {
  const store = reading(database);
  const places = await Promise.all(keys.map((key) => store.index(index).getAllKeys(key)));
  const rows = await Promise.all(places.flat().map((key) => store.get(key)));
  return places.flat().map(([conversation, seq], at) => [conversation, seq, sealedOf(rows[at])]);
}
