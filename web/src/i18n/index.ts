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
  words: Catalogue;
  plurals: Intl.PluralRules;
  number: Intl.NumberFormat;
  clock: Intl.DateTimeFormat;
  day: Intl.DateTimeFormat;
  shortDay: Intl.DateTimeFormat;
  relative: Intl.RelativeTimeFormat;
}

const speech = signal<Speech | undefined>(undefined);

/** Speaks this language from now on, `system`: the browser's. What is shown follows. Errors: it could not be fetched. */
export async function speak(choice: string): Promise<void> {
  const wanted = typeof navigator === "undefined" ? [] : navigator.languages;
  const language = Object.hasOwn(CATALOGUES, choice) ? choice : pickLanguage(wanted);
  const words = await (CATALOGUES[language] as () => Promise<Catalogue>)();
  // As the person writes times and numbers: with the country, if the language is theirs.
  const locale = wanted.find((tag) => tag.split("-")[0] === language) ?? language;
  speech.value = {
    language,
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

/** The form of `forms` that this count takes, with the count in it. */
export function counted(forms: { one: string; other: string }, count: number): string {
  const { plurals, number } = now();
  return fill(forms[plurals.select(count) === "one" ? "one" : "other"], { count: number.format(count) });
}

export const unreadCount = (count: number): string => counted(now().words.unread, count);

/** What went wrong, by its code. */
export function errorText(code: string): string {
  const { words } = now();
  if (Object.hasOwn(words.errors, code)) return words.errors[code as keyof Catalogue["errors"]];
  return code === "Unreachable" ? words.errorUnreachable : words.errorDefault;
}

export const language = (): string => now().language;
export const timeOf = (ms: number): string => now().clock.format(ms);
export const dayOf = (ms: number): string => now().day.format(ms);

/** The time of today, else the day. */
export function briefTime(ms: number, nowMs: number): string {
  const { clock, shortDay } = now();
  return new Date(ms).toDateString() === new Date(nowMs).toDateString() ? clock.format(ms) : shortDay.format(ms);
}

/** "1.5 MB" */
export function sizeOf(bytes: number): string {
  const [unit, size] = bytes < 1_000_000 ? (["kilobyte", 1e3] as const) : (["megabyte", 1e6] as const);
  const format = { style: "unit", unit, maximumFractionDigits: unit === "megabyte" ? 1 : 0 } as const;
  return new Intl.NumberFormat(language(), format).format(bytes / size);
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
