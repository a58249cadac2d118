// The rows of a conversation's list: messages, and where the new ones begin.
import type { StoredMessage } from "../core/store";
import { dayOf } from "../i18n";
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
  item?: Item;
  /** The message above it. */
  before?: Item;
  /** The new messages begin here. */
  divider: boolean;
}

export interface Around {
  /** New messages are those of others after this position. */
  divider: number | undefined;
}

export function rowsOf(items: Item[], { divider }: Around): MessageRow[] {
  const rows: MessageRow[] = [];
  let divided = false;
  let before: Item | undefined;
  for (const item of items) {
    const isNew: boolean =
      divider !== undefined && !divided && !item.own && item.seq !== undefined && item.seq > divider;
    divided ||= isNew;
    rows.push({ key: item.id, seq: item.seq, item, divider: isNew, ...(before ? { before } : {}) });
    before = item;
  }
  return rows;
}

const LINE = 23.2;
const BUBBLE = 49;
const DAY = 45;

/** About how high a message is before it was drawn. */
export function guessHeight({ item, before, divider }: MessageRow, width: number): number {
  const letters = Math.max(10, (Math.min(544, (width || 800) * 0.82) - 28) / 7.6);
  const text = item?.text ?? "";
  let lines = 0;
  for (const line of text.split("\n", 200)) lines += Math.max(1, Math.ceil(line.length / letters));
  const day = item && (!before || dayOf(before.at) !== dayOf(item.at));
  return BUBBLE + lines * LINE + (day ? DAY : 0) + (divider ? DAY : 0);
}
