// A list that is as long as it likes and shows the rows around the person's eyes. It scrolls from its end: whoever is
// there stays there, and what grows above moves nothing. What changes below is made up for before it is painted.
import { Component, type ComponentChildren, createRef, type VNode } from "preact";
import {
  anchorAt,
  beyondOf,
  clamp,
  EDGE,
  holds,
  type Range,
  rangeBetween,
  restored,
  type Stretch,
  sum,
  topOf,
  whole,
} from "./stretch";

/** What is drawn beyond the box on either side, and what has to be at least. */
const DRAWN = 1_200;
const NEEDED = 500;
/** More is read when less than this is left. */
const READ_AHEAD = 2_500;
const AT_END = 24;
/** Rounds in which measured rows may ask for other rows. */
const ROUNDS = 8;
/** So long after a wheel turned or a key was pressed the box may still glide. */
const GLIDE_MS = 1_000;

export interface Row {
  key: string;
}

/** Where to go: a row, and where its upper edge comes to lie as a part of the box; without a row to an end. */
export type Goal = { key: string; place: number } | "start" | "end";

export interface VirtualProps<R extends Row> {
  rows: R[];
  draw: (row: R) => ComponentChildren;
  /** A row's height before it was drawn. */
  guess: (row: R, width: number) => number;
  /** A fresh object is gone to, once. */
  goal: { to: Goal } | undefined;
  hasOlder: boolean;
  hasNewer: boolean;
  older: () => void;
  newer: () => void;
  /** What the person sees: the lowest row in the box, and whether that is the end. */
  seen: (key: string | undefined, atEnd: boolean) => void;
  label: string;
  busy: boolean;
  onKeyDown: (event: KeyboardEvent) => void;
}

export class VirtualList<R extends Row> extends Component<VirtualProps<R>> {
  readonly #box = createRef<HTMLDivElement>();
  readonly #inner = createRef<HTMLDivElement>();
  readonly #known = new Map<string, number>();
  #guessed = new WeakMap<R, number>();
  /** Of these the stretch is made. */
  #adopted: unknown;
  readonly #drawn = new WeakMap<R, VNode>();
  #stretch: Stretch = { keys: [], heights: [], beyond: 0 };
  #range: Range = { from: 0, to: 0 };
  #fromEnd = 0;
  #view = 800;
  #width = 0;
  #stuck = true;
  #anchor: ReturnType<typeof anchorAt>;
  #goal: Goal | undefined;
  #gone: unknown;
  #rounds = 0;
  #height = 0;
  /** When the person turned a wheel or pressed a key here. */
  #rolled = Number.NEGATIVE_INFINITY;
  #sizes: ResizeObserver | undefined;
  #watched = new Set<Element>();
  /** The keyboard is in one of the rows. */
  #held = false;

