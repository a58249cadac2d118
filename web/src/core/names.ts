// Names that others chose: one line, bounded, nothing hidden in them.
import { shownText } from "./bodies";

const MOST = 64;

/** A name as it may be shown; `undefined` if nothing of it is left. */
export function nameOf(text: unknown): string | undefined {
  if (typeof text !== "string") return undefined;
  // Cut first: what comes may be long.
  const line = shownText(text.slice(0, 8 * MOST))
    .replace(/\s+/gu, " ")
    .trim();
  const letters = [...new Intl.Segmenter().segment(line)].map(({ segment }) => segment);
  const short = letters.length > MOST ? `${letters.slice(0, MOST).join("").trim()}…` : line;
  return short || undefined;
}

/** Names taken at once from what somebody typed or pasted. */
const AT_ONCE = 50;

export function namesIn(typed: string): string[] {
  const names = typed
    .toLowerCase()
    .split(/[\s,;]+/)
    .map((name) => name.replace(/^@/, "").slice(0, 32));
  return [...new Set(names)].filter(Boolean).slice(0, AT_ONCE);
}
