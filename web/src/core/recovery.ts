// The recovery key: what it brings back, and another one in its place.
import * as account from "./account-routes";
import { restoreBackup, settledBackup } from "./backup";
import type { Core } from "./core";
import { RecoveryKey } from "./crypto";
import { isTemporary, Refused } from "./errors";
import type { Shared } from "./shared";
import type { Wire } from "./wire";

/** Of the words that a person typed, the one that no recovery key has. */
export interface MistypedWord {
  /** From 1. */
  place: number;
  typed: string;
  /** What it was meant to be, if that is certain. */
  meant: string | undefined;
}

/** The first word that is mistyped, if one is. */
export function mistypedWord(words: string): MistypedWord | undefined {
  try {
    RecoveryKey.parse(words).free();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "UnknownWord") return undefined;
    // The engine says nothing of the word but where it stands.
    const place = Number(error.message.match(/\d+/)?.[0]);
    const typed = words.split(/[^\p{Alphabetic}\p{N}]+/u).filter(Boolean)[place - 1];
    return typed === undefined ? undefined : { place, typed, meant: RecoveryKey.suggest(typed) };
  }
  return undefined;
}

/** Makes this unverified device a full one, and reads the key backup. Errors: `wrong_credentials`, `WrongRecoveryKey`. */
export async function recover(shared: Shared, words: string, password: string): Promise<void> {
  const { core, routes } = shared;
  const key = RecoveryKey.parse(words);
  try {
    await routes.stepUp(password);
    const response = await routes.getRecovery();
    const request = await core.update(() => core.engine.recover(key, response));
    routes.http.adopt(await routes.completeRecovery(request));
    // The socket was an unverified device's: what it caught up with may be from after the recovery, and lack all.
    await core.update(() => core.forgetSyncToken());
    await shared.queryUser(core.engine.userId);
    // Before the events come, so that they are read at once. What fails now goes on in the background.
    await restoreBackup(shared, key).catch(() => undefined);
    shared.backup.look();
  } finally {
    key.free();
  }
}

/**
 * Replaces the recovery key and gives the new one's words; the old one, which this needs, opens nothing any more. If the
 * answer was lost, the same call again gives the new one. Errors: `wrong_credentials`, `device_on_probation`,
 * `WrongRecoveryKey`.
 */
export async function replaceRecoveryKey(shared: Shared, oldWords: string, password: string): Promise<string> {
  const { core, routes } = shared;
  const old = RecoveryKey.parse(oldWords);
  try {
    await routes.stepUp(password);
    const { recovery_key, recovery_version } = await settledBackup(shared);
    if (recovery_key) {
      const earlier = await core.update(() => keepWords(core, recovery_key));
      if (earlier !== undefined) return begunAnew(shared, earlier);
      // Not the account's: it is an alarm, and nothing is sent.
      if (!(await core.update(() => core.engine.receiveRecoveryKey(recovery_key)))) throw new Error("BadSecret");
    }
    const { recovery_bundle } = await routes.getRecovery();
    const request = await core.update(() => core.engine.replaceRecoveryKey(old, recovery_bundle, recovery_version));
    await account.putRecoveryKey(routes.http, request).catch(async (error: unknown) => {
      if (error instanceof Refused && !isTemporary(error)) await core.update(() => core.engine.replacementGivenUp());
      throw error;
    });
    const fresh = await core.update(() => keepWords(core, request.recovery_key));
    if (fresh === undefined) throw new Error("NoRecoveryKey");
    return begunAnew(shared, fresh);
  } finally {
    old.free();
  }
}

/** The server shows this recovery key: the words of the new one, if it is that, wait for the person. */
function keepWords(core: Core, published: Wire["RecoveryPublicKey"]): string | undefined {
  const words = core.engine.recoveryKeyStored(published);
  if (words !== undefined) core.setWords(words);
  return words;
}

/** The backup of before is void; another one is begun beside this, since the person waits for the words. */
function begunAnew(shared: Shared, words: string): string {
  shared.backup.look();
  return words;
}
