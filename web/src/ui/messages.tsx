// The messages of one conversation, and what is read of them.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { targetOf } from "../core/about";
import type { ConversationView } from "../core/told";
import { t, unreadCount } from "../i18n";
import { lines } from "../people";
import { same } from "../same";
import { core, failure, notice, openConversation, outgoing, sent } from "../state";
import { withLines } from "../system-lines";
import { type Item, thread } from "../thread";
import {
  context,
  follow,
  hasNewer,
  hasOlder,
  loaded,
  loadNewer,
  loadOlder,
  messages,
  type Target,
  target,
  toEnd,
  toStart,
  unopened,
} from "../window";
import { SearchInChat } from "./chat-tools";
import { searchedIn } from "./finding";
import { Message } from "./message";
import { guessHeight, type MessageRow, rowsOf, withContext } from "./rows";
import { SystemLine } from "./system-line";
import { type Goal, VirtualList } from "./virtual";

const READ_EVERY_MS = 250;
const FOUND_MS = 2_500;

export function Messages({ view, own }: { view: ConversationView; own: string }) {
  const id = view.conversation_id;
  const items = itemsOf(view, own);
  const [divider, setDivider] = useDivider(view);
  const entries = withLines(items, lines.value.get(id) ?? [], hasOlder.value, hasNewer.value);
  const rows = rowsOf(entries, { divider });
  const cached = useSame(rows, view);
  const goal = useMemo(() => goalOf(target.value, cached), [target.value]);
  const [atEnd, setAtEnd] = useState(true);
  const markRead = useReading(id);
  useOwnToEnd(id, () => setDivider(undefined));
  const seen = (key: string | undefined, end: boolean) => {
    setAtEnd(end);
    follow(end);
    const seq = end ? messages.value.at(-1)?.seq : cached.find((row) => row.key === key)?.seq;
    if (seq) markRead(seq);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
    if (event.key === "Home") reading(toStart());
    else if (event.key === "End") reading(toEnd());
    else return;
    event.preventDefault();
  };
  return (
    <div class="talk">
      {searchedIn.value === id && <SearchInChat id={id} />}
      {loaded.value && rows.length === 0 && <p class="empty hint">{t("noMessages")}</p>}
      {unopened.value && <Unopened />}
      <VirtualList
        rows={cached}
        draw={(row) => <Drawn row={row} view={view} own={own} />}
        guess={guessHeight}
        goal={goal}
        hasOlder={hasOlder.value}
        hasNewer={hasNewer.value}
        older={() => reading(loadOlder())}
        newer={() => reading(loadNewer())}
        seen={seen}
        label={t("messages")}
        busy={!loaded.value && !unopened.value}
        onKeyDown={onKeyDown}
      />
      {(!atEnd || hasNewer.value) && loaded.value && <ToEnd unread={view.unread} />}
      <Announced items={items} view={view} />
    </div>
  );
}

function Unopened() {
  return (
    <div class="empty" role="alert">
      <p>{t("notOpened")}</p>
      <button type="button" class="primary" onClick={() => void openConversation()}>
        {t("tryAgain")}
      </button>
    </div>
  );
}

const reading = (read: Promise<void>) => void read.catch((error: unknown) => notice(failure(error)));

/** The items of the run; what belongs to it from elsewhere changes them and is not listed. */
function itemsOf(view: ConversationView, own: string): Item[] {
  const [run, more] = [messages.value, context.value];
  const [first, last] = [run[0]?.seq ?? 0, run.at(-1)?.seq ?? 0];
  const waiting = hasNewer.value
    ? []
    : [...outgoing.value.values()].filter(({ conversation_id }) => conversation_id === view.conversation_id);
  return thread(withContext(run, more), waiting, sent.value, view, own).filter(
    ({ seq }) => seq === undefined || (seq >= first && seq <= last),
  );
}

function Drawn({ row, view, own }: { row: MessageRow; view: ConversationView; own: string }) {
  const found = target.value?.as === "found" && target.value.to === row.seq;
  const slot = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!found) return undefined;
    // Whoever listens to the page hears where it went.
    slot.current?.focus({ preventScroll: true });
    const timer = setTimeout(() => {
      if (target.value?.to === row.seq) target.value = undefined;
    }, FOUND_MS);
    return () => clearTimeout(timer);
  }, [found]);
  return (
    <div class={`line ${found ? "found" : ""}`} ref={slot} tabIndex={-1}>
      {row.divider && (
        <p class="divider">
          <span>{t("newMessages")}</span>
        </p>
      )}
      {"line" in row.entry ? (
        <SystemLine entry={row.entry} before={row.before} view={view} own={own} />
      ) : (
        <Message item={row.entry} before={row.before} view={view} />
      )}
    </div>
  );
}

