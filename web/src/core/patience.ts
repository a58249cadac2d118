// Calls that are repeated while only time can help.
import { fullJitter } from "./environment";
import { codeOf, isTemporary, retryAfterMs } from "./errors";
import type { Shared } from "./shared";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** Calls until there is an answer that another call would not change, or the client is ended. */
export async function patiently<T>(shared: Shared, call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const again = isTemporary(error) || codeOf(error) === "linking_unavailable";
      if (!again || shared.ended) throw error;
      const jitter = fullJitter(shared.environment, FIRST_WAIT_MS, LONGEST_WAIT_MS, attempt);
      await shared.environment.sleep(retryAfterMs(error) + jitter);
    }
  }
}
