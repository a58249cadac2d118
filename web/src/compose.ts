// What the person is about to do in a conversation: answer, change, look at what can be done with a message.
import { signal } from "@preact/signals";
import { bodyOf, shownText } from "./core/bodies";
import type { ConversationView } from "./core/told";
import { t } from "./i18n";
import { nameOfUser } from "./people";
import { core, failure, me, notice } from "./state";
import type { Item, Quote } from "./thread";

/** What the line to write in is for, unless it is for a new message. */
export type Intent = { kind: "reply"; quote: Quote } | { kind: "edit"; item: Item };

export const intent = signal<({ conversation: string } & Intent) | undefined>(undefined);

/** The menu of a message that is open. */
export interface OpenMenu {
  item: Item;
  view: ConversationView;
  x: number;
  y: number;
  /** Gets the focus when the menu closes. */
  from: HTMLElement | undefined;
}
export const menu = signal<OpenMenu | undefined>(undefined);

/** Whether there is anything to do with it. */
export const hasMenu = (item: Item): boolean =>
  item.kind === "talk" && item.text !== undefined && item.state !== "failed";

export const canWrite = (view: ConversationView): boolean => !view.left && view.state !== "requested";

export const nameOf = (view: ConversationView, userId: string): string => nameOfUser(userId, view);

/** How long it is said that a text was copied. */
const COPIED_MS = 3_000;

export const ownId = (): string => me.value?.user_id ?? "";

export function reply(view: ConversationView, item: Item): void {
  const quote = { id: item.id, sender: item.sender, text: item.text };
  intent.value = { conversation: view.conversation_id, kind: "reply", quote };
}

export function edit(view: ConversationView, item: Item): void {
  intent.value = { conversation: view.conversation_id, kind: "edit", item };
}

/** Reacts, or takes the reaction back. */
export async function react(view: ConversationView, item: Item, emoji: string): Promise<void> {
  const has = item.reactions.get(emoji)?.has(ownId()) ?? false;
  const body = { type: "reaction" as const, target: item.id, emoji, ...(has ? { remove: true } : {}) };
  await attempt(core.say(view.conversation_id, body));
}

export async function copy(item: Item): Promise<void> {
  try {
    await navigator.clipboard.writeText(item.text ?? "");
    notice(t("copied"), COPIED_MS);
  } catch {
    notice(t("notCopied"));
  }
}

/** Says in words what went wrong, if anything did. */
export async function attempt(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    notice(failure(error));
  }
}

/** What was begun to be answered is answered again, when the store has said what that was. */
export async function replyAgain(conversation: string, id: string): Promise<void> {
  const begun = { conversation, kind: "reply" as const, quote: { id, sender: "", text: undefined } };
  intent.value = begun;
  const [found] = (await core.find(conversation, id)).messages;
  if (!found || intent.peek() !== begun) return;
  const body = bodyOf(found.body_json);
  const text = body && "text" in body ? shownText(body.text) : undefined;
  intent.value = { ...begun, quote: { id, sender: found.sender_user_id, text } };
}
