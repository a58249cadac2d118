// How long a message stays, told as often as it changes on the screen.
import { useEffect, useState } from "preact/hooks";

/** Milliseconds until then, at least 0. */
export function useRemaining(until: number): number {
  const [now, setNow] = useState(Date.now);
  const left = Math.max(0, until - now);
  useEffect(() => {
    if (left === 0) return undefined;
    const timer = setTimeout(() => setNow(Date.now()), pauseFor(left));
    return () => clearTimeout(timer);
  }, [left]);
  return left;
}

/** Seconds are counted in the last minute only. */
function pauseFor(left: number): number {
  if (left <= 61_000) return 1_000;
  return left <= 3_600_000 ? 20_000 : 600_000;
}
