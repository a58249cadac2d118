// Where the lines of a conversation stand between its messages.
import type { Line } from "./core/people-told";

/** A line as the list of messages shows it. */
export interface LineEntry {
  id: string;
  at: number;
  line: Line;
}

/** What the list holds besides: a message, in the log or not yet. */
interface Placed {
  seq: number | undefined;
}

/**
 * `items` ascend; what is not in the log yet comes last. Lines before the oldest loaded message and after the newest one
 * wait for what is there.
 */
export function withLines<Item extends Placed>(
  items: Item[],
  lines: Line[],
  hasOlder: boolean,
  hasNewer = false,
): (Item | LineEntry)[] {
  const oldest = hasOlder ? (items[0]?.seq ?? 0) : 0;
  const newest = hasNewer ? (items.at(-1)?.seq ?? 0) : Number.POSITIVE_INFINITY;
  const entries = lines.map(entryOf).filter(({ line }) => line.seq >= oldest && line.seq <= newest);
  if (entries.length === 0) return items;
  const mixed: (Item | LineEntry)[] = [];
  let next = 0;
  for (const item of items) {
    const seq = item.seq ?? Number.POSITIVE_INFINITY;
    for (let entry = entries[next]; entry && entry.line.seq < seq; entry = entries[next]) {
      mixed.push(entry);
      next += 1;
    }
    mixed.push(item);
  }
  return [...mixed, ...entries.slice(next)];
}

const entryOf = (line: Line, at: number): LineEntry => ({ id: `line-${line.seq}-${at}`, at: line.at_ms, line });
