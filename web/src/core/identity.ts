// A new identity for who lost the recovery key: new keys of the account, this device alone in it, a new recovery key. A
// device that is in the account makes it; contacts are warned and send nothing until they decide.
import { learnList } from "./account";
import * as routes from "./account-routes";
import { settledBackup } from "./backup";
import { isTemporary, Refused } from "./errors";
import type { Shared } from "./shared";

/**
 * Makes it; its words wait in the core until the person proved to have them. If the answer was lost, the same call again
 * finds out. Errors: `wrong_credentials`, `device_on_probation`, `device_unverified`.
 */
export async function newIdentity(shared: Shared, password: string): Promise<void> {
  await shared.routes.stepUp(password);
  // An earlier attempt may have come through, only its answer did not.
  if (!(await settleIdentity(shared))) await send(shared);
  // The account has it: what can't be learnt now is with the next connection.
  await learnList(shared).catch(() => undefined);
}

async function send(shared: Shared): Promise<void> {
  const {
    core,
    routes: { http },
  } = shared;
  const { recovery_version } = await settledBackup(shared);
  const request = await core.update(() => core.engine.resetIdentity(recovery_version));
  try {
    await routes.resetIdentity(http, request);
  } catch (error) {
    if (!(error instanceof Refused) || isTemporary(error)) throw error;
    // The same request twice, from two tabs or after a lost answer: the second is refused because the first came through.
    await settleIdentity(shared);
    const [made] = Object.values(request.master_key.keys);
    if (await core.turn(() => core.engine.masterKey(core.engine.userId) === made)) return;
    await core.update(() => core.engine.resetGivenUp());
    throw error;
  }
  await core.update(() => core.engine.identityReset());
}

/** Asks whether an identity of unknown outcome is the account's; `true`: it is. */
export async function settleIdentity(shared: Shared): Promise<boolean> {
  const { core } = shared;
  if (!(await core.turn(() => core.engine.isResetting()))) return false;
  await shared.queryUser(core.engine.userId);
  return core.turn(() => !core.engine.isResetting());
}
