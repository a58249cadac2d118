// The worker that owns the crypto state, the socket and the database for all tabs, or passes calls on to the one that
// does: a SharedWorker, or a tab's own where there is none.
import wasm from "../../build/crypto/crypto_bg.wasm?url";
import { Client } from "./client";
import { engines, loadCrypto } from "./crypto";
import { browser } from "./environment";
import { apiOrigin } from "./origin";
import { type Port, serve, together } from "./rpc";
import { socketsOf } from "./socket";
import { Tabs, waiting } from "./tabs";
import type { Told } from "./told";

const ports = new Set<Port>();
let client: Client | undefined;

let crashed = false;
const onCrash = () => {
  if (crashed) return;
  crashed = true;
  client?.end();
  tabs.tell({ type: "broken", reason: "crashed" });
};

let loading: Promise<void> | undefined;
const place = {
  origin: apiOrigin,
  environment: browser,
  sockets: socketsOf(apiOrigin, browser),
  engines: engines(browser.now, onCrash),
  loadCrypto: () => {
    // What could not be fetched once may be there the next time.
    loading ??= loadCrypto(wasm).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  },
  tell: (told: Told) => tabs.tell(told),
};

const tabs = new Tabs({
  build: location.pathname,
  instance: crypto.randomUUID(),
  open: async () => {
    client = await Client.open(place);
    return client;
  },
  tell: together((told) => {
    for (const port of ports) port.postMessage({ told });
  }),
});
const api = waiting(() => tabs.api);

function attach(port: Port): void {
  ports.add(port);
  serve(port, api);
}

addEventListener("online", () => void client?.awake());

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