  override componentDidMount(): void {
    // What is drawn anew in a round of the observer would be seen by the next one only.
    this.#sizes = new ResizeObserver((entries) => {
      for (const { target, borderBoxSize } of entries) this.#learn(target, borderBoxSize[0]?.blockSize);
      this.#settle(() => requestAnimationFrame(() => this.#redraw()));
    });
    if (this.#box.current) this.#sizes.observe(this.#box.current);
    // Passive: the browser scrolls without waiting for it.
    this.#box.current?.addEventListener("wheel", this.#onRoll, { passive: true });
    this.#settle();
  }

  override componentDidUpdate(): void {
    this.#settle();
    const box = this.#box.current;
    if (this.#held && !box?.contains(document.activeElement)) box?.focus({ preventScroll: true });
  }

  override componentWillUnmount(): void {
    this.#sizes?.disconnect();
  }

  /** Takes over new rows; the anchor stays where it was. */
  #adopt(): void {
    const { rows, goal, hasNewer } = this.props;
    if (this.#adopted !== rows) {
      this.#adopted = rows;
      const keys = rows.map(({ key }) => key);
      const heights = rows.map((row) => this.#known.get(row.key) ?? this.#guess(row));
      const beyond = beyondOf(this.#stretch, keys, heights, hasNewer);
      this.#stretch = { keys, heights, beyond };
    }
    if (goal && goal !== this.#gone) {
      this.#gone = goal;
      this.#goal = goal.to;
    }
    this.#place();
  }

  #guess(row: R): number {
    const known = this.#guessed.get(row);
    if (known !== undefined) return known;
    const made = this.props.guess(row, this.#width);
    this.#guessed.set(row, made);
    return made;
  }

  /** Where the box has to be now. */
  #place(): void {
    const stretch = this.#stretch;
    if (this.#goal !== undefined) this.#fromEnd = clamp(stretch, this.#goalAt(this.#goal), this.#view);
    else if (this.#stuck) this.#fromEnd = 0;
    else if (this.#anchor)
      this.#fromEnd = clamp(stretch, restored(stretch, this.#anchor, this.#view) ?? this.#fromEnd, this.#view);
  }

  #goalAt(goal: Goal): number {
    const stretch = this.#stretch;
    if (goal === "end") return 0;
    if (goal === "start") return whole(stretch) - this.#view;
    const at = stretch.keys.indexOf(goal.key);
    return at < 0 ? 0 : topOf(stretch, at) - this.#view * (1 - goal.place);
  }

  #around(margin: number): Range {
    return rangeBetween(this.#stretch, this.#fromEnd - margin, this.#fromEnd + this.#view + margin);
  }

  /** After rows were drawn or changed their size: measures, and puts the box where it has to be. */
  #settle(redraw = () => this.#redraw()): void {
    const box = this.#box.current;
    if (!box) return;
    if (box.clientWidth !== this.#width) {
      // Lines break elsewhere: what is drawn is asked again, the rest guessed.
      this.#width = box.clientWidth;
      this.#known.clear();
      this.#guessed = new WeakMap();
      this.#adopted = undefined;
      this.#watched.clear();
    }
    this.#view = box.clientHeight;
    this.#measure();
    this.#place();
    if (!holds(this.#range, this.#around(NEEDED)) && this.#rounds < ROUNDS) {
      this.#rounds += 1;
      redraw();
      return;
    }
    this.#rounds = 0;
    this.#put(box);
    this.#goal = undefined;
    this.#look();
  }

  #put(box: HTMLDivElement): void {
    const isOff = Math.abs(-box.scrollTop - this.#fromEnd) >= 1;
    const height = box.scrollHeight;
    const moved = height !== this.#height && performance.now() - this.#rolled < GLIDE_MS;
    this.#height = height;
    // Chromium glides to where a wheel or a key leads, counted from the top: what came above would carry the box along by
    // as much. A place that is another one by a pixel makes it count anew.
    if (moved && !isOff) box.scrollTop = 1 - this.#fromEnd - (this.#fromEnd < 1 ? 2 : 0);
    if (moved || isOff) box.scrollTop = -this.#fromEnd;
  }

  #redraw(): void {
    this.forceUpdate();
  }

  /** Asks rows that are drawn for the first time; the others say themselves when they change. */
  #measure(): void {
    const drawn = new Set<Element>([...(this.#inner.current?.children ?? [])].slice(1, -1));
    for (const element of this.#watched) if (!drawn.has(element)) this.#sizes?.unobserve(element);
    for (const element of drawn) {
      if (this.#watched.has(element)) continue;
      this.#learn(element, element.getBoundingClientRect().height);
      this.#sizes?.observe(element);
    }
    this.#watched = drawn;
  }

  #learn(element: Element, height: number | undefined): void {
    const key = element instanceof HTMLElement && element.dataset["key"];
    if (!key || height === undefined || !element.isConnected) return;
    this.#known.set(key, height);
    const at = this.#stretch.keys.indexOf(key);
    if (at >= 0) this.#stretch.heights[at] = height;
  }

  /** The box is where it is: what follows from that. */
  #look(): void {
    const { hasOlder, hasNewer, older, newer, seen } = this.props;
    const stretch = this.#stretch;
    if (stretch.keys.length === 0) return;
    this.#stuck = this.#fromEnd < AT_END && !hasNewer;
    this.#anchor = anchorAt(stretch, this.#fromEnd, this.#view);
    const { to } = rangeBetween(stretch, this.#fromEnd + 1, this.#fromEnd + this.#view);
    seen(stretch.keys[to - 1], this.#stuck);
    if (hasOlder && whole(stretch) - this.#fromEnd - this.#view < READ_AHEAD) older();
    if (hasNewer && this.#fromEnd - stretch.beyond < READ_AHEAD) newer();
  }

  readonly #onRoll = (): void => {
    this.#rolled = performance.now();
  };

  readonly #onScroll = (): void => {
    const box = this.#box.current;
    if (!box) return;
    this.#fromEnd = Math.max(0, -box.scrollTop);
    this.#look();
    if (!holds(this.#range, this.#around(NEEDED))) this.forceUpdate();
  };

  render() {
    const { rows, draw, label, busy, onKeyDown } = this.props;
    this.#adopt();
    const range = this.#around(DRAWN);
    this.#range = range;
    this.#held = this.#inner.current?.contains(document.activeElement) ?? false;
    const { heights, beyond } = this.#stretch;
    return (
      <div
        class="messages"
        ref={this.#box}
        onScroll={this.#onScroll}
        onKeyDown={(event) => {
          this.#onRoll();
          onKeyDown(event);
        }}
        role="log"
        aria-live="off"
        aria-label={label}
        aria-busy={busy}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by the keyboard
        tabIndex={0}
      >
        <div class="stretch" ref={this.#inner}>
          <div style={{ height: `${sum(heights, 0, range.from) + EDGE}px` }} />
          {rows.slice(range.from, range.to).map((row) => this.#row(row, draw))}
          <div style={{ height: `${sum(heights, range.to) + beyond + EDGE}px` }} />
        </div>
      </div>
    );
  }

  /** A row that did not change is not looked at again. */
  #row(row: R, draw: (row: R) => ComponentChildren): VNode {
    const known = this.#drawn.get(row);
    if (known) return known;
    const made = (
      <div key={row.key} class="slot" data-key={row.key}>
        {draw(row)}
      </div>
    );
    this.#drawn.set(row, made);
    return made;
  }
}
