// Delivered marks: when the one of a conversation is sent.
import type { Environment } from "./environment";

/** Members from which on a group's delivered marks are spread. */
const SPREAD_MEMBERS = 50;
const SPREAD_MS_A_MEMBER = 5;
const MAX_SPREAD_MS = 30_000;

/**
 * Conversations with news from others that the server was not told to be here. Not stored: what is lost with the process or
 * in a socket that dies is told with the next message.
 */
export class Marking {
  readonly #due = new Map<string, number>();

  constructor(private readonly environment: Environment) {}

  /**
   * Something of a conversation with so many members came. All devices of a big group would mark it at the same moment, so
   * each waits a random part of five milliseconds a member; what comes meanwhile goes with the same mark.
   */
  note(conversationId: string, members: number): void {
    if (this.#due.has(conversationId)) return;
    const spread = members < SPREAD_MEMBERS ? 0 : Math.min(members * SPREAD_MS_A_MEMBER, MAX_SPREAD_MS);
    this.#due.set(conversationId, this.environment.monotonic() + this.environment.random() * spread);
  }

  /** Milliseconds until the next one is due. */
  wait(): number {
    return Math.max(0, Math.min(...this.#due.values()) - this.environment.monotonic());
  }

  /** Takes out those that are due. */
  takeDue(): string[] {
    const now = this.environment.monotonic();
    const due = [...this.#due].filter(([, at]) => at <= now).map(([id]) => id);
    for (const id of due) this.#due.delete(id);
    return due;
  }
}
