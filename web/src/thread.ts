// From messages to what a conversation shows: edits and reactions go to the message that they are about.
import { type About, type Body, bodyOf, emojiOf, isAbout, type Mention, mentionsIn, shownText } from "./core/bodies";
import type { Outgoing, StoredMessage } from "./core/store";
import type { ConversationView } from "./core/told";
import { t } from "./i18n";

export type SendState = "queued" | "sent" | "delivered" | "read" | "failed";

export interface Item {
  /** What somebody said, a line about the conversation, the place of what is not there (to read), or a bare warning. */
  kind: "talk" | "timer" | "gone" | "unreadable" | "warning";
  /** The sender's own id of the message; that of one that uses somebody else's is its own again. */
  id: string;
  /** Its position; `undefined`: it is not in the log yet. */
  seq: number | undefined;
  sender: string;
  own: boolean;
  at: number;
  /** `undefined`: of a type that this version does not know. */
  text: string | undefined;
  /** The text as it was sent, which mentions have their places in. */
  raw: string;
  mentions: Mention[];
  edited: boolean;
  /** What it answers. */
  answers: Quote | undefined;
  /** Emoji, and who reacted so. */
  reactions: Map<string, Set<string>>;
  /** When it disappears; of one that is not sent yet, `undefined`. */
  expires: number | undefined;
  /** Of one's own message only. */
  state: SendState | undefined;
  /** Why it, or the newest that was said about it, will never be sent. */
  failed: string | undefined;
  /** What failed: the message itself, or an edit or a reaction. */
  failedId: string | undefined;
  /** It, or something about it, came out of order. */
  warned: boolean;
  /** It, or something about it, came from a device that its owner has removed. */
  revoked: boolean;
  /** Why it is gone or unreadable. */
  reason: string | undefined;
  /** How many are gone here. */
  count: number;
  /** The new timer, of a `timer`; `undefined`: messages stay. */
  afterMs: number | undefined;
}

export interface Quote {
  id: string;
  sender: string;
  /** `undefined`: it is not here (any more). */
  text: string | undefined;
}

/** Reactions of one person to one message that count. */
const MOST_OF_ONE = 5;
/** Different reactions to one message that are shown. */
const MOST_REACTIONS = 24;

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
  const stored = new Set<string>();
  for (const message of messages) {
    const { body, text } = readOf(message);
    if (message.sender_user_id === own) stored.add(message.txn_id);
    if (body && isAbout(body)) {
      const about = byId.get(body.target);
      // A device that was removed changes nothing that was said before.
      if (body.type !== "edit" || !isRevoked(message)) applyTo(about, body, message.sender_user_id);
      if (about) mark(about, message);
      else items.push(...warningOf(message, own));
      continue;
    }
    if (body?.type === "room_name" || message.repeat) {
      items.push(...warningOf(message, own));
      continue;
    }
    const item = itemOf(message, body, text, own, view);
    // Somebody may send under an id that another message has: what is about that id is about the first.
    if (byId.has(item.id)) item.id = `${item.id}/${item.seq}`;
    items.push(item);
    byId.set(item.id, item);
  }
  for (const message of outgoing) if (!stored.has(message.txn_id)) addWaiting(items, byId, message, sent, own);
  for (const item of items) if (item.answers) quote(item.answers, byId.get(item.answers.id));
  return together(items);
}

const isRevoked = ({ warnings }: StoredMessage): boolean =>
  (warnings ?? []).some(({ type }) => type === "sender_revoked");

/** What the engine warned of is seen, whatever the message is that it came with. */
function mark(item: Item, message: StoredMessage): void {
  if ((message.warnings ?? []).some(({ type }) => type !== "sender_revoked")) item.warned = true;
  if (isRevoked(message)) item.revoked = true;
}

/** A line for the warnings of a message that has none; nothing without warnings. */
function warningOf(message: StoredMessage, own: string): Item[] {
  if ((message.warnings ?? []).length === 0) return [];
  const { seq, txn_id, sender_user_id: sender, created_at_ms: at } = message;
  // Nothing is about it.
  const item = said(`${txn_id}/${seq}`, sender, undefined, undefined);
  const line: Item = { ...item, kind: "warning", seq, own: sender === own, at };
  mark(line, message);
  return [line];
}

interface Read {
  body: Body | undefined;
  /** As it may be shown. */
  text: string | undefined;
}

/** Parsed once a message: the list is made anew with everything that happens. */
const reads = new WeakMap<object, Read>();

