// What comes from the server into the engine and the store, in the order of its positions.
import { addAlert } from "./alerts";
import { isGone, isTemporary, Refused } from "./errors";
import { noteChange } from "./lines";
import { answered, followChain, noteOut } from "./members";
import type { EventOutcome, InboxOutcome } from "./outcomes";
import { noteDecisions } from "./people";
import { rosterMoved } from "./rosters";
import type { Run } from "./run";
import { noteConversation, type Shared } from "./shared";
import { keepUnreadable, lose, takeOutcome } from "./taking";
import type { ConversationSync, Event, InboxItem, Wire } from "./wire";

/** What an inbox item asks for beyond itself, once it is stored. */
export type Errand =
  | { type: "enter"; conversationId: string }
  | { type: "own_keys" | "own_devices" }
  | { type: "refill"; remaining: number }
  | { type: "check_keys" }
  | { type: "blocks" }
  | { type: "backup" }
  | { type: "hand_over" }
  | { type: "fallback" };

/** Questions that one event may lead to before it is taken as it is. */
const QUESTIONS = 2;

/** Takes in items of the inbox. Nothing is stored before the commit. */
export async function takeInbox(shared: Shared, run: Run, items: InboxItem[]): Promise<void> {
  const { core } = shared;
  /** Gives who has to be known first. */
  const take = (item: InboxItem, isLast: boolean) =>
    run.turn(async () => {
      const outcome = core.engine.receiveInbox(item);
      if (outcome.type === "needs_identity" && !isLast) return outcome.value;
      const errand = await takeInboxOutcome(shared, outcome);
      if (errand) shared.errands.push(errand);
      core.setInboxSeq(item.seq);
      return undefined;
    });
  for (const item of items) {
    if (item.seq <= core.inboxSeq) continue;
    const userId = await take(item, false);
    if (userId === undefined) continue;
    await passable(shared.queryUser(userId));
    await take(item, true);
  }
}

async function takeInboxOutcome({ core }: Shared, outcome: InboxOutcome): Promise<Errand | undefined> {
  switch (outcome.type) {
    case "keys":
      for (const event of outcome.value.events) await takeOutcome(core, event);
      return undefined;
    case "own_list_changed":
      return { type: "own_keys" };
    case "joined":
      return { type: "enter", conversationId: outcome.value };
    case "accepted":
      core.changeView(outcome.value, (view) => {
        view.state = "joined";
      });
      return undefined;
    case "left":
      noteOut(core, outcome.value);
      return undefined;
    case "verifications":
      noteDecisions(core, outcome.value.people);
      return undefined;
    case "self_signing_key":
    case "backup_key":
      return { type: "backup" };
    case "recovery_key_changed":
      core.stage({ type: "recovery_key_changed" });
      return { type: "backup" };
    case "keys_low":
      return { type: "refill", remaining: outcome.value.remaining };
    case "fallback_used":
      return { type: "fallback" };
    case "login_seen":
      addAlert(core, { ...outcome.value, linked: false });
      return undefined;
    default:
      return undefined;
  }
}

/** Takes in a live event; reads what is missing before it. */
export async function takeLive(shared: Shared, run: Run, event: Event): Promise<void> {
  const cursor = shared.core.cursor(event.conversation_id);
  if (event.seq === cursor + 1) await takeEvent(shared, run, event);
  else if (event.seq > cursor) await fill(shared, run, event.conversation_id, event.seq);
  else await takeKnown(shared, run, event);
}

/** Takes in a conversation of a sync page. */
export async function takeSync(shared: Shared, run: Run, sync: ConversationSync): Promise<void> {
  const { core } = shared;
  const { conversation, marks = [], events = [] } = sync;
  const id = conversation.conversation_id;
  let cursor = await run.turn(() => {
    const known = core.engine.rosterQuery(id).since;
    if (known > 0 && conversation.roster_version > known) rosterMoved(shared, id);
    core.engine.rosterChanged(id, conversation.roster_version);
    core.raiseCursor(id, conversation.start_seq - 1);
    noteConversation(core, conversation);
    noteMarks(shared, id, marks);
    return core.cursor(id);
  });
  for (const event of events) {
    if (event.seq <= cursor) await takeKnown(shared, run, event);
    else if (event.seq === cursor + 1) {
      await takeEvent(shared, run, event);
      cursor = event.seq;
    }
  }
  if (conversation.last_seq > cursor) await fill(shared, run, id, conversation.last_seq);
}

