// Frames of the node: what each one does, and what is answered once it is stored.
import { readWasHeard, tellRead } from "./actions";
import { noteMarks, takeInbox, takeLive, takeSync } from "./receiving";
import { rosterMoved } from "./rosters";
import type { Run } from "./run";
import { takeRefused, takeSent } from "./sending";
import type { Shared } from "./shared";
import { runErrand } from "./upkeep";
import type { ClientFrame, ServerFrame } from "./wire";

/** What a page of catching up may bring before it is stored. */
const COMMIT_EVERY = 256;

/** One connection's incoming side. */
export class Incoming {
  /** It has caught up, and that is stored. */
  caughtUp = false;
  #isLive = false;
  drainingMs = 0;
  /** Newest inbox item that is not acknowledged. */
  #unacknowledged = 0;
  #uncommitted = 0;

  constructor(
    private readonly shared: Shared,
    private readonly run: Run,
    private readonly say: (frame: ClientFrame) => void,
  ) {}

  /**
   * Takes in a run of frames, stores what it led to, and answers. Errors: something could not be fetched or stored: the
   * connection has to end, and the next one resumes from what is stored.
   */
  async take(frames: ServerFrame[]): Promise<void> {
    let wakes = false;
    for (const frame of frames) {
      wakes = (await this.#takeFrame(frame)) || wakes;
      if (this.#uncommitted >= COMMIT_EVERY) await this.#commit();
    }
    await this.#commit();
    if (wakes) this.shared.sends.ring();
    this.caughtUp = this.#isLive;
    for (const errand of this.shared.errands.splice(0)) void runErrand(this.shared, errand);
    if (this.#unacknowledged > 0) this.say({ type: "inbox_ack", seq: this.#unacknowledged });
    this.#unacknowledged = 0;
    this.mark();
  }

  /** Says which conversations' news are here, as far as it is time. */
  mark(): void {
    const { core } = this.shared;
    for (const conversation_id of core.marking.takeDue()) {
      // Strangers are told nothing.
      if (core.conversations.get(conversation_id)?.state === "requested") continue;
      this.say({ type: "mark", conversation_id, delivered_seq: core.cursor(conversation_id) });
    }
  }

  #noteDelivered(id: string): void {
    const { core } = this.shared;
    core.marking.note(id, core.conversations.get(id)?.members.length ?? 0);
  }

  async #commit(): Promise<void> {
    this.#uncommitted = 0;
    await this.run.commit();
  }

  /** Gives whether there may be something to send now. */
  async #takeFrame(frame: ServerFrame): Promise<boolean> {
    const { shared, run } = this;
    const { core } = shared;
    switch (frame.type) {
      case "inbox":
        this.#uncommitted += frame.items.length;
        await takeInbox(shared, run, frame.items);
        this.#unacknowledged = Math.max(this.#unacknowledged, frame.items.at(-1)?.seq ?? 0);
        return true;
      case "sync":
        for (const conversation of frame.conversations) {
          const events = conversation.events?.length ?? 0;
          this.#uncommitted += events;
          await takeSync(shared, run, conversation);
          if (events > 0) this.#noteDelivered(conversation.conversation.conversation_id);
        }
        return true;
      case "event":
        await takeLive(shared, run, frame.event);
        if (frame.event.sender_device_id !== core.engine.deviceId) this.#noteDelivered(frame.event.conversation_id);
        this.#uncommitted += 1;
        return false;
      case "caught_up":
        await this.#goLive(frame.sync_token);
        return true;
      case "sent":
        await run.turn(() => takeSent(shared, frame.conversation_id, frame));
        return true;
      case "refused":
        await run.turn(() => takeRefused(shared, frame.conversation_id, frame.txn_id, frame.problem));
        return true;
      case "roster_changed":
        await run.turn(() => core.engine.rosterChanged(frame.conversation_id, frame.roster_version));
        rosterMoved(shared, frame.conversation_id);
        return false;
      case "marks":
        await run.turn(() => noteMarks(shared, frame.conversation_id, frame.marks));
        return false;
      case "pong":
        await run.turn(() => readWasHeard(core, frame.nonce));
        return false;
      case "typing":
        core.stage(frame);
        return false;
      case "draining":
        this.drainingMs = frame.reconnect_after_ms;
        return false;
      default:
        // A newer server may say what this client does not know.
        return false;
    }
  }

  async #goLive(syncToken: string): Promise<void> {
    const { shared, run } = this;
    const { core } = shared;
    await this.#commit();
    await run.turn(() => {
      core.setSyncToken(syncToken);
      core.stage({ type: "connection", connection: "online" });
      core.flights.clear();
      for (const id of core.engine.conversationsWithWork()) core.engine.resend(id);
      core.say = this.say;
      core.saidRead.clear();
      tellRead(core);
    });
    this.#isLive = true;
    // Rosters that a restart or a refusal left unknown name the people of the list.
    for (const view of core.conversations.values()) {
      if (view.members.length === 0) shared.errands.push({ type: "enter", conversationId: view.conversation_id });
    }
    shared.errands.push({ type: core.engine.isLinked() ? "own_devices" : "own_keys" });
    shared.errands.push({ type: "check_keys" }, { type: "blocks" }, { type: "hand_over" }, { type: "backup" });
  }
}
