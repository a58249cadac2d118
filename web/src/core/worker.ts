// The worker that owns the crypto state, the socket and the database for all tabs, or passes calls on to the one that
// does: a SharedWorker, or a tab's own where there is none.
import { waiting } from "./calls";
import { isUntouched, resting } from "./resting";
import { farewell, type Port, serve, together } from "./rpc";
import { type Owned, Tabs } from "./tabs";

/** For pages that hand over what they hold. */
const PATIENCE_MS = 1_000;
/** What was said is on its way by then. */
const LAST_WORDS_MS = 100;

const ports = new Set<Port>();
/** A page that is loaded again gets another worker, and another owner opens what is kept. */
const end = () => void setTimeout(() => self.close(), LAST_WORDS_MS);
const open = async (): Promise<Owned> => (await import("./begin")).openClient(tabs.tell, end);
const tabs: Tabs = new Tabs({
  build: location.pathname,
  instance: crypto.randomUUID(),
  open: async () => ((await isUntouched()) ? resting(open) : open()),
  tell: together((told) => {
    for (const port of ports) port.postMessage({ told });
  }),
  leave: () => farewell(ports, PATIENCE_MS),
  end,
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
