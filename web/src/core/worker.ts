// The worker that owns the crypto state, the socket and the database for all tabs, or passes calls on to the one that
// does: a SharedWorker, or a tab's own where there is none.
import { waiting } from "./calls";
import { isUntouched, resting } from "./resting";
import { farewell, type Port, serve, together } from "./rpc";
import { type Owned, Tabs } from "./tabs";

/** For pages that hand over what they hold. */
const PATIENCE_MS = 1_000;

const ports = new Set<Port>();
const open = async (): Promise<Owned> => (await import("./begin")).openClient(tabs.tell);
const tabs: Tabs = new Tabs({
  build: location.pathname,
  instance: crypto.randomUUID(),
  open: async () => ((await isUntouched()) ? resting(open) : open()),
  tell: together((told) => {
    for (const port of ports) port.postMessage({ told });
  }),
  leave: () => farewell(ports, PATIENCE_MS),
});
const api = waiting(() => tabs.api);

function attach(port: Port): void {
  ports.add(port);
  serve(port, api);
}

addEventListener("online", () => void api.awake().catch(() => undefined));

if ("SharedWorkerGlobalScope" in self) {
  addEventListener("connect", (event) => {
    const [port] = (event as MessageEvent).ports;
    if (!port) return;
    attach(port);
    port.addEventListener("close", () => ports.delete(port));
    port.start();
  });
} else {
  attach(self as unknown as Port);
}
