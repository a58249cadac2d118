// The arithmetic of a list that shows a stretch of its rows. Lengths count from the end of the conversation upwards, as
// the box scrolls: what grows above the person's eyes changes nothing.

/** Room before the first row and after the last one. */
export const EDGE = 16;

export interface Range {
  from: number;
  to: number;
}

export interface Anchor {
  key: string;
  /** How far the row's upper edge is below the box's. */
  into: number;
}

/** What is known of a list: its rows' heights, and the height of newer rows that were let go of. */
export interface Stretch {
  keys: string[];
  heights: number[];
  beyond: number;
}

export const sum = (heights: number[], from = 0, to = heights.length): number => {
  let all = 0;
  for (let at = from; at < to; at += 1) all += heights[at] ?? 0;
  return all;
};

export const whole = ({ heights, beyond }: Stretch): number => sum(heights) + beyond + 2 * EDGE;

/** How far a row's upper edge is from the end. */
export const topOf = ({ heights, beyond }: Stretch, at: number): number => sum(heights, at) + beyond + EDGE;

/** The rows that lie between two distances from the end. */
export function rangeBetween({ heights, beyond }: Stretch, low: number, high: number): Range {
  let edge = beyond + EDGE;
  let to = heights.length;
  while (to > 0 && edge + (heights[to - 1] ?? 0) < low) {
    to -= 1;
    edge += heights[to] ?? 0;
  }
  let from = to;
  while (from > 0 && edge < high) {
    from -= 1;
    edge += heights[from] ?? 0;
  }
  return { from, to };
}

export const holds = (outer: Range, inner: Range): boolean => outer.from <= inner.from && outer.to >= inner.to;

/** The row that stays where it is while others change: the first one that begins in the box, else the one across it. */
export function anchorAt({ keys, heights, beyond }: Stretch, fromEnd: number, view: number): Anchor | undefined {
  const upper = fromEnd + view;
  let [at, top] = [keys.length, beyond + EDGE];
  while (at > 0 && top + (heights[at - 1] ?? 0) <= upper) {
    at -= 1;
    top += heights[at] ?? 0;
  }
  if (at > 0 && (at === keys.length || top <= fromEnd)) {
    at -= 1;
    top += heights[at] ?? 0;
  }
  const key = keys[at];
  return key === undefined ? undefined : { key, into: upper - top };
}

/** Where the box has to be so that the anchor is where it was; `undefined` if the row is gone. */
export function restored(stretch: Stretch, anchor: Anchor, view: number): number | undefined {
  const at = stretch.keys.indexOf(anchor.key);
  return at < 0 ? undefined : topOf(stretch, at) + anchor.into - view;
}

export const clamp = (stretch: Stretch, fromEnd: number, view: number): number =>
  Math.max(0, Math.min(fromEnd, whole(stretch) - view));

/**
 * The height of the newer rows that are not in the list any more. They keep their place, so that letting go of them
 * moves nothing.
 */
export function beyondOf(before: Stretch, keys: string[], heights: number[], hasNewer: boolean): number {
  if (!hasNewer) return 0;
  const lastBefore = keys.lastIndexOf(before.keys.at(-1) ?? "");
  if (lastBefore >= 0) return Math.max(0, before.beyond - sum(heights, lastBefore + 1));
  const lastNow = before.keys.lastIndexOf(keys.at(-1) ?? "");
  return lastNow >= 0 ? before.beyond + sum(before.heights, lastNow + 1) : 0;
}
