// What a person does with a running client, beyond a single call.
import type { Core } from "./core";
import { codeOf, Declined } from "./errors";
import type { Shared } from "./shared";

/** Everything up to `read_seq` is read. Without a connection the server hears of it with the next one. */
export async function markRead({ core }: Shared, conversation_id: string, read_seq: number): Promise<void> {
  await core.update(() => {
    core.read(conversation_id, read_seq);
    tellRead(core);
  });
}

/**
 * Tells the server of everything that is read and that it does not know. A socket may be dead already: what was said
 * counts as told when a ping after it is answered. The caller holds the lock.
 */
export function tellRead(core: Core): void {
  const { say, saidRead } = core;
  if (!say) return;
  for (const view of core.conversations.values()) {
    const { conversation_id, told_read_seq = 0 } = view;
    // What this person wrote needs no mark, what they answered does.
    const read_seq = Math.min(view.read_seq, view.heard_seq ?? view.read_seq);
    const said = saidRead.get(conversation_id)?.seq ?? 0;
    // Strangers are told nothing.
    if (view.left || view.state === "requested" || Math.max(said, told_read_seq) >= read_seq) continue;
    say({ type: "mark", conversation_id, read_seq });
    saidRead.set(conversation_id, { seq: read_seq, nonce: core.nonce + 1 });
  }
  if (![...saidRead.values()].some(({ nonce }) => nonce > core.nonce)) return;
  core.nonce += 1;
  say({ type: "ping", nonce: core.nonce });
}

/** A ping was answered: what was said before it is known to the server. The caller holds the lock. */
export function readWasHeard(core: Core, answered: number): void {
  for (const [id, { seq, nonce }] of core.saidRead) {
    if (nonce > answered) continue;
    core.saidRead.delete(id);
    core.changeView(id, (view) => {
      view.told_read_seq = Math.max(view.told_read_seq ?? 0, seq);
    });
  }
}

/**
 * Begins the conversation with somebody of this exact name, or gives the one that exists. With `userId` the name has to be
 * this person's still. Errors: `NameMoved`.
 */
export async function startDirect(shared: Shared, username: string, userId?: string): Promise<string> {
  const { core, routes, environment } = shared;
  const found = await routes.getUserByName(username);
  if (userId !== undefined && found.user_id !== userId) throw new Declined("NameMoved");
  const id = environment.uuid();
  const request = await core.update(() => {
    core.engine.pinMasterKey(found.master_key);
    return core.engine.createConversation(id, "direct", [found.user_id]);
  });
  let made = id;
  try {
    made = (await routes.createConversation(request)).conversation_id;
  } catch (error) {
    // An earlier attempt came through, only its answer did not.
    if (codeOf(error) !== "already_exists") throw error;
  }
  await shared.refreshRoster(made);
  return made;
}

/** Accepts or declines a message request. */
export async function answerRequest({ core, routes }: Shared, id: string, accept: boolean): Promise<void> {
  await (accept ? routes.acceptConversation(id) : routes.declineConversation(id));
  await core.update(() => {
    core.changeView(id, (view) => {
      if (accept) view.state = "joined";
      else view.left = true;
    });
    tellRead(core);
  });
}

export async function setMuted({ core }: Shared, id: string, muted: boolean): Promise<void> {
  await core.update(() =>
    core.changeView(id, (view) => {
      if (muted) view.muted = true;
      else delete view.muted;
    }),
  );
}

/** Strangers are told nothing. */
export function setTyping({ core }: Shared, conversation_id: string, typing: boolean): void {
  if (core.conversations.get(conversation_id)?.state === "requested") return;
  core.say?.({ type: "typing", conversation_id, typing });
}
