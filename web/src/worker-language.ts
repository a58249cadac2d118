// The language that the person chose, left where the service worker can read it: it has no localStorage. It is no secret.

/** Not one of the caches that hold a build. */
const CACHE = "sotto-language";
const PLACE = "/language";

/** What the service worker says by itself, in every language that there is a catalogue of. */
export const NEW_MESSAGE: Record<string, string> = { en: "New message", vi: "Tin nhắn mới" };

/** `system`: there is no choice to leave. */
export async function leaveLanguage(choice: string): Promise<void> {
  if (choice === "system") await caches.delete(CACHE);
  else await (await caches.open(CACHE)).put(PLACE, new Response(choice));
}

/** What to say of a push: in the chosen language, else in the first of the browser's that is known. */
export async function newMessage(wanted: readonly string[]): Promise<string> {
  const chosen = await caches.match(PLACE, { cacheName: CACHE }).then((found) => found?.text());
  const tags = [chosen ?? "", ...wanted].map((tag) => tag.split("-")[0] ?? "");
  const known = tags.find((tag) => Object.hasOwn(NEW_MESSAGE, tag)) ?? "en";
  return NEW_MESSAGE[known] as string;
}
