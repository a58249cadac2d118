// What apps say to each other inside a message. It comes from other people: nothing about it is believed.

/** A part of a text that stands for a person; positions are UTF-16 code units, as strings here have them. */
export interface Mention {
  user_id: string;
  start: number;
  length: number;
}

/** The body of a message, as crates/e2ee defines it. */
export type Body =
  | { type: "text"; text: string; mentions?: Mention[] }
  | { type: "reply"; target: string; text: string; mentions?: Mention[] }
  | { type: "edit"; target: string; text: string; mentions?: Mention[] }
  | { type: "reaction"; target: string; emoji: string; remove?: boolean }
  | { type: "room_name"; name: string }
  | { type: "timer"; after_ms?: number };

/** What is about another message. */
export type About = Extract<Body, { type: "edit" | "reaction" }>;

const FIELDS: Record<Body["type"], string[]> = {
  text: ["text"],
  reply: ["target", "text"],
  edit: ["target", "text"],
  reaction: ["target", "emoji"],
  room_name: ["name"],
  timer: [],
};

/** What a timer may be: what the server takes as the time of a message. */
const [LEAST_TIMER_MS, MOST_TIMER_MS] = [1_000, 365 * 86_400_000];
/** People that one message mentions, at most; more is noise. */
const MOST_MENTIONS = 100;

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
  if (type === "timer" && !isTimer(body["after_ms"])) return undefined;
  const fields = FIELDS[type as Body["type"]];
  return fields.every((field) => typeof body[field] === "string") ? (value as Body) : undefined;
}

function isTimer(ms: unknown): boolean {
  if (ms === undefined || ms === null) return true;
  return Number.isInteger(ms) && (ms as number) >= LEAST_TIMER_MS && (ms as number) <= MOST_TIMER_MS;
}

/** Whether it is a message of its own, not something about another one. */
export function isTalk(json: string): boolean {
  const type = bodyOf(json)?.type;
  return type === "text" || type === "reply";
}

export const isAbout = (body: Body | undefined): body is About => body?.type === "edit" || body?.type === "reaction";

/** The message that it is about, if it is about one. */
export function aboutOf(json: string): string | undefined {
  const body = bodyOf(json);
  return isAbout(body) ? body.target : undefined;
}

/** The mentions of a body that have a place in its text, in order and apart. */
export function mentionsIn(body: Body): Mention[] {
  if (!("text" in body) || !Array.isArray(body.mentions)) return [];
  const found: Mention[] = [];
  let end = 0;
  const sane = (body.mentions as unknown[]).slice(0, MOST_MENTIONS).filter(isMention);
  for (const mention of sane.sort((one, other) => one.start - other.start)) {
    if (mention.start < end || mention.start + mention.length > body.text.length) continue;
    found.push(mention);
    end = mention.start + mention.length;
  }
  return found;
}

function isMention(value: unknown): value is Mention {
  if (typeof value !== "object" || value === null) return false;
  const { user_id, start, length } = value as Record<string, unknown>;
  const counts = [start, length].every((count) => Number.isSafeInteger(count) && (count as number) >= 0);
  return typeof user_id === "string" && counts && (length as number) > 0;
}

/** The people that a body mentions, each once. */
export function mentionsOf(body: Body): string[] {
  return [...new Set(mentionsIn(body).map(({ user_id }) => user_id))];
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

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u;
const LONGEST_EMOJI = 40;

/** A single emoji; `undefined` for anything else that calls itself one. */
export function emojiOf(text: string): string | undefined {
  const emoji = text.trim();
  if (emoji.length > LONGEST_EMOJI || !PICTURE.test(emoji) || shownText(emoji) !== emoji) return undefined;
  return [...graphemes.segment(emoji)].length === 1 ? emoji : undefined;
}
