// What apps say to each other inside a message. It comes from other people: nothing about it is believed.

/** The body of a message, as crates/e2ee defines it. */
export type Body =
  | { type: "text"; text: string }
  | { type: "reply"; target: string; text: string }
  | { type: "edit"; target: string; text: string }
  | { type: "reaction"; target: string; emoji: string; remove?: boolean }
  | { type: "room_name"; name: string };

const FIELDS: Record<Body["type"], string[]> = {
  text: ["text"],
  reply: ["target", "text"],
  edit: ["target", "text"],
  reaction: ["target", "emoji"],
  room_name: ["name"],
};

/** The body; `undefined` if it is malformed or of a type that this version does not know. */
export function bodyOf(json: string): Body | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const body = value as Record<string, unknown>;
  const type = body["type"];
  if (typeof type !== "string" || !Object.hasOwn(FIELDS, type)) return undefined;
  const fields = FIELDS[type as Body["type"]];
  return fields.every((field) => typeof body[field] === "string") ? (value as Body) : undefined;
}

/** Whether it is a message of its own, not something about another one. */
export function isTalk(json: string): boolean {
  const type = bodyOf(json)?.type;
  return type === "text" || type === "reply";
}

/** Direction marks, zero-width characters and controls: what lets a text look like something else or hide in it. */
const HIDDEN =
  /[[\p{Cc}--[\t\n]]\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u200c\u200d](?=[\u200c\u200d])/gv;
/** More marks than this on one letter are noise that leaves its line. */
const STACKED = /(\p{M}{4})\p{M}+/gu;

/** A stranger's text as it may be shown. */
export function shownText(text: string): string {
  return text.replace(HIDDEN, "").replace(STACKED, "$1");
}
