// From messages to what a conversation shows: edits and reactions go to the message that they are about.
import { type Body, bodyOf, shownText } from "./core/bodies";
import type { Outgoing, StoredMessage } from "./core/store";
import type { ConversationView } from "./core/told";

export type SendState = "queued" | "sent" | "delivered" | "read" | "failed";

export interface Item {
  /** The sender's own id of the message. */
  id: string;
  /** Its position; `undefined`: it is not in the log yet. */
  seq: number | undefined;
  sender: string;
  own: boolean;
  at: number;
  /** `undefined`: of a type that this version does not know. */
  text: string | undefined;
  edited: boolean;
  /** What it answers. */
  answers: string | undefined;
  reactions: Map<string, Set<string>>;
  /** Of one's own message only. */
  state: SendState | undefined;
  failed: string | undefined;
  warned: boolean;
}

/** `messages` ascend. An edit counts only if its author is the message's. */
export function thread(
  messages: StoredMessage[],
  outgoing: Outgoing[],
  sent: ReadonlySet<string>,
  view: ConversationView,
  own: string,
): Item[] {
  const items: Item[] = [];
  const byId = new Map<string, Item>();
  for (const message of messages) {
    const body = bodyOf(message.body_json);
    if (body && isAbout(body)) {
      applyTo(byId.get(body.target), body, message.sender_user_id);
      continue;
    }
    if (body?.type === "room_name") continue;
    const item = itemOf(message, body, own, view);
    items.push(item);
    byId.set(item.id, item);
  }
  for (const item of items) item.answers &&= shortened(byId.get(item.answers)?.text);
  for (const message of outgoing) {
    if (!byId.has(message.txn_id)) items.push(waiting(message, sent, own));
  }
  return items;
}

type About = Extract<Body, { type: "edit" | "reaction" }>;
const isAbout = (body: Body): body is About => body.type === "edit" || body.type === "reaction";

function applyTo(item: Item | undefined, body: About, author: string): void {
  if (!item) return;
  if (body.type === "edit") {
    if (author !== item.sender) return;
    [item.text, item.edited] = [shownText(body.text), true];
    return;
  }
  const emoji = shownText(body.emoji).slice(0, 16);
  const who = item.reactions.get(emoji) ?? new Set();
  if (body.remove === true) who.delete(author);
  else who.add(author);
  if (who.size > 0) item.reactions.set(emoji, who);
  else item.reactions.delete(emoji);
}

function itemOf(message: StoredMessage, body: Body | undefined, own: string, view: ConversationView): Item {
  const mine = message.sender_user_id === own;
  return {
    id: message.txn_id,
    seq: message.seq,
    sender: message.sender_user_id,
    own: mine,
    at: message.created_at_ms,
    text: body && "text" in body ? shownText(body.text) : undefined,
    edited: false,
    answers: body?.type === "reply" ? body.target : undefined,
    reactions: new Map(),
    state: mine ? stateAt(message.seq, view, own) : undefined,
    failed: undefined,
    warned: (message.warnings ?? []).length > 0,
  };
}

/** How far the others' marks are: everybody has to have it. */
function stateAt(seq: number, view: ConversationView, own: string): SendState {
  const others = view.members.filter((member) => member.user_id !== own);
  if (others.length === 0) return "sent";
  const reached = (mark: "read_seq" | "delivered_seq") =>
    others.every((member) => (view.marks[member.user_id]?.[mark] ?? 0) >= seq);
  if (reached("read_seq")) return "read";
  return reached("delivered_seq") ? "delivered" : "sent";
}

function waiting(message: Outgoing, sent: ReadonlySet<string>, own: string): Item {
  const body = bodyOf(message.body_json);
  const state = message.failed ? "failed" : sent.has(message.txn_id) ? "sent" : "queued";
  return {
    id: message.txn_id,
    seq: undefined,
    sender: own,
    own: true,
    at: message.queued_at_ms,
    text: body && "text" in body ? shownText(body.text) : undefined,
    edited: false,
    answers: undefined,
    reactions: new Map(),
    state,
    failed: message.failed,
    warned: false,
  };
}

function shortened(text: string | undefined): string | undefined {
  return text && text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** People that a group without a name is called by. */
const NAMED = 3;

/** A conversation's name, and the first line of its newest message. */
export function titleOf(view: ConversationView, own: string): string {
  // A stranger's name for a group counts once it is accepted; two people have no other name than their own.
  if (view.kind === "group" && view.state === "joined" && view.name) return view.name.text;
  const others = view.members.filter((member) => member.user_id !== own).map((member) => member.username);
  const more = others.length > NAMED ? ` +${others.length - NAMED}` : "";
  return others.slice(0, NAMED).join(", ") + more || "…";
}

export function previewOf(view: ConversationView): string {
  const body = view.last && bodyOf(view.last.body_json);
  return body && "text" in body ? (shownText(body.text).split("\n", 1)[0]?.slice(0, 120) ?? "") : "";
}
