// What is known of people. It follows the engine: whenever keys may have changed, the engine is asked, and what it says is
// stored with the keys themselves.
import type { Core } from "./core";
import { addOwnLine } from "./lines";
import { nameOf } from "./names";
import type { TrustChange } from "./outcomes";
import type { Key, PersonView } from "./people-told";

/** Looks at everybody whose keys may have changed. The caller holds the lock. */
export function lookAtPeople(core: Core): void {
  const { touched, userId } = core.engine;
  if (touched.size === 0) return;
  // Both people's keys make the number.
  const all = touched.has(userId) ? new Set([...core.people.keys(), ...touched]) : new Set(touched);
  touched.clear();
  for (const id of all) if (id !== userId) look(core, id);
}

function look(core: Core, userId: string): void {
  const before = core.people.get(userId);
  const now = viewOf(core, userId, before?.username);
  if (JSON.stringify(now) === JSON.stringify(before)) return;
  putPerson(core, now);
  const violated = now.trust === "violated";
  if (violated === (before?.trust === "violated")) return;
  if (!before) return;
  const compared = violated ? now.compared : now.trust === "verified";
  for (const view of core.conversations.values()) {
    if (view.left || !view.members.some((member) => member.user_id === userId)) continue;
    addOwnLine(core, view.conversation_id, { type: violated ? "key_changed" : "key_accepted", who: userId, compared });
  }
}

/** Another device of this account told whom its person compared, or not any more. */
export function noteDecisions(core: Core, people: TrustChange[]): void {
  // A violation shows itself.
  const decided = people.filter(({ trust }) => trust !== "violated");
  if (decided.length === 0) return;
  core.stage({ type: "decided_elsewhere", people: decided });
  for (const { user_id, trust } of decided) {
    const direct = [...core.conversations.values()].find(
      (view) => view.kind === "direct" && !view.left && view.members.some((member) => member.user_id === user_id),
    );
    const body = { type: "verified", who: user_id, verified: trust === "verified" } as const;
    if (direct) addOwnLine(core, direct.conversation_id, body);
  }
}

function viewOf(core: Core, user_id: string, username: string | undefined): PersonView {
  const { engine } = core;
  const keyOf = (key: string | undefined, number: string | undefined): Key | undefined =>
    key && number ? { key, number } : undefined;
  const pinned = keyOf(engine.masterKey(user_id), engine.pinnedSafetyNumber(user_id));
  const offered = keyOf(engine.offeredMasterKey(user_id), engine.safetyNumber(user_id));
  return {
    user_id,
    ...(username ? { username } : {}),
    trust: engine.trust(user_id),
    compared: engine.isCompared(user_id),
    ...(pinned ? { pinned } : {}),
    ...(offered ? { offered } : {}),
    devices: engine.devicesOf(user_id).length,
  };
}

/** The server names a person. */
export function namePerson(core: Core, userId: string, written: string): void {
  const username = nameOf(written);
  const before = core.people.get(userId);
  if (!username || before?.username === username || userId === core.engine.userId) return;
  putPerson(core, before ? { ...before, username } : viewOf(core, userId, username));
}

function putPerson(core: Core, person: PersonView): void {
  core.people.set(person.user_id, person);
  core.saveMeta(`person/${person.user_id}`, person);
  core.stage({ type: "person", person });
}
