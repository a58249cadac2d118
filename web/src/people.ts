// What the page shows about people and groups, as signals.
import { signal } from "@preact/signals";
import type { Line, PeopleSnapshot, PeopleTold, PersonView } from "./core/people-told";
import { CoreError } from "./core/rpc";
import type { ConversationView, Person } from "./core/told";

export const people = signal<ReadonlyMap<string, PersonView>>(new Map());
export const lines = signal<ReadonlyMap<string, Line[]>>(new Map());
export const blocks = signal<ReadonlySet<string>>(new Set());
/** Requests that the person declined a moment ago and may still take back. */
export const declining = signal<ReadonlySet<string>>(new Set());

/** What the side sheet shows. */
export interface SheetOf {
  conversation: string;
  /** One of its people; absent: the group. */
  person?: string;
  verify?: boolean;
}
export const sheet = signal<SheetOf | undefined>(undefined);

export function hearPeople(told: PeopleTold): void {
  switch (told.type) {
    case "person":
      people.value = new Map(people.value).set(told.person.user_id, told.person);
      break;
    case "lines":
      lines.value = new Map(lines.value).set(told.conversation_id, told.lines);
      break;
    case "blocks":
      blocks.value = new Set(told.user_ids);
      break;
  }
}

export function showPeople(all: PeopleSnapshot): void {
  people.value = new Map(all.people.map((person) => [person.user_id, person]));
  lines.value = new Map(all.lines);
  blocks.value = new Set(all.blocks);
}

export function forgetPeople(): void {
  showPeople({ people: [], lines: [], blocks: [] });
  sheet.value = undefined;
  declining.value = new Set();
}

/** A person's name; of somebody whom the server never named, the beginning of the id. */
export function nameOfUser(userId: string, view?: ConversationView): string {
  const member = view?.members.find((person) => person.user_id === userId);
  return member?.username ?? people.value.get(userId)?.username ?? userId.slice(0, 8);
}

export function othersOf(view: ConversationView, own: string): Person[] {
  return view.members.filter((member) => member.user_id !== own);
}

/** The other one of two. */
export function partnerOf(view: ConversationView, own: string): Person | undefined {
  return view.kind === "direct" ? othersOf(view, own)[0] : undefined;
}

export const isVerified = (userId: string | undefined): boolean =>
  userId !== undefined && people.value.get(userId)?.trust === "verified";

/** People for whom nothing is sent until this person decides, as the engine says. */
export function undecided(view: ConversationView, own: string): PersonView[] {
  if (view.left || view.state === "requested") return [];
  return othersOf(view, own).flatMap(({ user_id }) => {
    const person = people.value.get(user_id);
    return person?.trust === "violated" ? [person] : [];
  });
}

/** What a member may do in a group, by the role that the signed chain gives. */
export interface Rights {
  admin: boolean;
  /** Nobody else is an admin: the role can't be given up while others are in. */
  lastAdmin: boolean;
}

export function rightsOf(view: ConversationView, own: string): Rights {
  const isIn = !view.left && view.state === "joined" && view.kind === "group";
  const admins = view.members.filter(({ role }) => role === "admin").map(({ user_id }) => user_id);
  const admin = isIn && admins.includes(own);
  return { admin, lastAdmin: admin && admins.length === 1 && view.members.length > 1 };
}

/** Who sent a request: the other one of two, or whoever brought this person into the group. */
export function askerOf(view: ConversationView, own: string): string | undefined {
  if (view.kind === "direct") return othersOf(view, own)[0]?.user_id;
  const brought = (lines.value.get(view.conversation_id) ?? []).findLast(
    ({ body }) => body.type === "created" || (body.type === "added" && body.who.includes(own)),
  );
  return brought && "by" in brought.body ? brought.body.by : undefined;
}

/** Groups that both are in. */
export function sharedGroups(all: Iterable<ConversationView>, userId: string): ConversationView[] {
  return [...all].filter(
    (view) =>
      view.kind === "group" &&
      !view.left &&
      view.state === "joined" &&
      view.members.some((member) => member.user_id === userId),
  );
}

/** An error that has words in the catalogue. */
export const refuse = (code: string): CoreError => new CoreError({ code, message: code, retryAfterMs: 0 });