/** Marks rose, of others or by another device of this person. The caller holds the lock. */
export function noteMarks({ core }: Shared, id: string, marks: Wire["MemberMarks"][]): void {
  if (marks.length === 0) return;
  core.changeView(id, (view) => {
    answered(
      view,
      marks.map(({ user_id }) => user_id),
    );
    view.marks = { ...view.marks, ...Object.fromEntries(marks.map((mark) => [mark.user_id, mark])) };
  });
  core.read(id, marks.find((mark) => mark.user_id === core.engine.userId)?.read_seq ?? 0);
}

/**
 * Reads what is after the cursor by HTTP, page by page, up to what the socket told of: keys of later events are still
 * to come there.
 */
export async function fill(shared: Shared, run: Run, id: string, told: number): Promise<void> {
  const { core } = shared;
  for (;;) {
    const before = core.cursor(id);
    let page: Wire["EventPage"];
    try {
      page = await shared.routes.listEvents(id, before);
    } catch (error) {
      if (isGone(error)) return;
      throw error;
    }
    for (const event of page.events) {
      if (event.seq <= told) await takeEvent(shared, run, event);
    }
    const upTo = Math.min(told, page.last_seq);
    const last = page.events.at(-1);
    const end = last ? Math.min(last.seq, upTo) : upTo;
    await run.turn(() => core.raiseCursor(id, Math.max(end, page.start_seq - 1)));
    await run.commit();
    if (end >= upTo || core.cursor(id) === before) return;
  }
}

/** An event that was processed before and comes again: its content may be gone meanwhile. */
async function takeKnown({ core }: Shared, run: Run, event: Event): Promise<void> {
  const { body, conversation_id, seq } = event;
  if (body.type !== "gone") return;
  await run.turn(async () => {
    const message = await core.message(conversation_id, seq);
    if (!message || message.gone) return;
    await lose(core, message, body.reason);
  });
}

/** What the engine made of it and what it leads to are stored together. */
async function takeEvent(shared: Shared, run: Run, event: Event): Promise<void> {
  const { core } = shared;
  for (let asked = 0; ; asked += 1) {
    const needs = await run.turn(async () => {
      const outcome = core.engine.receiveEvent(event);
      const isOpen = outcome.type === "needs_roster" || outcome.type === "needs_identity";
      if (isOpen && asked < QUESTIONS) return outcome;
      await takeEventOutcome(shared, event, outcome);
      core.raiseCursor(event.conversation_id, event.seq);
      return undefined;
    });
    if (!needs) return;
    // A roster may be needed first, and then the sender's identity.
    await passable(needs.type === "needs_roster" ? shared.refreshRoster(needs.value) : shared.queryUser(needs.value));
  }
}

async function takeEventOutcome(shared: Shared, event: Event, outcome: EventOutcome): Promise<void> {
  const { core } = shared;
  const { conversation_id, seq } = event;
  if (outcome.type === "needs_roster" || outcome.type === "needs_identity") {
    await keepUnreadable(core, { conversation_id, seq, reason: "unknown_sender" }, event);
  } else if (outcome.type === "removal") {
    const { target_seq, sender_user_id } = outcome.value;
    const target = await core.message(conversation_id, target_seq);
    if (target && !target.gone && target.sender_user_id === sender_user_id) await lose(core, target, "removed");
  } else if (outcome.type === "membership") {
    noteChange(core, event, outcome.value.change);
    if (followChain(core, conversation_id)) rosterMoved(shared, conversation_id);
  } else {
    await takeOutcome(core, outcome, event);
  }
}

/**
 * A refusal for good changes nothing when it is asked again: what came is taken as it is. Anything else ends the
 * connection, and the next one begins with the same item.
 */
async function passable(asked: Promise<void>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof Refused) || isTemporary(error)) throw error;
  }
}
