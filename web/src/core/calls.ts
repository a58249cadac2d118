// Ways to hold the calls of an API: until there is somebody to answer them, until that one goes, until all are answered.
import type { CoreApi } from "./api";

type Method = (...args: unknown[]) => Promise<unknown>;

/** Every call waits until there is somebody to answer it. */
export function waiting(api: () => Promise<CoreApi>): CoreApi {
  return new Proxy({} as CoreApi, {
    get:
      (_, method: keyof CoreApi) =>
      async (...args: unknown[]) => {
        const open = await api();
        return (open[method] as Method).apply(open, args);
      },
  });
}

/** Calls fail when `ended` does. */
export function untilGone(api: CoreApi, ended: Promise<never>): CoreApi {
  return around(api, (call) => Promise.race([call, ended]));
}

/** The same API, and a way to wait until every call has its answer. */
export function counting(api: CoreApi): { counted: CoreApi; settled: () => Promise<unknown> } {
  const open = new Set<Promise<unknown>>();
  const counted = around(api, (call) => {
    open.add(call);
    const over = () => void open.delete(call);
    call.then(over, over);
    return call;
  });
  return { counted, settled: () => Promise.allSettled(open) };
}

function around(api: CoreApi, wrap: (call: Promise<unknown>) => Promise<unknown>): CoreApi {
  return new Proxy(api, {
    get: (target, method: keyof CoreApi | "then") =>
      // A promise resolved with this must not take it for another promise.
      method === "then" ? undefined : (...args: unknown[]) => wrap((target[method] as Method).apply(target, args)),
  });
}
