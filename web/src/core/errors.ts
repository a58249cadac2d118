// What can go wrong, with a stable `code` for every case.
import type { Problem, ProblemCode } from "./wire";

/** The server refused; match `problem.code`. */
export class Refused extends Error {
  override name = "Refused";
  constructor(readonly problem: Problem) {
    super(problem.title);
  }
}

/** No answer, or one that no node gave: the outcome is unknown. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

/** An answer that no Sotto server gives: something stands between. The outcome is unknown. */
export class Garbled extends Unreachable {
  override name = "Garbled";
}

/** There are no tokens: sign in first. */
export class SignedOut extends Error {
  override name = "SignedOut";
}

/** Refused here, before the server was asked; `code` has words. */
export class Declined extends Error {
  constructor(code: string) {
    super(code);
    this.name = code;
  }
}

/** What an earlier account left here would be deleted: ask the person first. */
export class WouldErase extends Error {
  override name = "WouldErase";
}

/** The local store failed. */
export class StoreFailed extends Error {
  override name = "StoreFailed";
}

const TEMPORARY: ProblemCode[] = ["rate_limited", "unavailable", "node_full", "internal", "request_timeout"];

export function codeOf(error: unknown): ProblemCode | undefined {
  return error instanceof Refused ? error.problem.code : undefined;
}

/** Whether the same call may succeed later. */
export function isTemporary(error: unknown): boolean {
  return error instanceof Refused ? TEMPORARY.includes(error.problem.code) : error instanceof Unreachable;
}

/** Whether the server surely did nothing. */
export function didNothing(error: unknown): boolean {
  const code = codeOf(error);
  return code === "rate_limited" || code === "node_full";
}

export function retryAfterMs(error: unknown): number {
  return error instanceof Refused ? (error.problem.retry_after_ms ?? 0) : 0;
}

/** Whether the account has no business there (any more). */
export function isGone(error: unknown): error is Refused {
  const code = codeOf(error);
  return code === "not_found" || code === "forbidden";
}

/** Whether only a person can help: sign in again. */
export function isFinal(error: unknown): boolean {
  const code = codeOf(error);
  return (
    error instanceof SignedOut || code === "refresh_rejected" || code === "device_revoked" || code === "unauthorized"
  );
}
