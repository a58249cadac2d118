// What this person chose for this browser. In localStorage: it is needed before the worker answers (theme, language),
// and none of it is secret.
import { type Signal, signal } from "@preact/signals";

const KEY = "sotto.";

/** A choice out of these; the first one is in force until another is made. What is stored may be anything. */
function choice<T extends string>(name: string, of: readonly [T, ...T[]]): Signal<T> {
  const kept = read(name);
  const made = signal<T>(of.find((value) => value === kept) ?? of[0]);
  made.subscribe((value) => write(name, value === of[0] ? undefined : value));
  return made;
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(KEY + name);
  } catch {
    // Switched off: choices last as long as the page.
    return null;
  }
}

function write(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(KEY + name);
    else localStorage.setItem(KEY + name, value);
  } catch {
    // As above.
  }
}

export const THEMES = ["system", "light", "dark"] as const;
export const LANGUAGES = ["system", "en", "vi"] as const;

export const theme = choice("theme", THEMES);
export const chosenLanguage = choice("language", LANGUAGES);
export const showTyping = choice("typing", ["on", "off"]);
export const notifications = choice("notifications", ["off", "on"]);
/** Whether a notification names who wrote: it may be seen on a locked screen. */
export const notificationNames = choice("notification-names", ["off", "on"]);

/** Puts the theme in force, as theme.js did before the first paint, and the colour of the browser's own frame with it. */
export function applyTheme(): void {
  theme.subscribe((value) => {
    const root = document.documentElement;
    if (value === "system") delete root.dataset["theme"];
    else root.dataset["theme"] = value;
    const ground = document.querySelector<HTMLMetaElement>("meta[name=color-scheme]");
    if (ground) ground.content = value === "system" ? "light dark" : value;
    for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")) {
      const scheme = value === "system" ? (meta.media.includes("dark") ? "dark" : "light") : value;
      meta.content = scheme === "dark" ? "#101218" : "#f3f4f8";
    }
  });
}
