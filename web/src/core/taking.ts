// What an event became: shown, kept in its place without content, or gone. The caller holds the lock, and commits.
import { standsAlone } from "./about";
import { aboutOf, bodyOf } from "./bodies";
import type { Core } from "./core";
import { noteName } from "./lines";
import type { EventOutcome, GoneReason, Shown } from "./outcomes";
import { noteBody, repeatsTimer } from "./saying";
import type { StoredMessage } from "./store";
import { note } from "./unread";
import type { Event } from "./wire";

/** Without the event: of one that waited for its key. */
export async function takeOutcome(core: Core, outcome: EventOutcome, event?: Event): Promise<void> {
  switch (outcome.type) {
    case "shown":
      show(core, outcome.value);
      break;
    case "undecryptable":
    case "refused":
      await keepUnreadable(core, outcome.value, event);
      break;
    case "gone": {
      const { conversation_id, seq, txn_id, reason } = outcome.value;
      core.answered(conversation_id, txn_id);
      core.dropOutgoing(txn_id);
      // It never was on this device: what is told is its place.
      core.forget(conversation_id, seq, reason, event && { ...blank(event), gone: reason });
      break;
    }
  }
}

function show(core: Core, { warnings, ...shown }: Shown): void {
  const message = marked(core, shown);
  const id = message.conversation_id;
  if (message.sender_device_id === core.engine.deviceId) {
    core.answered(id, message.txn_id);
    core.dropOutgoing(message.txn_id);
  }
  core.keep(warnings.length > 0 ? { ...message, warnings } : message);
  core.stage({ type: "shown", message, warnings });
  noteRoomName(core, message);
  core.changeView(id, (view) => {
    noteBody(view, { ...message, warnings });
    if (message.sender_user_id !== core.engine.userId) view.heard_seq = Math.max(view.heard_seq ?? 0, message.seq);
    if (note(view, message, core.engine.userId, core.cursor(id))) core.recount(id);
  });
}

function marked(core: Core, message: StoredMessage): StoredMessage {
  const repeats = repeatsTimer(core.conversations.get(message.conversation_id), message);
  return repeats ? { ...message, repeat: true } : message;
}

function noteRoomName(core: Core, message: StoredMessage): void {
  const body = bodyOf(message.body_json);
  if (body?.type === "room_name") noteName(core, message, body.name);
}

/** Messages that another device of this account showed before; pages are told of the history as a whole. */
export function keepHistory(core: Core, messages: StoredMessage[]): void {
  for (const one of messages) {
    const message = marked(core, one);
    core.keep(message);
    noteRoomName(core, message);
    core.changeView(message.conversation_id, (view) => noteBody(view, message));
  }
  for (const id of new Set(messages.map((message) => message.conversation_id))) core.recount(id);
}

/** A message that can't be read (yet) keeps its place and says why. */
export async function keepUnreadable(
  core: Core,
  at: { conversation_id: string; seq: number; reason: string },
  event?: Event,
): Promise<void> {
  const row = event ? blank(event) : await core.message(at.conversation_id, at.seq);
  if (!row) return;
  const message = { ...row, unreadable: at.reason };
  core.keep(message);
  core.stage({ type: "unreadable", message });
}

/** A message is gone, and what is about it. Its sender's wish leaves a mark in its place, its time does not. */
export async function lose(core: Core, message: StoredMessage, reason: GoneReason): Promise<void> {
  const { conversation_id, seq, txn_id, body_json } = message;
  const isAbout = aboutOf(body_json) !== undefined;
  const { warnings: _, unreadable: __, ...rest } = message;
  const stays = reason === "removed" && !isAbout;
  core.forget(conversation_id, seq, reason, stays ? { ...rest, body_json: "", gone: reason } : undefined);
  core.dropRemoval(txn_id);
  if (!txn_id || !standsAlone(message)) return;
  const known = [...core.fresh, ...(await core.store.meant(conversation_id, [txn_id]))];
  // Somebody else's message under this id came before: what is about the id is about that one.
  const isBefore = (other: StoredMessage) =>
    other.conversation_id === conversation_id && other.txn_id === txn_id && other.seq < seq && standsAlone(other);
  if (known.some(isBefore)) return;
  const isOfIt = (other: StoredMessage) =>
    other.conversation_id === conversation_id && aboutOf(other.body_json) === txn_id;
  const about = await core.store.messagesAbout(conversation_id, [txn_id]);
  for (const { seq } of [...core.fresh.filter(isOfIt), ...about]) core.forget(conversation_id, seq, reason);
}

/** What an event without readable content says of itself. */
function blank(event: Event): StoredMessage {
  const { conversation_id, seq, sender_user_id, sender_device_id, created_at_ms, body } = event;
  const txn_id = body.type === "message" || body.type === "gone" ? body.txn_id : "";
  const expires_at_ms = (body.type === "message" && body.expires_at_ms) || null;
  const from = { conversation_id, seq, txn_id, sender_user_id, sender_device_id, created_at_ms };
  return { ...from, expires_at_ms, counter: 0, body_json: "", key_origin: "" };
}
