// On the device that is linked already: cutting, sealing and uploading what it has, chunk by chunk.
import { createHistory, listConversations, putHistoryChunk } from "./account-routes";
import { toBase64 } from "./base64";
import { type HistoryManifest, HistoryWriter } from "./crypto";
import { codeOf } from "./errors";
import { patiently } from "./patience";
import type { Shared } from "./shared";
import type { Place, StoredMessage } from "./store";

/** JSON of a chunk's messages, a comma after each: the server takes 256 KiB, encrypted. */
const MAX_RUN_BYTES = 256 * 1024 - 40 - 32;
const PLACES_AT_ONCE = 200;
/** How long what the server has is waited for before it is handed over as far as it is here. */
const CATCH_UP_MS = 10_000;
const LOOK_EVERY_MS = 50;
const utf8 = new TextEncoder();

/** Messages that go into one chunk: from one place to another. */
type Run = [first: Place, last: Place];

/** What there was at one moment: later messages come to the new device by themselves. */
interface Cut {
  runs: Run[];
  /** In their place, messages that name conversations and set their timers. */
  standing?: object[][];
  /** Newest message of each conversation. */
  newest: Map<string, number>;
  bytes: number;
}

/** A history that is cut and has a place on the server. Each chunk is read and sealed when its turn comes. */
export class Export {
  private constructor(
    private readonly shared: Shared,
    private readonly cut: Cut,
    private readonly writer: HistoryWriter,
    readonly id: string,
  ) {}

  /**
   * Cuts what there is, or, unless `whole`, what holds for each conversation; `undefined` if there is nothing. The new device is in the account by now: whatever comes from now
   * on comes to it by itself, whatever came before has to be here first.
   */
  static async begin(shared: Shared, whole: boolean): Promise<Export | undefined> {
    await readToHeads(shared);
    const { core, routes } = shared;
    const cut = await (whole ? cutMessages(shared) : cutStanding(shared));
    const runs = cut.standing ?? cut.runs;
    const writer = await core.turn(() => new HistoryWriter(core.engine.machine, runs.length, whole));
    if (writer.count() === 0) {
      writer.free();
      return undefined;
    }
    const { history_id } = await createHistory(routes.http, writer.count());
    return new Export(shared, cut, writer, history_id);
  }

  /** What the new device needs, beside the address. */
  manifest(): HistoryManifest {
    return this.writer.manifest(this.cut.bytes);
  }

  /** Uploads all of it; whatever breaks meanwhile is tried again. `stopped`: nobody wants it any more. */
  async upload(tell: (done: number, of: number) => void, stopped: () => boolean): Promise<void> {
    const { shared, writer } = this;
    const of = writer.count();
    for (let index = 0; index < of && !stopped(); index += 1) {
      tell(index, of);
      const data = toBase64(await this.#seal(index));
      try {
        await patiently(shared, () => putHistoryChunk(shared.routes.http, this.id, index, data));
      } catch (error) {
        // It was stored by an earlier attempt.
        if (codeOf(error) !== "already_exists") throw error;
      }
    }
    tell(of, of);
  }

  async #seal(index: number): Promise<Uint8Array> {
    const at = index - this.writer.sessionChunks();
    const run = this.cut.runs[at];
    const messages = this.cut.standing?.[at] ?? (run ? await this.#messages(run) : []);
    return this.writer.seal(index, JSON.stringify(messages));
  }

  async #messages([first, last]: Run): Promise<object[]> {
    let room = MAX_RUN_BYTES;
    const handed: object[] = [];
    for (const message of await this.shared.core.store.between(first, last)) {
      const isLater = message.seq > (this.cut.newest.get(message.conversation_id) ?? 0);
      if (isLater || !isThere(message)) continue;
      const one = handedOver(message);
      // What was stored since the cut and makes the chunk too large stays out.
      room -= sizeOf(one);
      if (room >= 0) handed.push(one);
    }
    return handed;
  }

  free(): void {
    this.writer.free();
  }
}

/** The place of what is not there says nothing to the other device. */
const isThere = ({ gone, unreadable }: StoredMessage) => !gone && unreadable === undefined;

const sizeOf = (one: object) => utf8.encode(JSON.stringify(one)).length + 1;

/** A `HistoryMessage`. */
function handedOver(message: StoredMessage): object {
  const { conversation_id, seq, txn_id, sender_user_id, sender_device_id, created_at_ms, counter, body_json } = message;
  const fixed = { conversation_id, seq, txn_id, sender_user_id, sender_device_id, created_at_ms, counter, body_json };
  return message.expires_at_ms === null ? fixed : { ...fixed, expires_at_ms: message.expires_at_ms };
}

/** Of each conversation the messages that name it and set its timer. */
async function cutStanding({ core }: Shared): Promise<Cut> {
  const standing: object[][] = [];
  let room = 0;
  for (const { conversation_id, name, timer } of core.conversations.values()) {
    for (const { seq } of [name, timer].filter((one) => one !== undefined)) {
      const message = await core.store.message(conversation_id, seq);
      if (!message || !isThere(message)) continue;
      const one = handedOver(message);
      room -= sizeOf(one);
      if (room >= 0) standing.at(-1)?.push(one);
      else {
        standing.push([one]);
        room = MAX_RUN_BYTES - sizeOf(one);
      }
    }
  }
  return { runs: [], standing, newest: new Map(), bytes: 0 };
}

/** Cuts the messages into runs by how long they are; nothing is decrypted for it. */
async function cutMessages({ core: { store } }: Shared): Promise<Cut> {
  const cut: Cut = { runs: [], newest: new Map(), bytes: 0 };
  let room = 0;
  for (let after: Place = ["", 0]; ; ) {
    const page = await store.sizes(after, PLACES_AT_ONCE);
    for (const [place, size] of page) {
      cut.bytes += size + 1;
      cut.newest.set(place[0], place[1]);
      const run = cut.runs.at(-1);
      if (run && size + 1 <= room) run[1] = place;
      else {
        cut.runs.push([place, place]);
        room = MAX_RUN_BYTES;
      }
      room -= size + 1;
      after = place;
    }
    if (page.length < PLACES_AT_ONCE) return cut;
  }
}

/** Waits until this device has what the server has now. */
async function readToHeads({ core, routes, environment }: Shared): Promise<void> {
  const heads = await listConversations(routes.http);
  const until = environment.monotonic() + CATCH_UP_MS;
  const behind = () => heads.some((head) => core.cursor(head.conversation_id) < head.last_seq);
  while (behind() && environment.monotonic() < until) await environment.sleep(LOOK_EVERY_MS);
}
