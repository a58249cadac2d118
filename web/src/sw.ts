// The service worker: holds the app, so that it opens without a connection, and shows notifications. It answers for this
// build's own files only; everything else goes to the network. No text of a message passes through here.

import { newMessage } from "./worker-language";

declare const self: ServiceWorkerGlobalScope;
/** Paths of this build, as JSON, which tools/verify.mjs reads, and its hash; filled in by tools/build.mjs. */
declare const PATHS: string;
declare const BUILD: string;

const FILES = JSON.parse(PATHS) as string[];
const PREFIX = "sotto-app-";
const CACHE = PREFIX + BUILD;
const PAGE = "/";

self.addEventListener("install", (event) => {
  event.waitUntil(install());
  void self.skipWaiting();
});

/** The big module is for those who signed in: it comes with their page's word, or if the build before had it. */
const isBig = (path: string) => path.endsWith(".wasm");

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  const small = FILES.filter((path) => !isBig(path));
  await Promise.all(small.map((path) => keep(cache, path)));
  for (const name of await caches.keys()) {
    const kept = name.startsWith(PREFIX) ? await (await caches.open(name)).keys() : [];
    if (kept.some(({ url }) => isBig(url))) await keepBig();
  }
}

async function keepBig(): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.all(FILES.filter(isBig).map((path) => keep(cache, path)));
}

/** Fetches only what is not there: files with their hash in their name never change. */
async function keep(cache: Cache, path: string): Promise<void> {
  const known = path.startsWith("/assets/") ? await caches.match(path) : undefined;
  await (known ? cache.put(path, known) : cache.add(new Request(path, { cache: "no-cache" })));
}

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith(PREFIX) && name !== CACHE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(page(request));
  else if (FILES.includes(url.pathname) && url.pathname !== PAGE) event.respondWith(file(request));
});

/** The newest page if there is a connection, else the kept one. */
async function page(request: Request): Promise<Response> {
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(3_000) });
    if (fresh.ok) return fresh;
  } catch {
    // Offline, or as good as.
  }
  return (await caches.match(PAGE)) ?? Response.error();
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

const ICON = "/icon-192.png";

interface News {
  title: string;
  conversation?: string;
}

// A page tells of a message, which is shown only if no tab is seen; or that somebody is signed in.
self.addEventListener("message", (event) => {
  const { notify, signedIn } = event.data as { notify?: News; signedIn?: true };
  if (signedIn) event.waitUntil(keepBig());
  if (notify) event.waitUntil(tell(notify));
});

async function tell({ title, conversation }: News): Promise<void> {
  const open = await self.clients.matchAll({ type: "window" });
  if (open.some(({ visibilityState }) => visibilityState === "visible")) return;
  await self.registration.showNotification(title, {
    icon: ICON,
    badge: ICON,
    // One a conversation: the newest.
    tag: conversation ?? "news",
    data: { conversation },
  });
}

// A push wakes this worker and says nothing. Browsers ask for a notification of each one.
self.addEventListener("push", (event) => {
  event.waitUntil(newMessage(self.navigator.languages).then((title) => tell({ title })));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { conversation } = event.notification.data as { conversation?: string };
  event.waitUntil(show(conversation));
});

async function show(conversation: string | undefined): Promise<void> {
  const [open] = await self.clients.matchAll({ type: "window" });
  if (!open) {
    await self.clients.openWindow(conversation ? `/#/chat/${conversation}` : PAGE);
    return;
  }
  // Some browsers let no window be brought to the front; it shows the chat all the same.
  await open.focus().catch(() => undefined);
  if (conversation) open.postMessage({ open: conversation });
}
