// What the person is about to do in a conversation: answer, change, look at what can be done with a message.
import { signal } from "@preact/signals";
import { bodyOf, shownText } from "./core/bodies";
import type { ConversationView } from "./core/told";
import { t } from "./i18n";
import { core, failure, me, notice } from "./state";
import type { Item, Quote } from "./thread";
import { context, messages } from "./window";

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
export const hasMenu = (item: Item): boolean => item.kind === "talk" && item.text !== undefined && !item.failed;

export function nameOf(view: ConversationView, userId: string): string {
  return view.members.find((member) => member.user_id === userId)?.username ?? "?";
}

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
    notice(t("copied"));
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

/** A message that is answered, as far as it is in memory. */
export function quoteOf(id: string): Quote {
  const found = [...messages.value, ...context.value.values()].find((message) => message.txn_id === id);
  const body = found && bodyOf(found.body_json);
  const text = body && "text" in body ? shownText(body.text) : undefined;
  return { id, sender: found?.sender_user_id ?? "", text };
}
