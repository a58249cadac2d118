// What a screen asks the server for when it opens.
import { useEffect, useRef } from "preact/hooks";
import { connection } from "../state";

/**
 * Asks now, when `inputs` change, and whenever the connection is back. An answer that a later question overtook is
 * dropped.
 */
export function useAnswer<T>(
  ask: () => Promise<T>,
  take: (answer: T) => void,
  fail: (error: unknown) => void,
  inputs: unknown[] = [],
): void {
  const online = connection.value === "online";
  const asked = useRef(0);
  useEffect(() => {
    // Without a connection the answer of before is better than a failure.
    if (asked.current > 0 && !online) return;
    asked.current += 1;
    const mine = asked.current;
    const isLast = () => mine === asked.current;
    ask().then(
      (answer) => isLast() && take(answer),
      (error: unknown) => isLast() && fail(error),
    );
  }, [online, ...inputs]);
}
