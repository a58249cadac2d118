// The worker that owns the crypto state, the socket and the database for all tabs: a SharedWorker, or a tab's own where
// there is none. Whoever it is holds the lock `sotto-core`; who comes later (a newer build, another tab) asks for it.
import wasm from "../../build/crypto/crypto_bg.wasm?url";
import type { CoreApi } from "./api";
import { Client } from "./client";
import { engines, loadCrypto } from "./crypto";
import { browser } from "./environment";
import { type Port, serve, together } from "./rpc";
import { socketsOf } from "./socket";

const LOCK = "sotto-core";
const instance = crypto.randomUUID();
const ports = new Set<Port>();
const tell = together((told) => {
  for (const port of ports) port.postMessage({ told });
});

let crashed = false;
const onCrash = () => {
  if (crashed) return;
  crashed = true;
  void client.then((open) => open.end());
  tell({ type: "broken", reason: "crashed" });
};

let loading: Promise<void> | undefined;
const place = {
  origin: location.origin,
  environment: browser,
  sockets: socketsOf(location.origin, browser),
  engines: engines(browser.now, onCrash),
  loadCrypto: () => {
    loading ??= loadCrypto(wasm);
    return loading;
  },
  tell,
};

/** The client, once the lock is ours. */
const client = new Promise<Client>((done, fail) => {
  const channel = new BroadcastChannel(LOCK);
  const givenUp = new AbortController();
  let release: () => void = () => {};
  channel.addEventListener("message", ({ data }: MessageEvent<{ ask: string }>) => {
    if (data.ask === instance) return;
    givenUp.abort();
    release();
    tell({ type: "broken", reason: "replaced" });
  });
  channel.postMessage({ ask: instance });
  const hold = async () => {
    const open = await Client.open(place);
    done(open);
    await new Promise<void>((end) => {
      release = end;
      if (givenUp.signal.aborted) end();
    });
    open.close();
  };
  navigator.locks.request(LOCK, { signal: givenUp.signal }, hold).catch((error: unknown) => {
    fail(error);
    if (!givenUp.signal.aborted) tell({ type: "broken", reason: "store" });
  });
});
client.catch(() => undefined);

/** Every call waits until there is a client. */
const api = new Proxy({} as CoreApi, {
  get:
    (_, method: keyof CoreApi) =>
    async (...args: unknown[]) => {
      const open: CoreApi = await client;
      return (open[method] as (...args: unknown[]) => Promise<unknown>).apply(open, args);
    },
});

function attach(port: Port): void {
  ports.add(port);
  serve(port, api);
}

addEventListener("online", () => void client.then((open) => open.awake()));

if ("SharedWorkerGlobalScope" in self) {
  addEventListener("connect", (event) => {
    const [port] = (event as MessageEvent).ports;
    if (!port) return;
    attach(port);
    port.start();
  });
} else {
  attach(self as unknown as Port);
}
