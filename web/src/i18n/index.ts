// Words and times in the person's language. The catalogue of one language is fetched, when it is needed.
import { signal } from "@preact/signals";
import type { en } from "./en";

export type Catalogue = typeof en;
export type Words = { [K in keyof Catalogue]: Catalogue[K] extends string ? K : never }[keyof Catalogue];

const CATALOGUES: Record<string, () => Promise<Catalogue>> = {
  en: () => import("./en").then(({ en }) => en),
  vi: () => import("./vi").then(({ vi }) => vi),
};

/** The first of the person's languages that there is a catalogue of. */
export function pickLanguage(wanted: readonly string[]): string {
  const known = wanted.map((tag) => tag.split("-")[0] ?? "").find((tag) => Object.hasOwn(CATALOGUES, tag));
  return known ?? "en";
}

interface Speech {
  language: string;
  /** As the person writes times and numbers: with the country, if the language is theirs. */
  locale: string;
  words: Catalogue;
  plurals: Intl.PluralRules;
  number: Intl.NumberFormat;
  clock: Intl.DateTimeFormat;
  day: Intl.DateTimeFormat;
  shortDay: Intl.DateTimeFormat;
  relative: Intl.RelativeTimeFormat;
}

const speech = signal<Speech | undefined>(undefined);

/** The language of a choice, `system`: the browser's. */
export const languageOf = (choice: string): string =>
  Object.hasOwn(CATALOGUES, choice)
    ? choice
    : pickLanguage(typeof navigator === "undefined" ? [] : navigator.languages);

/** Speaks this language from now on, `system`: the browser's. What is shown follows. Errors: it could not be fetched. */
export async function speak(choice: string): Promise<void> {
  const wanted = typeof navigator === "undefined" ? [] : navigator.languages;
  const language = languageOf(choice);
  const words = await (CATALOGUES[language] as () => Promise<Catalogue>)();
  const locale = wanted.find((tag) => tag.split("-")[0] === language) ?? language;
  speech.value = {
    language,
    locale,
    words,
    plurals: new Intl.PluralRules(locale),
    number: new Intl.NumberFormat(locale),
    clock: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }),
    day: new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" }),
    shortDay: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" }),
    relative: new Intl.RelativeTimeFormat(locale, { numeric: "auto" }),
  };
  if (typeof document !== "undefined") document.documentElement.lang = language;
}

function now(): Speech {
  if (!speech.value) throw new Error("speak() comes first");
  return speech.value;
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function t(key: Words, values: Record<string, string | number> = {}): string {
  return fill(now().words[key], values);
}

type Counted = {
  [K in keyof Catalogue]: Catalogue[K] extends { one: string; other: string } ? K : never;
}[keyof Catalogue];

/** So many of something. */
export function counted(key: Counted, count: number): string {
  const { plurals, number, words } = now();
  const form = plurals.select(count) === "one" ? "one" : "other";
  return fill(words[key][form], { count: number.format(count) });
}

/** Why a message can't be read, by its code. */
export function whyUnreadable(code: string): string {
  const { words } = now();
  return Object.hasOwn(words.why, code) ? words.why[code as keyof Catalogue["why"]] : words.whyUnknown;
}

/** "Anna, Binh and Chi" in pieces, so that each name can stand by itself. */
export function listParts(names: string[]): { type: "element" | "literal"; value: string }[] {
  return new Intl.ListFormat(now().locale).formatToParts(names);
}

export const unreadCount = (count: number): string => counted("unread", count);

/** What went wrong, by its code. */
export function errorText(code: string): string {
  const { words } = now();
  if (Object.hasOwn(words.errors, code)) return words.errors[code as keyof Catalogue["errors"]];
  return code === "Unreachable" ? words.errorUnreachable : words.errorDefault;
}

/** The same where people and groups are what it is about. */
export function peopleErrorText(code: string): string {
  const known = now().words.peopleErrors;
  return Object.hasOwn(known, code) ? known[code as keyof typeof known] : errorText(code);
}

/** What the encryption engine found, by its name. */
export function alarmText(alarm: string): string {
  const { words } = now();
  return Object.hasOwn(words.alarms, alarm) ? words.alarms[alarm as keyof Catalogue["alarms"]] : words.alarm;
}

/** Why a linking came to nothing. */
export function linkErrorText(code: string): string {
  const known = now().words.linkErrors;
  return Object.hasOwn(known, code) ? known[code as keyof typeof known] : errorText(code);
}

export const language = (): string => now().language;
export const timeOf = (ms: number): string => now().clock.format(ms);
export const dayOf = (ms: number): string => now().day.format(ms);

const DAY_MS = 86_400_000;
const dayNumber = (ms: number) => Math.floor(ms / DAY_MS - new Date(ms).getTimezoneOffset() / 1_440);

/** Whether both times are of one day here. Far cheaper than to write both days down. */
export const isSameDay = (one: number, other: number): boolean => dayNumber(one) === dayNumber(other);

/** The time of today, else the day. */
export function briefTime(ms: number, nowMs: number): string {
  const { clock, shortDay } = now();
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
  return new Intl.NumberFormat(now().locale, { style: "unit", unit, unitDisplay }).format(count);
}

export const listOf = (names: string[]): string => new Intl.ListFormat(now().locale).format(names);

/** "1.5 MB" */
export function sizeOf(bytes: number): string {
  const [unit, size] = bytes < 1_000_000 ? (["kilobyte", 1e3] as const) : (["megabyte", 1e6] as const);
  const format = { style: "unit", unit, maximumFractionDigits: unit === "megabyte" ? 1 : 0 } as const;
  return new Intl.NumberFormat(now().locale, format).format(bytes / size);
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** "3 hours ago". */
export function ago(ms: number, nowMs: number): string {
  const past = Math.max(0, nowMs - ms);
  const [unit, size] = UNITS.find(([, size]) => past >= size) ?? (["minute", 60_000] as const);
  return now().relative.format(-Math.floor(past / size), unit);
}
