// Two people make sure of each other, and what happens when a key is another one. The rules are the engine's.
import type { Core } from "./core";
import { Declined } from "./errors";
import type { Shared } from "./shared";

/** What is decided here holds on the account's other devices, too. */
async function decide<T>({ core, sends }: Shared, work: () => T): Promise<T> {
  const decided = await core.update(() => {
    const result = work();
    core.engine.tellVerifications();
    return result;
  });
  sends.ring();
  return decided;
}

export async function markVerified(shared: Shared, userId: string, key: string): Promise<void> {
  const marked = await decide(shared, () => shared.core.engine.markVerified(userId, key));
  if (!marked) throw new Declined("KeysDiffer");
}

export async function takeBackVerification(shared: Shared, userId: string): Promise<void> {
  await decide(shared, () => shared.core.engine.takeBackVerification(userId));
}

export async function verifyByQr(shared: Shared, userId: string, qr: Uint8Array): Promise<void> {
  await decide(shared, () => shared.core.engine.verifyByQr(userId, qr));
}

/** Goes on with the very key that the person was shown; what waited for the decision is sent. */
export async function acceptKey(shared: Shared, userId: string, key: string, compared: boolean): Promise<void> {
  const { core } = shared;
  const accepted = await decide(shared, () => {
    if (!core.engine.acceptNewMasterKey(userId, key)) return false;
    return compared ? core.engine.markVerified(userId, key) : true;
  });
  if (!accepted) throw new Declined("KeysDiffer");
  // If it fails, the next send asks again.
  await shared.queryUser(userId).catch(() => undefined);
  await core.turn(() => release(core));
  shared.sends.ring();
}

function release(core: Core): void {
  for (const id of core.engine.conversationsWithWork()) core.flights.release(id);
}