function readOf(message: StoredMessage | Outgoing): Read {
  const known = reads.get(message);
  if (known) return known;
  const body = bodyOf(message.body_json);
  const read = { body, text: body && "text" in body ? shownText(body.text) : undefined };
  reads.set(message, read);
  return read;
}

function applyTo(item: Item | undefined, body: About, author: string): void {
  if (item?.kind !== "talk") return;
  if (body.type === "edit") {
    if (author !== item.sender || item.text === undefined) return;
    [item.raw, item.text, item.edited] = [body.text, shownText(body.text), true];
    item.mentions = mentionsIn(body);
    return;
  }
  const emoji = emojiOf(body.emoji);
  if (!emoji) return;
  const who = item.reactions.get(emoji) ?? new Set();
  if (body.remove === true) who.delete(author);
  else if (mayReact(item, emoji, author)) who.add(author);
  if (who.size > 0) item.reactions.set(emoji, who);
  else item.reactions.delete(emoji);
}

function mayReact({ reactions }: Item, emoji: string, author: string): boolean {
  const his = [...reactions.values()].filter((who) => who.has(author)).length;
  return his < MOST_OF_ONE && (reactions.has(emoji) || reactions.size < MOST_REACTIONS);
}

function itemOf(
  message: StoredMessage,
  body: Body | undefined,
  text: string | undefined,
  own: string,
  view: ConversationView,
): Item {
  const mine = message.sender_user_id === own;
  const { gone, unreadable } = message;
  const kind = gone ? "gone" : unreadable ? "unreadable" : body?.type === "timer" ? "timer" : "talk";
  const item: Item = {
    ...said(message.txn_id, message.sender_user_id, body, text),
    kind,
    seq: message.seq,
    own: mine,
    at: message.created_at_ms,
    expires: message.expires_at_ms ?? undefined,
    state: mine && kind === "talk" ? stateAt(message.seq, view, own) : undefined,
    reason: gone ?? unreadable,
  };
  mark(item, message);
  return item;
}

/** What is said, without where and when. */
function said(id: string, sender: string, body: Body | undefined, text: string | undefined): Item {
  return {
    kind: body?.type === "timer" ? "timer" : "talk",
    id,
    seq: undefined,
    sender,
    own: false,
    at: 0,
    text,
    raw: body && "text" in body ? body.text : "",
    mentions: body ? mentionsIn(body) : [],
    edited: false,
    answers: body?.type === "reply" ? { id: body.target, sender: "", text: undefined } : undefined,
    reactions: new Map(),
    expires: undefined,
    state: undefined,
    failed: undefined,
    failedId: undefined,
    warned: false,
    revoked: false,
    reason: undefined,
    count: 1,
    afterMs: body?.type === "timer" ? (body.after_ms ?? undefined) : undefined,
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

/** What is not in the log yet shows as if it were, the failed apart. */
function addWaiting(
  items: Item[],
  byId: Map<string, Item>,
  message: Outgoing,
  sent: ReadonlySet<string>,
  own: string,
): void {
  const { body, text } = readOf(message);
  const { failed, txn_id } = message;
  if (body && isAbout(body)) {
    const item = byId.get(body.target);
    if (!failed) applyTo(item, body, own);
    else if (item) [item.failed, item.failedId] = [failed, txn_id];
    return;
  }
  if (body?.type === "room_name") return;
  const state = failed ? "failed" : sent.has(txn_id) ? "sent" : "queued";
  const item = { ...said(txn_id, own, body, text), own: true, at: message.queued_at_ms, state, failed };
  const shown: Item = { ...item, state: state as SendState, failedId: failed && txn_id };
  items.push(shown);
  byId.set(txn_id, shown);
}

function quote(answers: Quote, original: Item | undefined): void {
  if (original?.kind !== "talk") return;
  [answers.sender, answers.text] = [original.sender, shortened(original.text ?? "")];
}

function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

/** Messages that disappeared before they were here take one line, however many they were. */
function together(items: Item[]): Item[] {
  const shown: Item[] = [];
  for (const item of items) {
    const before = shown.at(-1);
    const isRun = item.kind === "gone" && item.reason === "expired";
    if (isRun && before?.kind === "gone" && before.reason === "expired") {
      before.count += 1;
      before.warned ||= item.warned;
      before.revoked ||= item.revoked;
    } else shown.push(item);
  }
  return shown;
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
  if (view.draft) return t("draft", { text: firstLine(view.draft.text) });
  const body = view.last && bodyOf(view.last.body_json);
  return body && "text" in body ? firstLine(body.text) : "";
}

function firstLine(text: string): string {
  return shownText(text.slice(0, 1_000)).trim().split("\n", 1)[0]?.slice(0, 120) ?? "";
}
