// The service worker: holds the app, so that it opens without a connection. It answers for this build's own files only;
// everything else goes to the network. Nothing that anybody wrote passes through here.

declare const self: ServiceWorkerGlobalScope;
/** Paths of this build and its hash, filled in by tools/build.mjs. */
declare const FILES: string[];
declare const BUILD: string;

export {};

const PREFIX = "sotto-app-";
const CACHE = PREFIX + BUILD;
const PAGE = "/";

self.addEventListener("install", (event) => {
  // Only what is not there: files with their hash in their name never change.
  event.waitUntil(caches.open(CACHE).then((cache) => Promise.all(FILES.map((path) => keep(cache, path)))));
  void self.skipWaiting();
});

async function keep(cache: Cache, path: string): Promise<void> {
  const known = path === PAGE ? undefined : await caches.match(path);
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
