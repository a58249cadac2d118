// Two people make sure of each other, and what happens when a key is another one. The rules are the engine's.
import type { Core } from "./core";
import { Declined } from "./errors";
import type { Shared } from "./shared";

export async function markVerified({ core }: Shared, userId: string, key: string): Promise<void> {
  const marked = await core.update(() => core.engine.markVerified(userId, key));
  if (!marked) throw new Declined("KeysDiffer");
}

export async function takeBackVerification({ core }: Shared, userId: string): Promise<void> {
  await core.update(() => core.engine.takeBackVerification(userId));
}

export async function verifyByQr({ core }: Shared, userId: string, qr: Uint8Array): Promise<void> {
  await core.update(() => core.engine.verifyByQr(userId, qr));
}

/** Goes on with the very key that the person was shown; what waited for the decision is sent. */
export async function acceptKey(shared: Shared, userId: string, key: string, compared: boolean): Promise<void> {
  const { core } = shared;
  const accepted = await core.update(() => {
    if (!core.engine.acceptNewMasterKey(userId, key)) return false;
    return compared ? core.engine.markVerified(userId, key) : true;
  });
  if (!accepted) throw new Declined("KeysDiffer");
  // If it fails, the next send asks again.
  await shared.queryUser(userId).catch(() => undefined);
  await core.lock.run(() => release(core));
  shared.sends.ring();
}

function release(core: Core): void {
  for (const id of core.engine.conversationsWithWork()) core.flights.release(id);
}
