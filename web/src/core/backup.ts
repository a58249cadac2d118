// The account's key backup: begun, read and continued beside everything else.
import type { RecoveryKey } from "../../build/crypto/crypto";
import * as routes from "./account-routes";
import type { Engine } from "./engine";
import { fullJitter } from "./environment";
import { codeOf, isTemporary, Refused } from "./errors";
import { Bell, Mutex } from "./mutex";
import { updateWhole } from "./run";
import type { Shared } from "./shared";
import { takeOutcome } from "./taking";
import type { Wire } from "./wire";

/** How often new sessions are looked for. */
const TICK_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;
/** Steps from no backup at all to one that takes sessions, with others that are faster in between. */
const STEPS = 4;
const MAX_SESSIONS_PER_PAGE = 200;
const MAX_SESSIONS = 200_000;

/** What the task and its callers share. */
export class Keeper {
  /** One at a time. */
  readonly one = new Mutex();
  readonly due = new Bell();
  /** What the server has is to be looked at (again). */
  isToLook = false;

  /** Has the descriptor read again, soon. */
  look(): void {
    this.isToLook = true;
    this.due.ring();
  }
}

/** Runs until the client is ended. */
export async function keepBackup(shared: Shared): Promise<void> {
  let failures = 0;
  while (!shared.ended) {
    let wait = TICK_MS;
    try {
      if (shared.core.say) await tendBackup(shared);
      failures = 0;
    } catch {
      failures += 1;
      wait += fullJitter(shared.environment, TICK_MS, LONGEST_WAIT_MS, failures);
    }
    await shared.backup.due.wait(wait);
  }
}

/** Brings the backup up to date, as far as this device can. */
function tendBackup(shared: Shared): Promise<void> {
  return shared.backup.one.run(async () => {
    if (shared.backup.isToLook) {
      shared.backup.isToLook = false;
      await lookAtBackup(shared).catch((error: unknown) => {
        shared.backup.isToLook = true;
        throw error;
      });
    }
    await readBackup(shared);
    await shareBackup(shared);
    await writeBackup(shared);
  });
}

/** What the server's state asks of this device. */
type Due = "nothing" | "begin";

/** Reads the descriptor, and begins a backup when there is none that counts. */
async function lookAtBackup(shared: Shared): Promise<void> {
  const { core } = shared;
  for (let step = 0; step < STEPS; step += 1) {
    if (!core.engine.holdsSelfSigningKey()) return;
    const state = await publishedBackup(shared);
    const due = await core.update(() => judge(shared, state));
    if (due === "nothing") return;
    if (await beginBackup(shared, state.version)) return;
  }
  throw new Error("the backup's state has no end");
}

function judge({ core: { engine } }: Shared, state: Wire["Backup"]): Due {
  if (!state.recovery_key) return "nothing";
  if (!state.descriptor) return engine.receiveRecoveryKey(state.recovery_key) ? "begin" : "nothing";
  const standing = engine.receiveBackupDescriptor(state.recovery_key, state.descriptor);
  if (standing === "author_left") return "begin";
  return standing !== "refused" && engine.backupIsOutdated() ? "begin" : "nothing";
}

/** The account's first recovery key, if the server never had one. */
function firstKey(engine: Engine, state: Wire["Backup"]): Wire["RecoveryPublicKey"] | undefined {
  return state.recovery_key || state.recovery_version !== 0 ? undefined : engine.recoveryPublicKey();
}

/**
 * The server's state of the backup, once the account's first recovery key is there: what takes its place has to follow
 * it, and a device that was just registered may not have published it yet.
 */
export const settledBackup = (shared: Shared): Promise<Wire["Backup"]> =>
  shared.backup.one.run(() => publishedBackup(shared));

async function publishedBackup({ core, routes: { http } }: Shared): Promise<Wire["Backup"]> {
  const state = await routes.getBackup(http);
  const first = firstKey(core.engine, state);
  if (!first) return state;
  await routes.putRecoveryKey(http, { recovery_key: first });
  return routes.getBackup(http);
}

/** `false`: another device was first; look at what it made. */
async function beginBackup({ core, routes: { http } }: Shared, newest: number): Promise<boolean> {
  const descriptor = await core.update(() => core.engine.startBackup(newest));
  try {
    await routes.putBackup(http, descriptor);
  } catch (error) {
    // After an unknown outcome the same bytes go again, later.
    if (error instanceof Refused && !isTemporary(error)) await core.update(() => core.engine.backupGivenUp());
    if (codeOf(error) === "chain_conflict") return false;
    throw error;
  }
  await core.update(() => core.engine.backupBegun());
  return true;
}

/** Reads all sessions, once a version: events that waited for one of them are shown. */
async function readBackup(shared: Shared): Promise<void> {
  const {
    core,
    routes: { http },
  } = shared;
  const version = core.engine.backupToRead();
  if (version === undefined) return;
  let after: string | undefined;
  for (let page = 0; page <= MAX_SESSIONS / MAX_SESSIONS_PER_PAGE; page += 1) {
    const found = await current(shared, routes.listBackupSessions(http, version, after));
    after = found.next ?? undefined;
    await updateWhole(core, async () => {
      for (const event of core.engine.receiveBackup(found.sessions)) await takeOutcome(core, event);
      if (after === undefined) core.engine.backupRead(version);
    });
    if (after === undefined) return;
  }
  throw new Error("the backup has no end");
}

/** Gives the key to other own devices that this one has not given it to. */
async function shareBackup({ core, sends }: Shared): Promise<void> {
  if (await core.update(() => core.engine.shareBackupKey())) sends.ring();
}

async function writeBackup(shared: Shared): Promise<void> {
  const {
    core,
    routes: { http },
  } = shared;
  while (core.engine.backupLacks() && !shared.ended) {
    const version = core.engine.backupVersion();
    const sessions = core.engine.backupEntries(MAX_SESSIONS_PER_PAGE);
    await current(shared, routes.putBackupSessions(http, version, sessions));
    await core.update(() => core.engine.backupStored(version, sessions));
  }
}

/** If there is another backup by now it is looked at, after the pause of a failure: a server may say so for ever. */
async function current<T>({ backup }: Shared, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (codeOf(error) === "chain_conflict") backup.isToLook = true;
    throw error;
  }
}

/** On a device that was just recovered: the backup's key, and all that it opens. */
export function restoreBackup(shared: Shared, recoveryKey: RecoveryKey): Promise<void> {
  const {
    core,
    routes: { http },
  } = shared;
  return shared.backup.one.run(async () => {
    const { recovery_key, descriptor } = await routes.getBackup(http);
    if (!recovery_key || !descriptor) return;
    await core.update(() => {
      const standing = core.engine.receiveBackupDescriptor(recovery_key, descriptor);
      if (standing === "no_key") core.engine.openBackup(recoveryKey);
    });
    await readBackup(shared);
  });
}
