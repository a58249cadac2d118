// The service worker speaks the language that the person chose on the page.
import { beforeEach, expect, vi as mock, test } from "vitest";
import { en } from "../src/i18n/en";
import { vi } from "../src/i18n/vi";
import { leaveLanguage, NEW_MESSAGE, newMessage } from "../src/worker-language";

beforeEach(() => {
  const kept = new Map<string, Map<string, Response>>();
  mock.stubGlobal("caches", {
    open: async (name: string) => {
      const cache = kept.get(name) ?? new Map<string, Response>();
      kept.set(name, cache);
      return { put: async (place: string, what: Response) => cache.set(place, what) };
    },
    delete: async (name: string) => kept.delete(name),
    match: async (place: string, { cacheName }: { cacheName: string }) => kept.get(cacheName)?.get(place)?.clone(),
  });
});

test("it says what the catalogues say", () => {
  expect(NEW_MESSAGE).toEqual({ en: en.newMessage, vi: vi.newMessage });
});

test("the choice counts, whatever the browser speaks; without one the browser's languages do", async () => {
  expect(await newMessage(["vi-VN", "en"])).toBe(vi.newMessage);
  expect(await newMessage(["fr", "__proto__"])).toBe(en.newMessage);
  await leaveLanguage("vi");
  expect(await newMessage(["en-GB"])).toBe(vi.newMessage);
  await leaveLanguage("en");
  expect(await newMessage(["vi"])).toBe(en.newMessage);
  await leaveLanguage("system");
  expect(await newMessage(["vi"])).toBe(vi.newMessage);
});
