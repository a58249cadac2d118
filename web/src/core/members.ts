// Who is in a conversation: those whom the signed chain lets in, as far as the server says that they are there.
import type { Core } from "./core";
import type { Membership } from "./engine";
import { addOwnLine } from "./lines";
import { nameOf } from "./names";
import { namePerson } from "./people";
import type { ConversationView, Person } from "./told";
import type { Wire } from "./wire";

/** Takes over a roster that the engine has taken over. The caller holds the lock. */
export function noteMembers(core: Core, roster: Wire["Roster"]): void {
  const state = core.engine.membership(roster.conversation_id);
  const chain = state?.members ?? {};
  const members = roster.members.flatMap(({ user_id, username, state }): Person[] => {
    const entry = Object.hasOwn(chain, user_id) ? chain[user_id] : undefined;
    if (!entry) return [];
    namePerson(core, user_id, username);
    const asked = state === "requested" ? { asked: true } : {};
    return [{ user_id, username: nameOf(username) ?? "?", role: entry.role, ...asked }];
  });
  // Two people stay two: who declined is still whom it is with.
  if (state?.kind === "direct") members.push(...absent(core, Object.entries(chain), members));
  const own = roster.members.find(({ user_id }) => user_id === core.engine.userId);
  core.changeView(roster.conversation_id, (view) => {
    view.members = members;
    noteRetention(view, state);
    if (view.left && own) view.state = own.state;
    view.left = !own;
  });
}

function absent(core: Core, chain: [string, { role: Person["role"] }][], here: Person[]): Person[] {
  const out = chain.filter(([id]) => !here.some(({ user_id }) => user_id === id));
  return out.map(([user_id, { role }]) => ({ user_id, username: core.people.get(user_id)?.username ?? "?", role }));
}

/** Takes over what the chain says after a change. Gives whether somebody came in whose name is not known. */
export function followChain(core: Core, id: string): boolean {
  const state = core.engine.membership(id);
  const view = core.conversations.get(id);
  if (!state || !view) return false;
  const chain = state.members;
  const known = new Set(view.members.map(({ user_id }) => user_id));
  core.changeView(id, (changed) => {
    noteRetention(changed, state);
    changed.members = view.members.flatMap((person) => {
      const entry = Object.hasOwn(chain, person.user_id) ? chain[person.user_id] : undefined;
      return entry ? [{ ...person, role: entry.role }] : [];
    });
  });
  return Object.keys(chain).some((userId) => !known.has(userId));
}

function noteRetention(view: ConversationView, state: Membership | undefined): void {
  const most = state?.retention_ms;
  if (most) view.retention_ms = most;
  else delete view.retention_ms;
}

/** These people's marks are shown, so they agreed to be in. */
export function answered(view: ConversationView, users: string[]): void {
  if (!view.members.some(({ user_id, asked }) => asked && users.includes(user_id))) return;
  view.members = view.members.map((person) => {
    const { asked: _, ...joined } = person;
    return users.includes(person.user_id) ? joined : person;
  });
}

/** This account is out of a conversation, and by whom is not told. */
export function noteOut(core: Core, id: string): void {
  const view = core.conversations.get(id);
  if (!view || view.left) return;
  core.changeView(id, (changed) => {
    changed.left = true;
  });
  const byOthers = !core.leaving.has(id);
  if (view.kind === "group" && view.state === "joined" && byOthers) addOwnLine(core, id, { type: "out" });
}
