/** One holder at a time, in the order in which they came. Not re-entrant. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** Wakes one waiter; a wake-up that nobody waits for is kept for the next. */
export class Bell {
  #rung = false;
  #waiter: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#waiter?.();
  }

  /** Waits until it rings or the time is over. */
  wait(ms: number): Promise<void> {
    return new Promise((done) => {
      const end = () => {
        clearTimeout(timer);
        this.#rung = false;
        this.#waiter = undefined;
        done();
      };
      const timer = setTimeout(end, ms);
      this.#waiter = end;
      if (this.#rung) end();
    });
  }
}
