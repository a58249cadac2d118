// Finding people, and what members do to a group.
import type { Core } from "./core";
import { codeOf, Declined } from "./errors";
import { addOwnLine } from "./lines";
import { nameOf } from "./names";
import { namePerson } from "./people";
import type { FoundPerson } from "./people-told";
import { timerOf } from "./saying";
import { type Shared, unlessGone } from "./shared";
import type { Wire } from "./wire";

/** Times that a change is signed again because somebody else was first. */
const ATTEMPTS = 4;

/** Looks somebody up and pins the key, so that a conversation can begin. */
export async function findPerson(shared: Shared, username: string): Promise<FoundPerson> {
  const { core, routes } = shared;
  const found = await routes.getUserByName(username);
  const { user_id, master_key } = found;
  if (user_id === core.engine.userId) throw new Declined("Oneself");
  if (master_key.user_id !== user_id) throw new Declined("KeysDiffer");
  const pinned = await core.update(() => {
    namePerson(core, user_id, found.username);
    return core.engine.pinMasterKey(master_key);
  });
  // Another key than the known one: the engine has to see it, and a person to decide.
  if (!pinned) await shared.queryUser(user_id).catch(() => undefined);
  return { user_id, username: nameOf(found.username) ?? username };
}

/** Begins a group with this account as its admin. People are known from [`findPerson`] or a shared conversation. */
export async function createGroup(shared: Shared, name: string, others: string[]): Promise<string> {
  const { core, routes, environment } = shared;
  const id = environment.uuid();
  const request = await core.turn(() => core.engine.createConversation(id, "group", others));
  try {
    await routes.createConversation(request);
  } catch (error) {
    // An earlier attempt came through, only its answer did not.
    if (codeOf(error) !== "already_exists") throw error;
  }
  await shared.refreshRoster(id);
  await renameGroup(shared, id, name);
  return id;
}

/** The name is a message: only members read it. */
export async function renameGroup(shared: Shared, id: string, written: string): Promise<void> {
  const name = nameOf(written);
  if (!name) return;
  const { core, environment } = shared;
  await core.update(() => core.engine.queue(id, environment.uuid(), { type: "room_name", name }));
  shared.sends.ring();
}

export async function addMembers(shared: Shared, id: string, userIds: string[]): Promise<void> {
  const { core } = shared;
  const members = await core.turn(() => [...userIds].sort().map((userId) => core.engine.newMember(userId, "member")));
  await changeMembership(shared, id, { type: "add", members });
  await sayAgain(shared, id);
}

/** Newcomers read nothing that was written before, so neither name nor timer. Who knows them is shown nothing. */
async function sayAgain({ core, environment, sends }: Shared, id: string): Promise<void> {
  const name = core.conversations.get(id)?.name?.text;
  const after_ms = timerOf(core, id);
  await core.update(() => {
    if (name) core.engine.queue(id, environment.uuid(), { type: "room_name", name });
    if (after_ms) core.engine.queue(id, environment.uuid(), { type: "timer", after_ms });
  });
  sends.ring();
}

export async function leaveGroup(shared: Shared, id: string): Promise<void> {
  const { core } = shared;
  core.leaving.add(id);
  try {
    await changeMembership(shared, id, { type: "leave" });
    await core.update(() => left(core, id));
  } finally {
    core.leaving.delete(id);
  }
}

function left(core: Core, id: string): void {
  const index = (core.engine.membership(id)?.index ?? 0) + 1;
  addOwnLine(core, id, { type: "left", by: core.engine.userId, index });
  core.changeView(id, (view) => {
    view.left = true;
  });
}

/** Signs the next link of the chain and appends it; if somebody else was first, signs again on top of that. */
export async function changeMembership(shared: Shared, id: string, action: Wire["MembershipAction"]): Promise<void> {
  const { core, routes } = shared;
  for (let attempt = 0; ; attempt += 1) {
    await shared.refreshRoster(id);
    const request = await core.turn(() => core.engine.changeMembership(id, action));
    try {
      await routes.changeMembership(id, request);
      break;
    } catch (error) {
      if (codeOf(error) !== "chain_conflict" || attempt >= ATTEMPTS) throw error;
    }
  }
  // Who left may not ask for the roster any more.
  if (action.type !== "leave") await unlessGone(shared.refreshRoster(id));
}
