// A search while its query is typed: hits come as they are found, and no more than somebody looks at.
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Hit } from "../core/search";
import { core } from "../state";

/** The conversation that is searched in. */
export const searchedIn = signal<string | undefined>(undefined);

/** A query that still grows is not worth a search. */
const TYPING_MS = 120;
const STEP = 30;

export interface Found {
  /** What was searched for; another query may be typed by now. */
  query: string;
  hits: Hit[];
  done: boolean;
}

export function useSearch(query: string, conversation?: string): Found & { more: () => void } {
  const [found, setFound] = useState<Found>({ query: "", hits: [], done: true });
  const pull = useRef<() => void>(() => {});
  useEffect(() => {
    const run = { ended: false, wanted: STEP, going: false };
    let id: string | undefined;
    let hits: Hit[] = [];
    const go = async () => {
      if (run.going) return;
      run.going = true;
      id ??= await core.search(query, conversation);
      for (let done = false; !done && !run.ended && hits.length < run.wanted; ) {
        const more = await core.moreHits(id);
        if (run.ended) break;
        hits = [...hits, ...more.hits];
        done = more.done;
        setFound({ query, hits, done });
      }
      run.going = false;
      if (run.ended) void core.endSearch(id);
    };
    if (query.trim() === "") {
      setFound({ query, hits: [], done: true });
      return undefined;
    }
    const begin = () => go().catch(() => setFound({ query, hits, done: true }));
    const timer = setTimeout(begin, TYPING_MS);
    pull.current = () => {
      run.wanted = hits.length + STEP;
      void begin();
    };
    return () => {
      clearTimeout(timer);
      run.ended = true;
      if (id && !run.going) void core.endSearch(id);
    };
  }, [query, conversation]);
  return { ...found, more: () => pull.current() };
}
