// One-time keys, the fallback key, this account's own keys, and errands of the inbox.
import { noteOwnDevices } from "./alerts";
import { readBlocks } from "./blocks";
import { Refused } from "./errors";
import { handOver } from "./handover";
import { settleIdentity } from "./identity";
import type { Errand } from "./receiving";
import { type Shared, unlessGone } from "./shared";
import type { Wire } from "./wire";

type Upload = Wire["UploadKeysRequest"];

/** Pause after messages could not be deleted. */
const AGAIN_MS = 10_000;
/** Conflicts that one upload survives. */
const REPAIRS = 3;

/** Does what an inbox item asked for, beside the log, which does not wait for it. */
export async function runErrand(shared: Shared, errand: Errand): Promise<void> {
  try {
    await run(shared, errand);
  } catch {
    // The digest at the next connect repairs keys, the next send the roster.
  }
}

async function run(shared: Shared, errand: Errand): Promise<void> {
  const { core } = shared;
  switch (errand.type) {
    case "own_keys":
      await shared.queryUser(core.engine.userId);
      await noteOwnDevices(shared);
      await core.update(() => core.stage({ type: "devices_changed" }));
      // Who left has the backup's key, who came has not.
      shared.backup.look();
      return handOver(shared);
    case "own_devices":
      // A new identity whose answer was lost with the page.
      await settleIdentity(shared);
      return noteOwnDevices(shared);
    case "blocks":
      return readBlocks(shared);
    case "backup":
      return shared.backup.look();
    case "hand_over":
      return handOver(shared);
    case "check_keys":
      return shared.keys.run(() => checkKeys(shared));
    case "refill":
      return shared.keys.run(() => upload(shared, () => core.engine.oneTimeKeysToUpload(errand.remaining)));
    case "fallback":
      return shared.keys.run(() => upload(shared, () => core.engine.replaceFallbackKey()));
    case "enter":
      await unlessGone(shared.refreshRoster(errand.conversationId));
      core.flights.release(errand.conversationId);
      await handOver(shared);
  }
}

/** Compares outstanding keys with the server's, and refills. */
async function checkKeys(shared: Shared): Promise<void> {
  const { core, routes } = shared;
  // Only what is stored may be uploaded.
  const open = await core.update(() => core.engine.unacknowledgedUpload());
  if (open) return upload(shared, () => open);
  const response = await routes.compareKeysDigest(core.engine.keysDigest());
  return upload(shared, () => core.engine.receiveDigest(response));
}

/** Makes a set, stores it, and uploads it until the server has it. */
async function upload(shared: Shared, make: () => Upload | undefined): Promise<void> {
  const { core, routes } = shared;
  let open = await core.update(make);
  for (let repair = 0; open && repair < REPAIRS; repair += 1) {
    try {
      await routes.uploadKeys(open);
    } catch (error) {
      if (!(error instanceof Refused) || error.problem.code !== "key_conflict") throw error;
      const conflicts = error.problem.key_ids ?? [];
      open = await core.update(() => core.engine.keysConflicted(conflicts));
      continue;
    }
    return core.update(() => core.engine.keysUploaded());
  }
}

/** Deletes messages whose time is over. */
export async function expire({ core, environment }: Shared): Promise<void> {
  const now = environment.now();
  if (now < core.nextExpiry) return;
  try {
    await core.update(() => core.expire(now));
  } catch {
    // They are still stored and are looked for again.
    core.nextExpiry = now + AGAIN_MS;
  }
}
