// The core of a browser that nobody signed in on: it answers what a page asks at its start, and fetches the client with
// the first call that needs one.
import type { CoreApi, Snapshot } from "./api";
import type { Owned } from "./tabs";

const DATABASE = "sotto";
const NOTHING: Snapshot = {
  me: undefined,
  connection: "offline",
  conversations: [],
  outgoing: [],
  removals: [],
  people: [],
  lines: [],
  blocks: [],
  alerts: [],
  storing: true,
  skewMs: 0,
};

/** Whether this browser never kept anything of ours; where it does not say, it may have. */
export async function isUntouched(): Promise<boolean> {
  const all = await indexedDB.databases?.().catch(() => undefined);
  return all !== undefined && !all.some(({ name }) => name === DATABASE);
}

export function resting(open: () => Promise<Owned>): Owned {
  let opened: Promise<Owned> | undefined;
  let closed = false;
  const wake = () => {
    // What could not be fetched once may be there the next time.
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const close = () => {
    closed = true;
    void opened?.then((owned) => owned.close()).catch(() => undefined);
  };
  return new Proxy({} as Owned, {
    get(_, method: keyof Owned | "then") {
      // A promise resolved with this must not take it for another promise.
      if (method === "then") return undefined;
      if (method === "close") return close;
      return async (...args: unknown[]) => {
        if (!opened && method === "snapshot") return NOTHING;
        if (!opened && method === "awake") return undefined;
        const owned = await wake();
        if (closed) owned.close();
        return (owned[method as keyof CoreApi] as (...args: unknown[]) => Promise<unknown>)(...args);
      };
    },
  });
}
