// The part of the open conversation that is in memory: a run of its log, which grows where the person scrolls to and
// shrinks at the other end, and the messages from elsewhere that belong to it.
import { batch, signal } from "@preact/signals";
import { answeredBy, targetOf } from "./core/about";
import type { MessagePage, PageAt } from "./core/reading";
import type { StoredMessage } from "./core/store";
import { core, go } from "./state";

const FIRST = 50;
const PAGE = 80;
/** What stays in memory, about. */
const MOST = 320;

/** Messages of the run, ascending. */
export const messages = signal<StoredMessage[]>([]);
/** Messages outside of the run that belong to it, by position. */
export const context = signal<ReadonlyMap<number, StoredMessage>>(new Map());
export const hasOlder = signal(false);
export const hasNewer = signal(false);
/** Something was read: that there is nothing is known by now. */
export const loaded = signal(false);
/** The conversation could not be opened: nothing of it was read. */
export const unopened = signal(false);

/** Where the list has to go: to a message, or to an end of the conversation. */
export interface Target {
  to: number | "start" | "end";
  /** How it is shown there: after the last message that was read, or marked as what was looked for. */
  as: "unread" | "found" | "end";
}
export const target = signal<Target | undefined>(undefined);

let conversation: string | undefined;
/** A message to show in a conversation that is not open yet. */
let wanted: { id: string; seq: number } | undefined;
/** Rises with every new run: what was asked for an earlier one is not wanted any more. */
let run = 0;
let loading = 0;
/** The person is at the end: new messages push out the oldest ones. */
let following = true;
/** What was told while something was read. */
let early: StoredMessage[] = [];
const goneEarly = new Set<number>();

/** Opens a conversation where reading goes on: after what is read, or at its end. */
export async function openWindow(id: string | undefined, unread = 0, readSeq = 0): Promise<void> {
  conversation = id;
  clear();
  if (!id) return;
  const found = wanted?.id === id ? wanted : undefined;
  wanted = undefined;
  try {
    if (found) await replace({ around: found.seq }, { to: found.seq, as: "found" }, FIRST);
    else
      await replace(unread > 0 ? { around: readSeq } : newest, unread > 0 ? { to: readSeq, as: "unread" } : end, FIRST);
  } catch {
    // Another attempt goes to the same place.
    wanted = found;
    unopened.value = true;
  }
}

const newest: PageAt = { before: Number.MAX_SAFE_INTEGER };
const end: Target = { to: "end", as: "end" };

function clear(): void {
  run += 1;
  loading = 0;
  following = true;
  [early, messages.value, context.value] = [[], [], new Map()];
  // Positions count within one conversation.
  goneEarly.clear();
  [hasOlder.value, hasNewer.value, loaded.value, unopened.value] = [false, false, false, false];
  target.value = undefined;
}

/** Reads a page; `undefined` if it is not wanted any more, whatever became of it. */
async function read(at: PageAt, limit: number): Promise<MessagePage | undefined> {
  const asked = run;
  const id = conversation;
  if (!id) return undefined;
  loading += 1;
  try {
    const page = await core.page(id, at, limit);
    return asked === run ? page : undefined;
  } catch (error) {
    if (asked === run) throw error;
    return undefined;
  } finally {
    if (asked === run) loading -= 1;
  }
}

async function replace(at: PageAt, to: Target, limit: number): Promise<void> {
  run += 1;
  loading = 0;
  const page = await read(at, limit);
  if (!page) return;
  batch(() => {
    messages.value = page.messages;
    context.value = new Map();
    [hasOlder.value, hasNewer.value, loaded.value] = [page.older, page.newer, true];
    take(page);
    // The same place again is gone to again.
    target.value = { ...to };
  });
}

/** What a page brings beside its messages, and what was told while it was read. */
function take(page: MessagePage): void {
  if (page.context.length > 0) addContext(page.context);
  const told = early;
  early = [];
  for (const message of told) insert(message);
  if (goneEarly.size > 0) drop(goneEarly);
  goneEarly.clear();
}

function addContext(more: StoredMessage[]): void {
  context.value = new Map([...context.value, ...more.map((message) => [message.seq, message] as const)]);
}

export async function loadOlder(): Promise<void> {
  const first = messages.value[0];
  if (!hasOlder.value || loading > 0 || !first) return;
  const page = await read({ before: first.seq }, PAGE);
  if (!page) return;
  batch(() => {
    const all = [...page.messages, ...messages.value];
    hasOlder.value = page.older;
    if (all.length > MOST + PAGE) hasNewer.value = true;
    messages.value = all.length > MOST + PAGE ? all.slice(0, MOST) : all;
    take(page);
  });
}

