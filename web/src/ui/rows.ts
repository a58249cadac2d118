// The rows of a conversation's list: messages, what can't be read, and where the new ones begin.

import type { Unreadable } from "../core/told";
import { dayOf } from "../i18n";
import type { Item } from "../thread";

export interface MessageRow {
  key: string;
  seq: number | undefined;
  item?: Item;
  /** The message above it. */
  before?: Item;
  lost?: Unreadable;
  /** The new messages begin here. */
  divider: boolean;
}

export interface Around {
  /** New messages are those of others after this position. */
  divider: number | undefined;
  hasOlder: boolean;
  hasNewer: boolean;
}

export function rowsOf(items: Item[], lost: Unreadable[], { divider, hasOlder, hasNewer }: Around): MessageRow[] {
  const rows: MessageRow[] = [];
  const [first, last] = [items[0]?.seq ?? 0, items.findLast(({ seq }) => seq !== undefined)?.seq ?? 0];
  const shown = lost
    .filter(({ seq }) => (seq > first || !hasOlder) && (seq < last || !hasNewer))
    .sort((one, other) => one.seq - other.seq);
  let divided = false;
  let before: Item | undefined;
  for (const item of items) {
    const at = item.seq ?? Number.MAX_SAFE_INTEGER;
    while (shown[0] && shown[0].seq < at) rows.push(lostRow(shown.shift() as Unreadable));
    const isNew: boolean =
      divider !== undefined && !divided && !item.own && item.seq !== undefined && item.seq > divider;
    divided ||= isNew;
    rows.push({ key: item.id, seq: item.seq, item, divider: isNew, ...(before ? { before } : {}) });
    before = item;
  }
  return [...rows, ...shown.map(lostRow)];
}

const lostRow = (lost: Unreadable): MessageRow => ({ key: `lost ${lost.seq}`, seq: lost.seq, lost, divider: false });

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
