// What is unread, and what a conversation's row shows. Counted on the device: the server can't tell a message from a
// reaction.
import { edits, mentions, targetOf } from "./about";
import { bodyOf, isTalk } from "./bodies";
import type { Batch, Store, StoredMessage } from "./store";
import type { ConversationView } from "./told";

/** Messages that are read from the store at a time. */
const SLICE = 256;
/** Mentions that a view names. */
const MOST_MENTIONS = 100;

type Message = Pick<StoredMessage, "seq" | "txn_id" | "body_json" | "sender_user_id" | "created_at_ms">;

type Last = NonNullable<ConversationView["last"]>;

const counts = (view: ConversationView, { seq, sender_user_id, body_json }: Message, own: string) =>
  seq > view.read_seq && sender_user_id !== own && isTalk(body_json);

/** A message came. Gives whether the view has to be counted anew. */
export function note(view: ConversationView, message: Message, own: string, processed: number): boolean {
  if (!isTalk(message.body_json)) return false;
  if (!view.last || message.seq > view.last.seq) view.last = previewOf(message);
  // Whoever writes has read what came before.
  if (message.sender_user_id === own) return readUpTo(view, message.seq, Math.max(processed, message.seq));
  if (counts(view, message, own)) add(view, message, own);
  return false;
}

function add(view: ConversationView, { seq, body_json }: Message, own: string): void {
  view.unread += 1;
  const named = view.mentions ?? [];
  if (mentions(body_json, own) && named.length < MOST_MENTIONS) view.mentions = [...named, seq];
}

/**
 * Everything up to `seq` is read. Gives whether the rest has to be counted: `processed` is the newest position that was
 * looked at, and nothing is left when all of it is read.
 */
export function readUpTo(view: ConversationView, seq: number, processed: number): boolean {
  if (seq <= view.read_seq) return false;
  view.read_seq = seq;
  if (view.unread > 0 && seq < processed) return true;
  view.unread = 0;
  delete view.mentions;
  return false;
}

/** Counts anew what is unread, and finds the newest message, as if the batch were stored. */
export async function recount(view: ConversationView, store: Store, batch: Batch, own: string): Promise<void> {
  const id = view.conversation_id;
  const forgotten = new Set(batch.forgotten.filter(([of]) => of === id).map(([, seq]) => seq));
  const fresh = batch.shown.filter((message) => message.conversation_id === id);
  const isThere = ({ seq }: Message) => !forgotten.has(seq);
  // What is stored may have got another content.
  const replaced = new Set(fresh.map(({ seq }) => seq));
  const isStored = (message: Message) => isThere(message) && !replaced.has(message.seq);
  view.unread = 0;
  delete view.mentions;
  const seen = new Set<number>();
  const look = (message: Message) => {
    if (seen.has(message.seq) || !isThere(message)) return;
    seen.add(message.seq);
    if (counts(view, message, own)) add(view, message, own);
  };
  for (let from = view.read_seq + 1; ; ) {
    const page = await store.messagesFrom(id, from, SLICE);
    page.filter(isStored).forEach(look);
    if (page.length < SLICE) break;
    from = (page.at(-1)?.seq ?? from) + 1;
  }
  fresh.forEach(look);
  const last = await newest(store, id, fresh.filter(isThere), isStored);
  if (!last) {
    delete view.last;
    return;
  }
  view.last = previewOf(last);
  const about = (await store.messagesAbout(id, [last.txn_id])).filter(isStored);
  const ofLast = fresh.filter((message) => isThere(message) && targetOf(message.body_json) === last.txn_id);
  const edit = [...about, ...ofLast]
    .sort((one, other) => one.seq - other.seq)
    .findLast((message) => edits(message, last));
  if (edit) view.last = editedBy(view.last, edit);
}

/** The preview of a message after its author's edit. */
export function editedBy(last: Last, edit: Pick<Message, "body_json">): Last {
  const body = bodyOf(edit.body_json);
  return body?.type === "edit" ? { ...last, body_json: JSON.stringify({ type: "text", text: body.text }) } : last;
}

async function newest(store: Store, id: string, fresh: Message[], isThere: (message: Message) => boolean) {
  let best = fresh.filter(({ body_json }) => isTalk(body_json)).sort((one, other) => other.seq - one.seq)[0];
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const page = await store.messages(id, before, SLICE / 8);
    const found = page.findLast((message) => isThere(message) && isTalk(message.body_json));
    if (found && (!best || found.seq > best.seq)) best = found;
    if (found || page.length < SLICE / 8) return best;
    before = page[0]?.seq ?? 0;
  }
}

function previewOf({ seq, txn_id, body_json, sender_user_id, created_at_ms }: Message) {
  return { seq, txn_id, body_json, sender_user_id, at_ms: created_at_ms };
}
