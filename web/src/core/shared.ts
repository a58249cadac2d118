// What the tasks of one client share, and the questions to the server that all of them ask.
import { Keeper } from "./backup";
import type { Core } from "./core";
import type { Environment } from "./environment";
import { isGone } from "./errors";
import { noteMembers } from "./members";
import { Bell, Mutex } from "./mutex";
import type { RosterQuery } from "./outcomes";
import type { Errand } from "./receiving";
import type { Routes } from "./routes";
import type { Wire } from "./wire";

export class Shared {
  /** There may be something to send. */
  readonly sends = new Bell();
  /** The connection has to be made anew. */
  reconnect: () => void = () => {};
  /** One key upload at a time. */
  readonly keys = new Mutex();
  readonly backup = new Keeper();
  /** What inbox items asked for; done once they are stored, whichever connection stores them. */
  readonly errands: Errand[] = [];
  /** Devices in a linking: they get what they need from that. */
  readonly beingLinked = new Set<string>();
  ended = false;

  constructor(
    readonly core: Core,
    readonly routes: Routes,
    readonly environment: Environment,
  ) {}

  /** Asks for identities and takes them over. */
  async query(request: Wire["QueryKeysRequest"]): Promise<void> {
    const response = await this.routes.queryKeys(request);
    await this.core.update(() => this.core.engine.receiveIdentities(response.identities));
  }

  /** Asks for this person's identity, as far as it is not known. */
  async queryUser(userId: string): Promise<void> {
    await this.query(await this.core.turn(() => this.core.engine.queryFor([userId])));
  }

  /** Fetches a roster, and the keys that are needed to verify it. */
  async fetchRoster(query: RosterQuery): Promise<void> {
    const { core } = this;
    const roster = await this.routes.getRoster(query);
    if (core.conversations.get(query.conversation_id)?.left !== false) {
      const conversation = await this.routes.getConversation(query.conversation_id);
      await core.update(() => noteConversation(core, conversation));
    }
    const unknown = await core.update(() => {
      const users = core.engine.receiveRoster(roster);
      noteMembers(core, roster);
      return users;
    });
    if (unknown.length === 0) return;
    await this.query(await core.turn(() => core.engine.queryFor(unknown)));
    await core.update(() => {
      core.engine.receiveRoster(roster);
      noteMembers(core, roster);
    });
  }

  async refreshRoster(conversationId: string): Promise<void> {
    await this.fetchRoster(await this.core.turn(() => this.core.engine.rosterQuery(conversationId)));
  }
}

/** A conversation as the server has it now. The caller holds the lock. */
export function noteConversation(core: Core, conversation: Wire["Conversation"]): void {
  const { conversation_id, kind, state, read_seq } = conversation;
  if (!core.conversations.has(conversation_id)) {
    core.putView({ conversation_id, kind, state, read_seq, members: [], marks: {}, unread: 0 });
  }
  core.changeView(conversation_id, (view) => {
    view.state = state;
    view.left = false;
    view.told_read_seq = Math.max(view.told_read_seq ?? 0, read_seq);
  });
  core.read(conversation_id, read_seq);
}

/** A conversation that this account is not in any more is no reason to stop. */
export async function unlessGone(asked: Promise<void>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
