// Work of several turns, with questions to the server in between: what comes from the server.
import type { Core } from "./core";
import { StoreFailed } from "./errors";

/**
 * Ends as a whole when memory went back to what is stored: what its earlier turns did is gone then, and nothing may be
 * raised above it or acknowledged.
 */
export class Run {
  readonly #generation: number;

  /** Begins with what is stored now. The caller holds the lock. */
  constructor(private readonly core: Core) {
    this.#generation = core.generation;
  }

  /**
   * Works under the lock; all of it is kept, or nothing. Errors: [`StoreFailed`] when it can't go on, and those of the
   * work.
   */
  turn<T>(work: () => T | Promise<T>): Promise<T> {
    return this.core.turn(() => {
      this.#check();
      return whole(this.core, work);
    });
  }

  /** Stores what its turns did. Errors: [`StoreFailed`]. */
  commit(): Promise<void> {
    return this.core.turn(() => {
      this.#check();
      return this.core.commit();
    });
  }

  #check(): void {
    if (this.core.generation !== this.#generation) throw new StoreFailed("what came before is not stored");
  }
}

/** As `Core.update`; of work that fails half-way nothing stays. */
export function updateWhole<T>(core: Core, work: () => T | Promise<T>): Promise<T> {
  return core.update(() => whole(core, work));
}

async function whole<T>(core: Core, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await core.takeBack();
    throw error;
  }
}
