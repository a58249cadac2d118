// Time, randomness and waiting, passed in so that tests can hold them.

export interface Environment {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds of a clock that never steps back. */
  monotonic(): number;
  /** A number from 0 to below 1, for jitter only. */
  random(): number;
  uuid(): string;
  sleep(ms: number): Promise<void>;
}

export const browser: Environment = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  uuid: () => crypto.randomUUID(),
  sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
};

/** Full jitter: uniform between zero and `first * 2^attempt`, at most `most`. */
export function fullJitter(environment: Environment, first: number, most: number, attempt: number): number {
  return Math.round(environment.random() * Math.min(most, first * 2 ** attempt));
}
