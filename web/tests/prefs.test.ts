// Choices of this browser: what is stored may be anything.
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { beforeEach, expect, test, vi } from "vitest";

const stored = new Map<string, string>();
beforeEach(() => {
  stored.clear();
  vi.resetModules();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
});

test("a choice is kept, and the first one leaves nothing behind", async () => {
  const { theme } = await import("../src/prefs");
  expect(theme.value).toBe("system");
  theme.value = "dark";
  expect([...stored]).toEqual([["sotto.theme", "dark"]]);
  theme.value = "system";
  expect([...stored]).toEqual([]);
});

test("what is stored and no choice counts as none", async () => {
  stored.set("sotto.theme", "<script>").set("sotto.language", "vi");
  const { theme, chosenLanguage } = await import("../src/prefs");
  expect([theme.value, chosenLanguage.value]).toEqual(["system", "vi"]);
});

test("without localStorage a choice lasts as long as the page", async () => {
  const refuse = () => {
    throw new DOMException("no", "SecurityError");
  };
  vi.stubGlobal("localStorage", { getItem: refuse, setItem: refuse, removeItem: refuse });
  const { theme } = await import("../src/prefs");
  theme.value = "light";
  expect(theme.value).toBe("light");
});

test("the theme is known before the first paint, as it is stored", async () => {
  const script = readFileSync(new URL("../src/theme.js", import.meta.url), "utf8");
  const painted = () => {
    const [documentElement, meta] = [{ dataset: {} as { theme?: string } }, { content: "light dark" }];
    const document = { documentElement, querySelector: () => meta };
    runInNewContext(script, { document, localStorage });
    return [documentElement.dataset.theme, meta.content];
  };
  expect(painted()).toEqual([undefined, "light dark"]);
  const { theme } = await import("../src/prefs");
  theme.value = "dark";
  expect(painted()).toEqual(["dark", "dark"]);
  stored.set("sotto.theme", "<script>");
  expect(painted()).toEqual([undefined, "light dark"]);
  vi.stubGlobal("localStorage", undefined);
  expect(painted()).toEqual([undefined, "light dark"]);
});
