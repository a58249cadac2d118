// What a person does with a running client, beyond a single call.
import type { ExistingLink } from "../../build/crypto/crypto";
import type { Core } from "./core";
import { codeOf } from "./errors";
import type { Http } from "./http";
import type { Side } from "./linking";
import { Routes } from "./routes";
import type { Shared } from "./shared";
import type { Wire } from "./wire";

/** Puts a text into the durable queue, and onto the screen. */
export async function sendText(shared: Shared, conversation_id: string, text: string): Promise<string> {
  const { core, environment } = shared;
  const txn_id = environment.uuid();
  const body = { type: "text", text };
  await core.update(() => {
    core.engine.queue(conversation_id, txn_id, body);
    core.unanswered.add(txn_id);
    const queued_at_ms = environment.now();
    const message = { conversation_id, txn_id, body_json: JSON.stringify(body), queued_at_ms };
    core.putOutgoing(message);
    core.stage({ type: "queued", message });
  });
  shared.sends.ring();
  return txn_id;
}

/** Everything up to `read_seq` is read. Without a connection the server hears of it with the next one. */
export async function markRead({ core }: Shared, conversation_id: string, read_seq: number): Promise<void> {
  if ((core.conversations.get(conversation_id)?.read_seq ?? 0) >= read_seq) return;
  await core.update(() => {
    core.changeView(conversation_id, (view) => {
      [view.read_seq, view.unread] = [read_seq, 0];
    });
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
  for (const { conversation_id, read_seq, told_read_seq = 0, left } of core.conversations.values()) {
    const said = saidRead.get(conversation_id)?.seq ?? 0;
    if (left || Math.max(said, told_read_seq) >= read_seq) continue;
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

/** Begins the conversation with somebody of this exact name, or gives the one that exists. */
export async function startDirect(shared: Shared, username: string): Promise<string> {
  const { core, routes, environment } = shared;
  const found = await routes.getUserByName(username);
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
  await core.update(() =>
    core.changeView(id, (view) => {
      if (accept) view.state = "joined";
      else view.left = true;
    }),
  );
}

/** This device in a linking of another one. */
export function existingSide(shared: Shared, link: ExistingLink): Side {
  const { core } = shared;
  return {
    link,
    anonymous: false,
    handle: (event, monotonicMs, nowMs) =>
      core.update(() => link.handle(core.engine.machine, event, monotonicMs, nowMs)),
    completed: async () => {},
    done: async () => {
      await shared.queryUser(core.engine.userId);
      await core.update(() => {
        // The person has just let it in: no alert.
        core.setKnownDevices(core.engine.devicesOf(core.engine.userId).map(({ device_id }) => device_id));
        core.stage({ type: "devices_changed" });
      });
    },
  };
}

/** The account's list as the server has it, this device in it. If it does not come now, it does with the socket. */
export async function learnOwnKeys(core: Core, http: Http, session: Wire["SessionResponse"]): Promise<void> {
  http.adopt(session);
  const query = core.engine.queryFor([core.engine.userId]);
  const found = await new Routes(http).queryKeys(query).catch(() => undefined);
  if (found) await core.update(() => core.engine.receiveIdentities(found.identities));
}