function ToEnd({ unread }: { unread: number }) {
  return (
    <button type="button" class="to-end" onClick={() => reading(toEnd())}>
      {unread > 0 && (
        <span class="badge" aria-hidden="true">
          {unread > 99 ? "99+" : unread}
        </span>
      )}
      <span aria-hidden="true">↓</span>
      <span class="sr">
        {t("toEnd")} {unread > 0 ? unreadCount(unread) : ""}
      </span>
    </button>
  );
}

/** New messages of others are read out; older ones that scrolling brings are not. */
function Announced({ items, view }: { items: Item[]; view: ConversationView }) {
  const last = items.findLast(({ own, seq }) => !own && seq !== undefined);
  const heard = useRef<number | undefined>(undefined);
  const [text, setText] = useState("");
  const seq = hasNewer.value ? undefined : last?.seq;
  useEffect(() => {
    if (!loaded.value || seq === undefined) return;
    if (heard.current !== undefined && seq > heard.current) {
      const name = view.members.find((member) => member.user_id === last?.sender)?.username ?? "?";
      const bare = last?.warned ? "warned" : "warnedRevoked";
      const said = last?.text?.slice(0, 300) ?? t("unknownBody");
      setText(last?.kind === "warning" ? t(bare) : `${name}: ${said}`);
    }
    heard.current = Math.max(heard.current ?? 0, seq);
  }, [seq, loaded.value]);
  return (
    <p class="sr" aria-live="polite">
      {text}
    </p>
  );
}

/** After which message the new ones begin, for this visit. */
function useDivider(view: ConversationView): [number | undefined, (after: number | undefined) => void] {
  const [after, setAfter] = useState(view.unread > 0 ? view.read_seq : undefined);
  useEffect(() => {
    // What comes while nobody looks is new for whoever comes back.
    const turned = () => {
      if (document.visibilityState === "hidden") setAfter(view.read_seq);
      else if (view.unread === 0) setAfter(undefined);
    };
    document.addEventListener("visibilitychange", turned);
    return () => document.removeEventListener("visibilitychange", turned);
  }, [view.read_seq, view.unread]);
  return [after, setAfter];
}

/** Tells now and then how far the person has read, while they look. */
function useReading(id: string): (seq: number) => void {
  const read = useRef({ seq: 0, told: 0, timer: 0 });
  const tell = () => {
    const { seq, told } = read.current;
    read.current.timer = 0;
    if (seq <= told || document.visibilityState !== "visible") return;
    read.current.told = seq;
    core.markRead(id, seq).catch(() => undefined);
  };
  useEffect(() => {
    document.addEventListener("visibilitychange", tell);
    return () => {
      document.removeEventListener("visibilitychange", tell);
      clearTimeout(read.current.timer);
      tell();
    };
  }, []);
  return (seq) => {
    const now = read.current;
    if (seq <= now.seq) return;
    now.seq = seq;
    now.timer ||= window.setTimeout(tell, READ_EVERY_MS);
  };
}

/** Whoever writes wants to see it. */
function useOwnToEnd(id: string, wrote: () => void): void {
  const queued = [...outgoing.value.values()].findLast(
    ({ conversation_id, body_json }) => conversation_id === id && targetOf(body_json) === undefined,
  )?.txn_id;
  const known = useRef(queued);
  useEffect(() => {
    if (queued && queued !== known.current && document.hasFocus()) {
      wrote();
      void toEnd();
    }
    known.current = queued;
  }, [queued]);
}

/** The rows as they were, where nothing changed: they are not drawn again. */
function useSame(rows: MessageRow[], view: ConversationView): MessageRow[] {
  const before = useRef<{ rows: Map<string, MessageRow>; view: object }>({ rows: new Map(), view: {} });
  const { marks, last, unread, read_seq, told_read_seq, heard_seq, mentions, draft, ...steady } = view;
  const known = same(before.current.view, steady) ? before.current.rows : new Map<string, MessageRow>();
  const kept = rows.map((row) => {
    const old = known.get(row.key);
    return old && looksLike(old, row) ? old : row;
  });
  before.current = { rows: new Map(kept.map((row) => [row.key, row])), view: steady };
  return kept;
}

const looksLike = (one: MessageRow, other: MessageRow): boolean =>
  one.divider === other.divider && one.before?.at === other.before?.at && same(one.entry, other.entry);

function goalOf(to: Target | undefined, rows: MessageRow[]): { to: Goal } | undefined {
  if (!to) return undefined;
  if (to.to === "end" || to.to === "start") return { to: to.to };
  const wanted = to.to;
  if (to.as === "unread") {
    const first = rows.find((row) => row.divider);
    return { to: first ? { key: first.key, place: 0.25 } : "end" };
  }
  const row = rows.findLast(({ seq }) => seq !== undefined && seq <= wanted) ?? rows[0];
  return { to: row ? { key: row.key, place: 0.35 } : "end" };
}
