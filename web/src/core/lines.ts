// What happened in a conversation beside its messages: who came and went, names, keys. Kept by conversation, the newest.

import type { Core } from "./core";
import { nameOf } from "./names";
import type { Line, LineBody } from "./people-told";
import type { Event, Wire } from "./wire";

const KEPT = 300;
/** People that one line names. */
const NAMED = 20;

/** The caller holds the lock. */
export function addLine(core: Core, id: string, line: Line): void {
  const before = core.lines.get(id) ?? [];
  if (before.some((known) => isSame(known.body, line.body))) return;
  const at = before.findLastIndex(({ seq }) => seq <= line.seq) + 1;
  const lines = before.toSpliced(at, 0, line).slice(-KEPT);
  core.lines.set(id, lines);
  core.saveMeta(`lines/${id}`, lines);
  core.stage({ type: "lines", conversation_id: id, lines });
  // The person did it, elsewhere: no reason to move the chat.
  if (line.body.type === "verified") return;
  core.changeView(id, (view) => {
    view.stirred_at_ms = Math.max(view.stirred_at_ms ?? 0, line.at_ms);
  });
}

/** A link of the chain is told once, whatever the server repeats. */
function isSame(one: LineBody, other: LineBody): boolean {
  return "index" in one && "index" in other && one.index === other.index;
}

/** A line of this device's own, after everything that is known of the conversation. */
export function addOwnLine(core: Core, id: string, body: LineBody): void {
  addLine(core, id, { seq: core.cursor(id), at_ms: core.environment.now(), body });
}

/** A verified change of members. */
export function noteChange(core: Core, event: Event, change: Wire["MembershipChange"]): void {
  const { action, actor_user_id: by, index } = change;
  const body = lineOf(action, by, index);
  if (body) addLine(core, event.conversation_id, { seq: event.seq, at_ms: event.created_at_ms, body });
}

function lineOf(action: Wire["MembershipAction"], by: string, index: number): LineBody | undefined {
  switch (action.type) {
    case "create":
      return action.kind === "group" ? { type: "created", by, index } : undefined;
    case "add": {
      const all = action.members.map(({ user_id }) => user_id);
      return { type: "added", by, who: all.slice(0, NAMED), more: Math.max(0, all.length - NAMED), index };
    }
    case "remove":
      return { type: "removed", by, who: action.user_id, index };
    case "leave":
      return { type: "left", by, index };
    case "set_role":
      return { type: "role", by, who: action.user_id, role: action.role, index };
    case "set_retention":
      return { type: "timer", by, ms: action.retention_ms ?? null, index };
    default:
      return undefined;
  }
}

interface Naming {
  conversation_id: string;
  seq: number;
  created_at_ms: number;
  sender_user_id: string;
}

/** Somebody wrote the group's name: the newest one counts. Two people have the other one's name and no other. */
export function noteName(core: Core, message: Naming, written: string): void {
  const { conversation_id: id, seq, created_at_ms, sender_user_id: by } = message;
  const view = core.conversations.get(id);
  const text = nameOf(written);
  if (view?.kind !== "group" || !text || (view.name && view.name.seq >= seq)) return;
  // Newcomers are told the name again.
  const isNews = view.name?.text !== text;
  core.changeView(id, (changed) => {
    changed.name = { text, seq };
  });
  if (isNews) addLine(core, id, { seq, at_ms: created_at_ms, body: { type: "named", by, name: text } });
}
