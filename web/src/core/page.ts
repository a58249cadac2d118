// The page's end: starts the worker, or finds the one that runs.
import type { CoreApi } from "./api";
import { connect } from "./rpc";
import type { Told } from "./told";

export function startCore(told: (told: Told[]) => void, leave: () => void): CoreApi {
  if ("SharedWorker" in window) {
    const worker = new SharedWorker(new URL("./worker.ts", import.meta.url), { type: "module", name: "sotto" });
    const api = connect(worker.port, told, leave);
    worker.port.start();
    return api;
  }
  return connect(new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "sotto" }), told, leave);
}
