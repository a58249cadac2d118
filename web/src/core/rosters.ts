// Looking at who is in where a person would notice. Everywhere else the next send asks by itself: in a big group one new
// phone of one member is not worth a question of everybody.
import { type Shared, unlessGone } from "./shared";

/** Changes often come in runs. */
const MOMENT_MS = 150;
/** Up to so many members everybody looks. */
const SMALL = 32;

const waiting = new WeakMap<Shared, Set<string>>();
const shown = new WeakMap<Shared, Set<string>>();

const setOf = (sets: WeakMap<Shared, Set<string>>, shared: Shared): Set<string> => {
  const found = sets.get(shared) ?? new Set<string>();
  sets.set(shared, found);
  return found;
};

/** The roster moved on. */
export function rosterMoved(shared: Shared, id: string): void {
  const view = shared.core.conversations.get(id);
  const isSmall = view !== undefined && view.members.length <= SMALL;
  if (isSmall || setOf(shown, shared).has(id)) void soon(shared, id);
}

/** A page shows the conversation. */
export async function lookAt(shared: Shared, id: string): Promise<void> {
  setOf(shown, shared).add(id);
  await soon(shared, id);
}

async function soon(shared: Shared, id: string): Promise<void> {
  const asked = setOf(waiting, shared);
  if (asked.has(id)) return;
  asked.add(id);
  await shared.environment.sleep(MOMENT_MS);
  asked.delete(id);
  if (shared.ended || shared.core.conversations.get(id)?.left) return;
  // What fails now is asked by the next send, or when it is shown again.
  await unlessGone(shared.refreshRoster(id)).catch(() => undefined);
}
