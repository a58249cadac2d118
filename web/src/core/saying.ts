// What a person says: texts, and what is about other messages. All of it goes through one durable queue.
import { edits } from "./about";
import { type Body, bodyOf } from "./bodies";
import type { Core } from "./core";
import type { Shared } from "./shared";
import type { Outgoing, StoredMessage } from "./store";
import type { ConversationView, Draft } from "./told";
import { editedBy } from "./unread";

/** The server takes no shorter time. */
const LEAST_MS = 1_000;

/** Puts a body into the durable queue and onto the screen; gives its id. What was begun to write there is done. */
export async function say(shared: Shared, conversation_id: string, body: Body): Promise<string> {
  const { core } = shared;
  const txn_id = shared.environment.uuid();
  await core.update(async () => {
    await queue(shared, conversation_id, txn_id, body);
    if (body.type !== "text" && body.type !== "reply") return;
    if (core.conversations.get(conversation_id)?.draft) core.changeView(conversation_id, (view) => delete view.draft);
  });
  shared.sends.ring();
  return txn_id;
}

/** Sends once more what was refused for good. */
export async function retry(shared: Shared, txnId: string): Promise<void> {
  const { core } = shared;
  await core.update(async () => {
    const message = core.outgoing.get(txnId);
    const body = message?.failed && bodyOf(message.body_json);
    if (!message || !body) return;
    await queue(shared, message.conversation_id, shared.environment.uuid(), body);
    drop(core, message);
  });
  shared.sends.ring();
}

/** Takes a message that will never be stored off the screen. */
export async function dismiss({ core }: Shared, txnId: string): Promise<void> {
  await core.update(() => {
    const message = core.outgoing.get(txnId);
    if (message?.failed) drop(core, message);
  });
}

function drop(core: Core, { conversation_id, txn_id }: Outgoing): void {
  core.dropOutgoing(txn_id);
  core.stage({ type: "dropped", conversation_id, txn_id });
}

async function queue(
  { core, environment }: Shared,
  conversation_id: string,
  txn_id: string,
  body: Body,
): Promise<void> {
  const expires = await lifeOf(core, environment.now(), conversation_id, body);
  core.engine.queue(conversation_id, txn_id, body, expires);
  core.unanswered.add(txn_id);
  const message: Outgoing = {
    conversation_id,
    txn_id,
    body_json: JSON.stringify(body),
    queued_at_ms: environment.now(),
    left: false,
    ...(expires === undefined ? {} : { expires_in_ms: expires }),
  };
  core.putOutgoing(message);
  core.stage({ type: "queued", message });
}

/** How long it stays. What is about a message goes with that message, neither before nor after. */
async function lifeOf(core: Core, nowMs: number, id: string, body: Body): Promise<number | undefined> {
  switch (body.type) {
    case "text":
    case "reply":
      return timerOf(core, id);
    case "edit":
    case "reaction": {
      const waiting = core.outgoing.get(body.target);
      if (waiting) return waiting.expires_in_ms;
      const [target] = await core.store.meant(id, [body.target]);
      const expires = target?.expires_at_ms;
      return expires ? Math.max(LEAST_MS, expires - nowMs) : undefined;
    }
    default:
      return undefined;
  }
}

/** The conversation's timer: one's own that waits to be sent is newer than the log's. */
export function timerOf(core: Core, id: string): number | undefined {
  const waiting = [...core.outgoing.values()].filter((message) => message.conversation_id === id && !message.failed);
  const bodies = waiting.map((message) => bodyOf(message.body_json));
  const own = bodies.findLast((body) => body?.type === "timer");
  return own?.type === "timer" ? own.after_ms : core.conversations.get(id)?.timer?.after_ms;
}

/** What the person began to write, kept until it is sent. */
export async function setDraft({ core }: Shared, conversation_id: string, draft: Draft | undefined): Promise<void> {
  await core.update(() =>
    core.changeView(conversation_id, (view) => {
      if (draft) view.draft = draft;
      else delete view.draft;
    }),
  );
}

/** Whether it says a timer again that holds already, for somebody who came in. */
export function repeatsTimer(
  view: ConversationView | undefined,
  message: Pick<StoredMessage, "seq" | "body_json">,
): boolean {
  const body = bodyOf(message.body_json);
  const known = view?.timer;
  if (body?.type !== "timer" || !known || message.seq <= known.seq) return false;
  return known.after_ms === (body.after_ms ?? undefined);
}

/** What a message of the log does to its conversation beyond being shown. */
export function noteBody(view: ConversationView, message: StoredMessage): void {
  const body = bodyOf(message.body_json);
  if (body?.type === "timer" && message.seq > (view.timer?.seq ?? 0)) {
    view.timer = { seq: message.seq, after_ms: body.after_ms ?? undefined };
  }
  const { last } = view;
  const isOfLast = body?.type === "edit" && last && body.target === last.txn_id;
  if (isOfLast && edits(message, last)) view.last = editedBy(last, message);
}
