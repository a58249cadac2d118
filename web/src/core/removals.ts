// Deleting one's own messages for everybody: called off for some seconds, then told to the server until it has heard it,
// also after a restart.
import type { Core } from "./core";
import { isGone } from "./errors";
import type { Shared } from "./shared";
import type { StoredMessage } from "./store";
import type { Removal } from "./told";

/** How long a deletion can be called off. */
export const UNDO_MS = 6_000;
/** Pause after an attempt that failed. */
const AGAIN_MS = 5_000;

/** Deletes the message in a few seconds. */
export async function remove({ core, environment }: Shared, conversation_id: string, txn_id: string): Promise<void> {
  const due_ms = environment.now() + UNDO_MS;
  await core.update(() => core.putRemoval({ conversation_id, txn_id, due_ms }));
}

/** Does not delete it after all. */
export async function keep({ core }: Shared, txnId: string): Promise<void> {
  await core.update(() => core.dropRemoval(txnId));
}

const busy = new WeakSet<Shared>();

/** Deletes what is due. Sends do not wait for it. */
export async function removeDue(shared: Shared): Promise<void> {
  const { core, environment } = shared;
  if (!core.say || busy.has(shared)) return;
  busy.add(shared);
  try {
    for (const removal of [...core.removals.values()]) {
      if (removal.due_ms <= environment.now()) await removeNow(shared, removal);
    }
  } catch {
    // The store failed; they are still due.
  } finally {
    busy.delete(shared);
  }
}

async function removeNow({ core, routes, environment }: Shared, removal: Removal): Promise<void> {
  const { conversation_id, txn_id } = removal;
  // It waits in the queue: it is deleted once it is stored.
  if (core.outgoing.has(txn_id)) return;
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
async function targetsOf({ engine, store }: Core, { conversation_id, txn_id }: Removal): Promise<number[]> {
  const own = (message: StoredMessage) => message.sender_user_id === engine.userId && !message.gone;
  const about = await store.messagesAbout(conversation_id, [txn_id]);
  const found = await store.messagesById(conversation_id, [txn_id]);
  return [...about.filter(own), ...found.filter(own)].map(({ seq }) => seq);
}
