import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  ago,
  alarmText,
  errorText,
  language,
  linkErrorText,
  peopleErrorText,
  pickLanguage,
  speak,
  t,
} from "../src/i18n";
import { en } from "../src/i18n/en";
import { vi } from "../src/i18n/vi";

test("the first language that there is a catalogue of is taken, English if none", () => {
  expect(pickLanguage(["fr-FR", "vi-VN", "en"])).toBe("vi");
  expect(pickLanguage(["fr"])).toBe("en");
  expect(pickLanguage(["__proto__", "toString"])).toBe("en");
});

test("every language fills in the same values", () => {
  const holes = (text: unknown) => (JSON.stringify(text).match(/\{\w+\}/g) ?? []).sort();
  for (const [key, text] of Object.entries(en))
    expect([key, holes(vi[key as keyof typeof vi])]).toEqual([key, holes(text)]);
});

test("errors that nobody foresaw have words too", () => {
  expect(errorText("constructor")).toBe(en.errorDefault);
  expect(errorText("rate_limited")).toBe(en.errors.rate_limited);
});

test("words about people are for people's screens only", () => {
  for (const code of ["limit_reached", "forbidden", "not_found"] as const) {
    expect(peopleErrorText(code)).toBe(en.peopleErrors[code]);
    expect(errorText(code)).toBe(en.errors[code]);
    expect(errorText(code)).not.toBe(peopleErrorText(code));
  }
  expect(peopleErrorText("rate_limited")).toBe(en.errors.rate_limited);
  expect(linkErrorText("limit_reached")).toBe(en.linkErrors.limit_reached);
});

test("every alarm of the encryption engine has words, and so has one to come", () => {
  const source = readFileSync(new URL("../../crates/e2ee/src/trust.rs", import.meta.url), "utf8");
  const body = /pub enum Alarm \{(.*?)\n\}/s.exec(source)?.[1] ?? "";
  const names = [...body.matchAll(/^ {4}([A-Z]\w+) \{/gm)].map(([, name = ""]) =>
    name.replace(/(?!^)[A-Z]/g, "_$&").toLowerCase(),
  );
  // A person's new key and a device of one's own are told where they are.
  const elsewhere = ["master_key_changed", "own_device_added"];
  expect(Object.keys(en.alarms).sort()).toEqual(names.filter((name) => !elsewhere.includes(name)).sort());
  expect(alarmText("ghost_member")).toBe(en.alarms.ghost_member);
  expect(alarmText("constructor")).toBe(en.alarm);
});

test("a clock that is behind does not speak of the future", () => {
  expect(ago(2_000, 1_000)).toBe(ago(1_000, 1_000));
  expect(ago(0, 3 * 3_600_000)).toBe("3 hours ago");
});

test("the chosen language is spoken at once, and an unknown one is not", async () => {
  await speak("vi");
  expect([language(), t("settings")]).toEqual(["vi", vi.settings]);
  await speak("__proto__");
  expect(language()).toBe("en");
});

test("no part of a catalogue takes another one's words away", () => {
  const parts = import.meta.glob<Record<string, object>>("../src/i18n/en/*.ts", { eager: true });
  const keys = Object.entries(parts)
    .filter(([path]) => !path.endsWith("/index.ts"))
    .flatMap(([, part]) => Object.entries(part))
    .filter(([name]) => !name.toLowerCase().endsWith("errors"))
    .flatMap(([, words]) => Object.keys(words));
  expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
});
