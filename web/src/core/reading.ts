// Runs of a conversation's messages for a page that shows them.
import { answeredBy, targetOf } from "./about";
import type { Store, StoredMessage } from "./store";

/** Where a run is: it ends below a position, begins above one, or lies around one. */
export type PageAt = { before: number } | { after: number } | { around: number };

export interface MessagePage {
  /** A run of the log, ascending. */
  messages: StoredMessage[];
  /** There may be more before it. */
  older: boolean;
  /** There may be more after it. */
  newer: boolean;
  /** Messages outside of the run that belong to it: what it answers, and what changes it. Ascending. */
  context: StoredMessage[];
}

/** The most messages that one answer brings. */
const MOST = 500;

export async function readPage(store: Store, id: string, at: PageAt, wanted: number): Promise<MessagePage> {
  const limit = Math.min(MOST, Math.max(1, Math.trunc(wanted)));
  const run = await readRun(store, id, at, limit);
  return { ...run, context: await contextOf(store, id, run.messages) };
}

async function readRun(store: Store, id: string, at: PageAt, limit: number): Promise<Omit<MessagePage, "context">> {
  if ("before" in at) {
    const messages = await store.messages(id, at.before, limit);
    return { messages, older: messages.length === limit, newer: at.before < Number.MAX_SAFE_INTEGER };
  }
  if ("after" in at) {
    const messages = await store.messagesFrom(id, at.after + 1, limit);
    return { messages, older: at.after > 0, newer: messages.length === limit };
  }
  const half = Math.ceil(limit / 2);
  const [below, above] = await Promise.all([
    store.messages(id, at.around + 1, half),
    store.messagesFrom(id, at.around + 1, half),
  ]);
  return { messages: [...below, ...above], older: below.length === half, newer: above.length === half };
}

/**
 * What the run answers, edits and reactions of all of it, and the messages that those are about, as far as they lie
 * outside: a message of the run may have the id of an earlier one.
 */
export async function contextOf(store: Store, id: string, run: StoredMessage[]): Promise<StoredMessage[]> {
  const answered = new Set(run.flatMap(({ body_json }) => answeredBy(body_json) ?? []));
  const targets = await store.meant(id, [...answered]);
  const talk = [...run, ...targets].filter(({ body_json }) => targetOf(body_json) === undefined);
  const about = await store.messagesAbout(id, [...new Set(talk.map(({ txn_id }) => txn_id))]);
  const changed = new Set(about.flatMap(({ body_json }) => targetOf(body_json) ?? []));
  const meant = await store.meant(
    id,
    [...changed].filter((target) => !answered.has(target)),
  );
  const found = new Map([...targets, ...about, ...meant].map((message) => [message.seq, message]));
  for (const { seq } of run) found.delete(seq);
  return [...found.values()].sort((one, other) => one.seq - other.seq);
}
