// What goes to the account's other devices as envelopes: secrets for those whose linking broke off after the server took
// them in, and what was decided here about other people's keys.
import { isTemporary } from "./errors";
import type { Shared } from "./shared";

/** Hands over what is owed, as far as there is a conversation to send it in. */
export async function handOver(shared: Shared): Promise<void> {
  const { core } = shared;
  await core.update(() => {
    // Those that are being linked get them from the linking.
    for (const id of core.engine.devicesOwed().filter((owed) => !shared.beingLinked.has(owed))) {
      const conversation = core.engine.handOverLater(id);
      if (conversation) core.flights.release(conversation);
    }
    core.engine.tellVerifications();
  });
  shared.sends.ring();
}

/** The next connection tries again. */
export async function handOverLater(shared: Shared): Promise<void> {
  try {
    await handOver(shared);
  } catch (error) {
    if (isTemporary(error)) return;
  }
}
