// Sends on their way: how many, since when, and when a conversation has to wait.
//
// After a refusal nothing more of that conversation is sent until everything on its way is answered; otherwise each
// refusal of a pipelined tail would send the tail again.

/** Sends of one conversation on their way at once. */
export const WINDOW = 32;
/** An answer that takes longer is an unknown outcome: the same bytes go again, on another connection. */
export const PATIENCE_MS = 10_000;

interface Flight {
  airborne: Set<string>;
  /** When the last one left or landed. */
  moved: number;
  settling: boolean;
  notBefore: number;
  failures: number;
}

/** Times are of a clock that never steps back. */
export class Flights {
  readonly #flights = new Map<string, Flight>();

  #of(id: string): Flight {
    let flight = this.#flights.get(id);
    if (!flight) {
      flight = { airborne: new Set(), moved: 0, settling: false, notBefore: 0, failures: 0 };
      this.#flights.set(id, flight);
    }
    return flight;
  }

  /** How many more may leave now. */
  room(id: string, now: number): number {
    const flight = this.#of(id);
    if (now < flight.notBefore || (flight.settling && flight.airborne.size > 0)) return 0;
    flight.settling = false;
    return Math.max(0, WINDOW - flight.airborne.size);
  }

  left(id: string, txnId: string, now: number): void {
    const flight = this.#of(id);
    flight.airborne.add(txnId);
    flight.moved = now;
  }

  landed(id: string, txnId: string, now: number): void {
    const flight = this.#flights.get(id);
    if (!flight?.airborne.delete(txnId)) return;
    flight.failures = 0;
    flight.moved = now;
  }

  /** Refused and to be sent again, after `wait`. */
  turnedBack(id: string, txnId: string, wait: number, now: number): void {
    const flight = this.#of(id);
    flight.airborne.delete(txnId);
    flight.settling = true;
    flight.moved = now;
    flight.notBefore = Math.max(flight.notBefore, now + wait);
  }

  /** Nothing of this conversation before `wait` is over. */
  hold(id: string, wait: number, now: number): void {
    const flight = this.#of(id);
    flight.failures += 1;
    flight.notBefore = Math.max(flight.notBefore, now + wait);
  }

  /** The conversation may have changed: no need to wait any longer. */
  release(id: string): void {
    const flight = this.#flights.get(id);
    if (flight) [flight.notBefore, flight.failures] = [0, 0];
  }

  /** Failures in a row. */
  failures(id: string): number {
    return this.#flights.get(id)?.failures ?? 0;
  }

  /** Conversations whose answers are overdue; they count as on the ground again. */
  overdue(now: number): string[] {
    const overdue = [...this.#flights].filter(([, f]) => f.airborne.size > 0 && now > f.moved + PATIENCE_MS);
    for (const [id] of overdue) this.#flights.delete(id);
    return overdue.map(([id]) => id);
  }

  /** The connection is gone, and with it every answer. */
  clear(): void {
    this.#flights.clear();
  }
}
