// Deleting one's own messages for everybody: called off for some seconds, then told to the server until it has heard it,
// also after a restart.
import { aboutOf } from "./bodies";
import type { Core } from "./core";
import { isGone } from "./errors";
import type { Shared } from "./shared";
import type { Outgoing, StoredMessage } from "./store";
import type { Removal } from "./told";
import type { Problem } from "./wire";

/** How long a deletion can be called off. */
export const UNDO_MS = 6_000;
/** Pause after an attempt that failed. */
const AGAIN_MS = 5_000;
/** To the engine it is as if the server had refused it for good. */
const TAKEN_BACK: Problem = { type: "about:blank", title: "Taken back", status: 403, code: "forbidden" };

/** Deletes the message in a few seconds. */
export async function remove({ core, environment }: Shared, conversation_id: string, txn_id: string): Promise<void> {
  const due_ms = environment.now() + UNDO_MS;
  await core.update(() => core.putRemoval({ conversation_id, txn_id, due_ms }));
}

/** Does not delete it after all. */
export async function keep({ core }: Shared, txnId: string): Promise<void> {
  await core.update(() => core.dropRemoval(txnId));
}

/** Whether it surely never was handed to a connection, or came to nothing. A build of before noted nothing of it. */
const isOurs = (message: Outgoing | undefined): message is Outgoing =>
  message !== undefined && (message.left === false || message.failed !== undefined);

/** A clock that was put back makes nobody wait longer. */
const isDue = ({ due_ms }: Removal, now: number) => due_ms <= now || due_ms > now + UNDO_MS;

/** Whether a message that waits there may yet be taken back: nothing of the conversation leaves before that is decided. */
export function isHeld(core: Core, id: string): boolean {
  return [...core.removals.values()].some(({ conversation_id, txn_id }) => {
    const message = core.outgoing.get(txn_id);
    return conversation_id === id && isOurs(message) && !message.failed;
  });
}

const busy = new WeakSet<Shared>();

/** Deletes what is due. Sends do not wait for it. */
export async function removeDue(shared: Shared): Promise<void> {
  const { core, environment } = shared;
  if (busy.has(shared)) return;
  busy.add(shared);
  try {
    for (const removal of [...core.removals.values()]) {
      if (!isDue(removal, environment.now())) continue;
      const message = core.outgoing.get(removal.txn_id);
      if (isOurs(message)) await unsay(shared, removal);
      // It may be stored: its echo says where.
      else if (!message && core.say) await removeNow(shared, removal);
    }
  } catch {
    // The store failed; they are still due.
  } finally {
    busy.delete(shared);
  }
}

/** What never left is not sent at all, nor what was said about it. */
async function unsay({ core, sends }: Shared, { conversation_id, txn_id }: Removal): Promise<void> {
  const gone = await core.update(() => {
    const message = core.outgoing.get(txn_id);
    if (!isOurs(message)) return false;
    const about = (other: Outgoing) =>
      other.conversation_id === conversation_id && aboutOf(other.body_json) === txn_id && isOurs(other);
    for (const other of [...core.outgoing.values()].filter(about)) unqueue(core, other);
    unqueue(core, message);
    core.dropRemoval(txn_id);
    return true;
  });
  if (gone) sends.ring();
}

function unqueue(core: Core, { conversation_id, txn_id }: Outgoing): void {
  core.engine.messageRefused(conversation_id, txn_id, TAKEN_BACK);
  core.unanswered.delete(txn_id);
  core.dropOutgoing(txn_id);
  core.stage({ type: "dropped", conversation_id, txn_id });
}

async function removeNow({ core, routes, environment }: Shared, removal: Removal): Promise<void> {
  const { conversation_id, txn_id } = removal;
  // What came of it is looked for in the store.
  await core.update(() => {});
  const targets = await targetsOf(core, removal);
  try {
    for (const seq of targets) await routes.removeMessage(conversation_id, seq).catch(unlessGone);
  } catch {
    // As much later as a person waits; a deletion is never given up for a failure that may pass.
    const due_ms = environment.now() + AGAIN_MS;
    await core.update(() => core.removals.has(txn_id) && core.putRemoval({ ...removal, due_ms }));
    return;
  }
  await core.update(() => core.dropRemoval(txn_id));
}

function unlessGone(error: unknown): void {
  if (!isGone(error)) throw error;
}

/** The message after its edits, which say the same. */
async function targetsOf({ store, profile }: Core, { conversation_id, txn_id }: Removal): Promise<number[]> {
  const own = (message: StoredMessage) => message.sender_user_id === profile.user_id && !message.gone;
  const about = await store.messagesAbout(conversation_id, [txn_id]);
  const found = await store.messagesById(conversation_id, [txn_id]);
  return [...about.filter(own), ...found.filter(own)].map(({ seq }) => seq);
}
