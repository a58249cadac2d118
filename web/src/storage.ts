// What the browser keeps for us, and how we notice that it threw it away.
import { effect, signal } from "@preact/signals";
import { core, me } from "./state";

// A cookie outlives an eviction, which takes everything that scripts of this origin stored at once. It says that
// there is an account here, not whose.
const MARK = "sotto_here=1";
const YEAR_S = 31_536_000;

/** The browser deleted what Sotto kept here. */
export const evicted = signal(false);

/** Remembers whether somebody is signed in here. */
export function markAccount(there: boolean): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere, and this is written, not parsed
  document.cookie = `${MARK}; Path=/; SameSite=Strict; Max-Age=${there ? YEAR_S : 0}`;
}

export const wasMarked = (): boolean => document.cookie.split("; ").includes(MARK);

/** From the first answer of the core on: notices an eviction, and follows who is signed in. */
export function watchAccount(): void {
  evicted.value = wasMarked() && !me.value;
  let asked = false;
  effect(() => {
    if (me.value) {
      markAccount(true);
      evicted.value = false;
      void keepModule();
    } else if (!evicted.peek()) markAccount(false);
    // Asked when there is something to keep: an account whose recovery key is written down. Some browsers ask the person.
    if (asked || !me.value?.linked || me.value.unseen_words) return;
    asked = true;
    void keepStorage();
  });
}

/** Somebody is signed in: offline the app needs the crypto module too. */
async function keepModule(): Promise<void> {
  (await navigator.serviceWorker?.ready)?.active?.postMessage({ signedIn: true });
}

/** Asks the browser to keep what is stored even if space runs short. Gives whether it will. */
export async function keepStorage(): Promise<boolean> {
  try {
    return (await navigator.storage.persisted()) || (await navigator.storage.persist());
  } catch {
    return false;
  }
}

/** Deletes what the core keeps, where there is no core any more that could. Errors: another tab has a core that works. */
export async function deleteKept(): Promise<void> {
  const locks = await navigator.locks.query();
  // What is asked for now would be done when that one lets go.
  if (locks.held?.some(({ name }) => name === "sotto-core")) throw new Error("another tab works with it");
  await new Promise<void>((done, fail) => {
    const request = indexedDB.deleteDatabase("sotto");
    request.onsuccess = () => {
      markAccount(false);
      done();
    };
    request.onerror = () => fail(new Error("it can't be deleted"));
  });
}

/** Signs out and leaves nothing of ours in this browser. */
export async function clearDevice(): Promise<void> {
  await core.signOut();
  localStorage.clear();
  for (const name of await caches.keys()) await caches.delete(name);
  for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
  location.replace("/");
}
