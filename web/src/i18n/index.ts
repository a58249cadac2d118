// Words and times in the person's language.
import { en } from "./en";
import { vi } from "./vi";

export type Catalogue = typeof en;
type Words = { [K in keyof Catalogue]: Catalogue[K] extends string ? K : never }[keyof Catalogue];

const CATALOGUES: Record<string, Catalogue> = { en, vi };

/** The first of the person's languages that there is a catalogue of. */
export function pickLanguage(wanted: readonly string[]): string {
  const known = wanted.map((tag) => tag.split("-")[0] ?? "").find((tag) => Object.hasOwn(CATALOGUES, tag));
  return known ?? "en";
}

const wanted = typeof navigator === "undefined" ? [] : navigator.languages;
export const language = pickLanguage(wanted);
/** As the person writes times and numbers: with the country, if the language is theirs. */
const locale = wanted.find((tag) => tag.split("-")[0] === language) ?? language;
const words = CATALOGUES[language] ?? en;
const plurals = new Intl.PluralRules(locale);

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function t(key: Words, values: Record<string, string | number> = {}): string {
  return fill(words[key], values);
}

type Counted = {
  [K in keyof Catalogue]: Catalogue[K] extends { one: string; other: string } ? K : never;
}[keyof Catalogue];

/** So many of something. */
export function counted(key: Counted, count: number): string {
  const form = plurals.select(count) === "one" ? "one" : "other";
  return fill(words[key][form], { count: new Intl.NumberFormat(locale).format(count) });
}

export const unreadCount = (count: number): string => counted("unread", count);

/** Why a message can't be read, by its code. */
export function whyUnreadable(code: string): string {
  return Object.hasOwn(words.why, code) ? words.why[code as keyof Catalogue["why"]] : words.whyUnknown;
}

/** "Anna, Binh and Chi" in pieces, so that each name can stand by itself. */
export function listParts(names: string[]): { type: "element" | "literal"; value: string }[] {
  return new Intl.ListFormat(locale).formatToParts(names);
}

/** What went wrong, by its code. */
export function errorText(code: string): string {
  if (Object.hasOwn(words.errors, code)) return words.errors[code as keyof Catalogue["errors"]];
  return code === "Unreachable" ? words.errorUnreachable : words.errorDefault;
}

/** Why a linking came to nothing. */
export function linkErrorText(code: string): string {
  const known = words.linkErrors;
  return Object.hasOwn(known, code) ? known[code as keyof typeof known] : errorText(code);
}

const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
const shortDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

export const timeOf = (ms: number): string => clock.format(ms);
export const dayOf = (ms: number): string => day.format(ms);

/** The time of today, else the day. */
export function briefTime(ms: number, nowMs: number): string {
  return new Date(ms).toDateString() === new Date(nowMs).toDateString() ? clock.format(ms) : shortDay.format(ms);
}

const LENGTHS: [string, number][] = [
  ["week", 604_800_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];

/** "4 weeks", "2 hours": in the largest unit that it has one of. */
export function duration(ms: number, unitDisplay: "long" | "short" = "long"): string {
  const [unit, size] = LENGTHS.find(([, size]) => ms >= size) ?? (["second", 1_000] as const);
  const count = Math.max(1, Math.round(ms / size));
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay }).format(count);
}

export const listOf = (names: string[]): string => new Intl.ListFormat(locale).format(names);

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** "3 hours ago". */
export function ago(ms: number, nowMs: number): string {
  const past = Math.max(0, nowMs - ms);
  const [unit, size] = UNITS.find(([, size]) => past >= size) ?? (["minute", 60_000] as const);
  return relative.format(-Math.floor(past / size), unit);
}
