// The rows of a conversation's list: messages, and where the new ones begin.
import type { StoredMessage } from "../core/store";
import { isSameDay } from "../i18n";
import type { LineEntry } from "../system-lines";
import type { Item } from "../thread";

/** The run and what belongs to it, ascending: what a thread is made of. */
export function withContext(run: StoredMessage[], more: ReadonlyMap<number, StoredMessage>): StoredMessage[] {
  const [first, last] = [run[0]?.seq ?? 0, run.at(-1)?.seq ?? 0];
  const outside = [...more.values()].sort((one, other) => one.seq - other.seq);
  return [...outside.filter(({ seq }) => seq < first), ...run, ...outside.filter(({ seq }) => seq > last)];
}

export interface MessageRow {
  key: string;
  seq: number | undefined;
  entry: Item | LineEntry;
  /** What is above it. */
  before?: Item | LineEntry;
  /** The new messages begin here. */
  divider: boolean;
}

export interface Around {
  /** New messages are those of others after this position. */
  divider: number | undefined;
}

export function rowsOf(entries: (Item | LineEntry)[], { divider }: Around): MessageRow[] {
  const rows: MessageRow[] = [];
  let divided = false;
  let before: Item | LineEntry | undefined;
  for (const entry of entries) {
    const isNew: boolean = divider !== undefined && !divided && isAfter(entry, divider);
    divided ||= isNew;
    const seq = "line" in entry ? undefined : entry.seq;
    rows.push({ key: entry.id, seq, entry, divider: isNew, ...(before ? { before } : {}) });
    before = entry;
  }
  return rows;
}

/** Whether it is a message of somebody else after this position. */
function isAfter(entry: Item | LineEntry, position: number): boolean {
  return !("line" in entry) && !entry.own && entry.seq !== undefined && entry.seq > position;
}

const LINE = 23.2;
const BUBBLE = 49;
const DAY = 45;

/** About how high it is before it was drawn. */
export function guessHeight({ entry, before, divider }: MessageRow, width: number): number {
  const around = (!before || !isSameDay(before.at, entry.at) ? DAY : 0) + (divider ? DAY : 0);
  if ("line" in entry) return around + LINE;
  const letters = Math.max(10, (Math.min(544, (width || 800) * 0.82) - 28) / 7.6);
  let lines = 0;
  for (const line of (entry.text ?? "").split("\n", 200)) lines += Math.max(1, Math.ceil(line.length / letters));
  return BUBBLE + lines * LINE + around;
}