export async function loadNewer(): Promise<void> {
  const last = messages.value.at(-1);
  if (!hasNewer.value || loading > 0 || !last) return;
  const page = await read({ after: last.seq }, PAGE);
  if (!page) return;
  batch(() => {
    const all = [...messages.value, ...page.messages];
    hasNewer.value = page.newer;
    if (all.length > MOST + PAGE) hasOlder.value = true;
    messages.value = all.length > MOST + PAGE ? all.slice(-MOST) : all;
    take(page);
  });
}

export async function toStart(): Promise<void> {
  const to: Target = { to: "start", as: "end" };
  if (hasOlder.value) await replace({ after: 0 }, to, PAGE);
  else target.value = to;
}

export async function toEnd(): Promise<void> {
  if (hasNewer.value) await replace(newest, end, FIRST);
  else target.value = { ...end };
}

/** Shows the message at a position, wherever it is. */
export async function jumpTo(seq: number): Promise<void> {
  const to: Target = { to: seq, as: "found" };
  if (messages.value.some((message) => message.seq === seq)) target.value = to;
  else await replace({ around: seq }, to, PAGE);
}

/** Shows a message of any conversation. */
export function showMessage(id: string, seq: number): void {
  if (id === conversation) void jumpTo(seq);
  else wanted = { id, seq };
  go({ screen: "chats", conversation: id });
}

/** Shows the message with this id of its sender. Gives whether there is one. */
export async function jumpToId(id: string): Promise<boolean> {
  // The store knows which message the id means; another one with it may be here.
  const found = conversation ? (await core.find(conversation, id)).messages[0] : undefined;
  if (found && found.conversation_id === conversation) await jumpTo(found.seq);
  return found !== undefined;
}

/** Whether the person is at the end of the conversation. */
export function follow(atEnd: boolean): void {
  following = atEnd;
}

/** A message of the open conversation came, or became readable. */
export function hearShown(message: StoredMessage): void {
  if (message.conversation_id !== conversation) return;
  if (loading > 0 || !loaded.value) early.push(message);
  else insert(message);
}

function insert(message: StoredMessage): void {
  const all = messages.value;
  const [first, last] = [all[0]?.seq ?? 0, all.at(-1)?.seq ?? 0];
  // Whoever reads elsewhere gets new messages when they come to them.
  if (message.seq > last && !following && all.length >= MOST + PAGE) hasNewer.value = true;
  if (hasNewer.value && message.seq > last) {
    const about = targetOf(message.body_json);
    if (about !== undefined && all.some(({ txn_id }) => txn_id === about)) addContext([message]);
    return;
  }
  if (hasOlder.value && message.seq < first) return;
  const rest = all.filter(({ seq }) => seq !== message.seq);
  const now = rest.toSpliced(rest.findLastIndex(({ seq }) => seq < message.seq) + 1, 0, message);
  if (now.length > MOST + PAGE && following) hasOlder.value = true;
  messages.value = now.length > MOST + PAGE && following ? now.slice(-MOST) : now;
  const answered = answeredBy(message.body_json);
  if (answered !== undefined) void fetchAnswered(answered);
}

/** The message that a new one answers may be far up, whatever else here has its id. */
async function fetchAnswered(id: string): Promise<void> {
  const [asked, open] = [run, conversation];
  if (!open) return;
  const { messages: found, context: more } = await core.find(open, id);
  if (asked !== run || found.every(({ seq }) => isHere(seq))) return;
  addContext([...found, ...more]);
}

const isHere = (seq: number) => context.value.has(seq) || messages.value.some((message) => message.seq === seq);

/** The store has older messages than before: a history came. */
export function hearHistory(): void {
  if (!loaded.value) return;
  if (messages.value.length === 0) void replace(newest, end, FIRST);
  else hasOlder.value = true;
}

/** A message's content is gone. */
export function hearGone(id: string, seq: number): void {
  if (id !== conversation) return;
  if (loading > 0) goneEarly.add(seq);
  drop(new Set([seq]));
}

function drop(gone: ReadonlySet<number>): void {
  early = early.filter(({ seq }) => !gone.has(seq));
  messages.value = messages.value.filter(({ seq }) => !gone.has(seq));
  if ([...gone].some((seq) => context.value.has(seq))) {
    context.value = new Map([...context.value].filter(([seq]) => !gone.has(seq)));
  }
}
