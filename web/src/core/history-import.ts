// On the new device: fetching, opening, storing. How far it is is stored with each chunk, so a reload goes on from there.
import { deleteHistory, getHistory, getHistoryChunk, listConversations } from "./account-routes";
import { fromBase64 } from "./base64";
import type { PendingHistory } from "./core";
import { HistoryManifest, HistoryReader } from "./crypto";
import { codeOf } from "./errors";
import { patiently } from "./patience";
import { updateWhole } from "./run";
import { noteConversation, type Shared } from "./shared";
import { keepHistory, takeOutcome } from "./taking";

/** A chunk that is not there after this is waited for at leisure: the other device is away. */
const UPLOAD_MS = 30_000;
const LOOK_EVERY_MS = 500;
const LOOK_LATER_MS = 10_000;
/** A chunk in base64. */
const MAX_CHUNK_LETTERS = Math.ceil((256 * 1024 * 4) / 3);

/** Takes in what is left of a history that was handed over, if there is one. */
export async function goOnWithHistory(shared: Shared): Promise<void> {
  const { core } = shared;
  const pending = core.history;
  if (!pending) return;
  try {
    if (await takeHistory(shared, pending)) await forget(shared, pending.address);
  } catch {
    // The next start tries again; till then it is said that something is missing.
    if (!shared.ended) await core.update(() => core.stage({ type: "history", ...progress(pending), state: "failed" }));
  }
}

const progress = ({ next, of }: PendingHistory) => ({ done: next, of });

/** Gives whether nothing is left of it. */
async function takeHistory(shared: Shared, pending: PendingHistory): Promise<boolean> {
  const { core } = shared;
  const manifest = HistoryManifest.fromBytes(fromBase64(pending.manifest));
  const read = Uint32Array.from({ length: pending.next }, (_, index) => index);
  const reader = new HistoryReader(core.engine.userId, manifest, read);
  try {
    await core.update(() => core.stage({ type: "history", ...progress(pending), state: "running" }));
    const starts = await noteStarts(shared);
    for (let index = reader.nextMissing(); index !== undefined; index = reader.nextMissing()) {
      const sealed = await fetchChunk(shared, pending, index);
      if (!sealed) return !shared.ended;
      await updateWhole(core, async () => {
        await take(shared, reader, index as number, sealed, starts);
        pending.next = (index as number) + 1;
        core.setHistory({ ...pending });
        core.stage({ type: "history", ...progress(pending), state: "running" });
      });
    }
    return true;
  } finally {
    reader.free();
    manifest.free();
  }
}

/** The positions from which on the conversations come to this device by themselves. */
async function noteStarts(shared: Shared): Promise<Map<string, number>> {
  const { core, routes } = shared;
  const all = await patiently(shared, () => listConversations(routes.http));
  await core.update(() => {
    for (const conversation of all) noteConversation(core, conversation);
  });
  return new Map(all.map((one) => [one.conversation_id, one.start_seq]));
}

/** `undefined`: there is no such history any more, or the client ended. */
async function fetchChunk(shared: Shared, pending: PendingHistory, index: number): Promise<Uint8Array | undefined> {
  const {
    core,
    environment,
    routes: { http },
  } = shared;
  const { address } = pending;
  const since = environment.monotonic();
  let late = false;
  while (!shared.ended) {
    const chunk = await unlessMissing(patiently(shared, () => getHistoryChunk(http, address, index)));
    if (chunk) {
      if (typeof chunk.data !== "string" || chunk.data.length > MAX_CHUNK_LETTERS) throw new Error("no chunk");
      return fromBase64(chunk.data);
    }
    if (!(await unlessMissing(patiently(shared, () => getHistory(http, address))))) return undefined;
    if (!late && environment.monotonic() - since > UPLOAD_MS) {
      late = true;
      await core.update(() => core.stage({ type: "history", ...progress(pending), state: "late" }));
    }
    await environment.sleep(late ? LOOK_LATER_MS : LOOK_EVERY_MS);
  }
  return undefined;
}

async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (codeOf(error) === "not_found") return undefined;
    throw error;
  }
}

/** Sessions, messages and how far it is are stored together. The caller holds the lock. */
async function take(
  { core, environment }: Shared,
  reader: HistoryReader,
  index: number,
  sealed: Uint8Array,
  starts: Map<string, number>,
): Promise<void> {
  const taken = core.engine.importHistory(reader, index, sealed);
  for (const event of taken.events) await takeOutcome(core, event);
  const shown = taken.messages.flatMap((message) => {
    // Later ones come from the log, and are shown then.
    const isBefore = message.seq < (starts.get(message.conversation_id) ?? Number.MAX_SAFE_INTEGER);
    const expires_at_ms = message.expires_at_ms ?? null;
    const isOver = expires_at_ms !== null && expires_at_ms <= environment.now();
    return isBefore && !isOver ? [{ ...message, expires_at_ms, key_origin: "history" as const }] : [];
  });
  keepHistory(core, shown);
}

/** It is all here, or will never be. */
async function forget({ core, routes }: Shared, address: string): Promise<void> {
  await core.update(() => {
    core.setHistory(undefined);
    core.stage({ type: "history", done: 0, of: 0, state: "done" });
  });
  // Left alone it expires.
  await deleteHistory(routes.http, address).catch(() => undefined);
}
