// Search in what this device keeps: decrypted slice by slice, newest first; nothing that was found is written down.
import { edits, targetOf } from "./about";
import { bodyOf, isTalk, shownText } from "./bodies";
import { excerpt, highlighted, matches, type Part, termsOf } from "./fold";
import type { Store, StoredMessage } from "./store";

export interface Hit {
  conversation_id: string;
  seq: number;
  sender_user_id: string;
  at_ms: number;
  parts: Part[];
}

export interface Hits {
  /** Newest first, and older than those before. */
  hits: Hit[];
  done: boolean;
}

/** Messages that are decrypted at a time: the worker has other things to do as well. */
const SLICE = 250;
/** An answer is given after so many hits or milliseconds. */
const ENOUGH_HITS = 20;
const ENOUGH_MS = 60;
/** Text that is looked at in one message. */
const LONGEST = 64 * 1024;

interface Front {
  id: string;
  /** Everything from here on was looked at. */
  before: number;
  at_ms: number;
}

export class Search {
  readonly #terms: string[];
  readonly #fronts: Front[];
  readonly #found = new Set<string>();
  /** Hits that a newer one may still come before. */
  #held: Hit[] = [];

  constructor(
    private readonly store: Store,
    query: string,
    /** Where, and when something was last said there. */
    places: { id: string; at_ms: number }[],
    private readonly now: () => number,
  ) {
    this.#terms = termsOf(query);
    this.#fronts = this.#terms.length > 0 ? places.map((place) => ({ ...place, before: Number.MAX_SAFE_INTEGER })) : [];
  }

  /** The next hits. */
  async more(): Promise<Hits> {
    const hits: Hit[] = [];
    const until = this.now() + ENOUGH_MS;
    while (this.#fronts.length > 0 && hits.length < ENOUGH_HITS && this.now() < until) {
      this.#held.push(...(await this.#slice()));
      this.#held.sort((one, other) => other.at_ms - one.at_ms);
      const front = Math.max(...this.#fronts.map(({ at_ms }) => at_ms));
      const rest = this.#held.findIndex(({ at_ms }) => at_ms < front);
      hits.push(...this.#held.splice(0, rest < 0 ? this.#held.length : rest));
    }
    return { hits, done: this.#fronts.length === 0 };
  }

  /** Looks at the conversation whose next messages are the newest. */
  async #slice(): Promise<Hit[]> {
    const front = this.#fronts.reduce((one, other) => (other.at_ms > one.at_ms ? other : one));
    const messages = await this.store.messages(front.id, front.before, SLICE);
    const hits: Hit[] = [];
    for (const message of messages.toReversed()) {
      // What is left of the slice is looked at when somebody wants more.
      if (hits.length >= ENOUGH_HITS) return hits;
      [front.before, front.at_ms] = [message.seq, message.created_at_ms];
      if (!matches(textOf(message), this.#terms)) continue;
      const hit = await this.#hit(message);
      if (hit) hits.push(hit);
    }
    if (messages.length < SLICE) this.#fronts.splice(this.#fronts.indexOf(front), 1);
    return hits;
  }

  /** The message that is shown with this text; `undefined` if there is none any more. */
  async #hit(found: StoredMessage): Promise<Hit | undefined> {
    const { store } = this;
    const id = found.conversation_id;
    const target = targetOf(found.body_json);
    const message = target === undefined ? found : (await store.meant(id, [target]))[0];
    if (!message || !isTalk(message.body_json)) return undefined;
    const key = `${id}/${message.seq}`;
    if (this.#found.has(key)) return undefined;
    const text = await this.#current(message);
    if (!matches(text, this.#terms)) return undefined;
    this.#found.add(key);
    const { seq, sender_user_id, created_at_ms } = message;
    const parts = highlighted(excerpt(shownText(text), this.#terms), this.#terms);
    return { conversation_id: id, seq, sender_user_id, at_ms: created_at_ms, parts };
  }

  /** A message's text after its author's edits. */
  async #current(message: StoredMessage): Promise<string> {
    const about = await this.store.messagesAbout(message.conversation_id, [message.txn_id]);
    const edit = about.findLast((one) => edits(one, message));
    return textOf(edit ?? message);
  }
}

function textOf({ body_json }: StoredMessage): string {
  const body = bodyOf(body_json);
  return body && "text" in body ? body.text.slice(0, LONGEST) : "";
}

/** Searches that pages are in the middle of. The oldest is forgotten when there are too many. */
export class Searches {
  readonly #open = new Map<string, Search>();

  begin(id: string, search: Search): void {
    this.#open.set(id, search);
    const [oldest] = this.#open.keys();
    if (this.#open.size > 8 && oldest) this.#open.delete(oldest);
  }

  async more(id: string): Promise<Hits> {
    const hits = (await this.#open.get(id)?.more()) ?? { hits: [], done: true };
    if (hits.done) this.#open.delete(id);
    // Who ended it meanwhile does not want to know.
    return hits;
  }

  end(id: string): void {
    this.#open.delete(id);
  }
}
