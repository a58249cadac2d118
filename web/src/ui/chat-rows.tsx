// The rows of the list of conversations. All are of one height, and only those in sight are drawn.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ConversationView } from "../core/told";
import { briefTime, t, unreadCount } from "../i18n";
import { partnerOf } from "../people";
import { me, typing } from "../state";
import { previewOf, titleOf } from "../thread";
import { VerifiedBadge } from "./badges";
import { Avatar } from "./parts";

const ROW = 70;
const BEYOND = 8;

export function ChatRows({ list, open }: { list: ConversationView[]; open: string | undefined }) {
  const box = useRef<HTMLUListElement>(null);
  const row = useRef(ROW);
  const [sight, setSight] = useState({ top: 0, view: 1_000 });
  const [focused, setFocused] = useState<string | undefined>(undefined);
  const wanted = useRef<number | undefined>(undefined);
  const look = () => {
    const { scrollTop: top = 0, clientHeight: view = 0 } = box.current ?? {};
    const far = row.current * (BEYOND / 2);
    setSight((now) => (Math.abs(top - now.top) > far || view !== now.view ? { top, view } : now));
  };
  /** Into sight, where it is drawn. */
  const bring = (at: number) => {
    const rows = box.current;
    if (!rows) return;
    const top = Math.max(0, Math.min(rows.scrollTop, at * row.current));
    rows.scrollTop = Math.max(top, (at + 1) * row.current - rows.clientHeight);
    setSight({ top: rows.scrollTop, view: rows.clientHeight });
  };
  useEffect(() => {
    const sizes = new ResizeObserver(look);
    if (box.current) sizes.observe(box.current);
    return () => sizes.disconnect();
  }, []);
  useLayoutEffect(() => {
    row.current = box.current?.querySelector("li:not([aria-hidden])")?.getBoundingClientRect().height || row.current;
    const link = wanted.current === undefined ? null : box.current?.querySelector(`[data-at="${wanted.current}"]`);
    if (!(link instanceof HTMLElement)) return;
    wanted.current = undefined;
    link.focus();
    link.scrollIntoView({ block: "nearest" });
  });
  const shown = useRef(open);
  useLayoutEffect(() => {
    const before = list.findIndex((view) => view.conversation_id === shown.current);
    // Whoever comes back to the list finds the row that was open.
    if (!open && before >= 0) bring(before);
    shown.current = open;
  }, [open]);
  const from = Math.max(0, Math.floor(sight.top / row.current) - BEYOND);
  const to = Math.min(list.length, Math.ceil((sight.top + sight.view) / row.current) + BEYOND);
  const stop = list.findIndex((view) => view.conversation_id === (focused ?? open));
  const onKeyDown = (event: KeyboardEvent) => {
    const at = Number((event.target as HTMLElement).dataset["at"]);
    if (Number.isNaN(at) || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 }[event.key];
    const view = next === undefined ? undefined : list[next];
    if (next === undefined || !view) return;
    event.preventDefault();
    wanted.current = next;
    bring(next);
    setFocused(view.conversation_id);
  };
  const now = Date.now();
  return (
    <ul class="chat-rows" ref={box} onScroll={look} onKeyDown={onKeyDown}>
      <li aria-hidden="true" role="presentation" style={{ height: `${from * row.current}px` }} />
      {list.slice(from, to).map((view, index) => {
        const at = from + index;
        return (
          <li key={view.conversation_id} aria-setsize={list.length} aria-posinset={at + 1}>
            <a
              class="row"
              href={`#/chat/${view.conversation_id}`}
              data-at={at}
              tabIndex={at === Math.max(0, stop) ? 0 : -1}
              aria-current={view.conversation_id === open ? "page" : undefined}
              onFocus={() => setFocused(view.conversation_id)}
            >
              <ChatRow view={view} now={now} />
            </a>
          </li>
        );
      })}
      <li aria-hidden="true" role="presentation" style={{ height: `${(list.length - to) * row.current}px` }} />
    </ul>
  );
}

function ChatRow({ view, now }: { view: ConversationView; now: number }) {
  const own = me.value?.user_id ?? "";
  const title = titleOf(view, own);
  return (
    <>
      <Avatar name={title} />
      <span class="row-text">
        <span class="row-title">
          <bdi>{title}</bdi>
          <VerifiedBadge user={partnerOf(view, own)?.user_id} />
          {view.muted && <BellOff label={t("muted")} />}
          {view.last && <time>{briefTime(view.last.at_ms, now)}</time>}
        </span>
        <span class="row-preview">
          <Preview view={view} own={own} />
          {(view.mentions ?? []).length > 0 && (
            <span class="badge mention">
              <span aria-hidden="true">@</span>
              <span class="sr">{t("mentioned")}</span>
            </span>
          )}
          {view.unread > 0 && (
            <span class={`badge ${view.muted ? "calm" : ""}`}>
              <span aria-hidden="true">{view.unread > 99 ? "99+" : view.unread}</span>
              <span class="sr">{unreadCount(view.unread)}</span>
            </span>
          )}
        </span>
      </span>
    </>
  );
}

/** Who types, or what was said last. */
function Preview({ view, own }: { view: ConversationView; own: string }) {
  const typist = typing.value.get(view.conversation_id);
  const name = typist && view.members.find((member) => member.user_id === typist)?.username;
  if (name) return <bdi class="typing">{t("typing", { name })}</bdi>;
  if (view.state === "requested") return <bdi>{t("request")}</bdi>;
  const text = previewOf(view);
  return <bdi>{text && view.last?.sender_user_id === own ? t("yourMessage", { text }) : text}</bdi>;
}

export function BellOff({ label }: { label?: string }) {
  return (
    <svg class="bell" viewBox="0 0 24 24" role={label ? "img" : undefined} aria-label={label} aria-hidden={!label}>
      <path d="M6 9a6 6 0 0 1 9.5-4.9M18 10c0 4 1.5 5.5 2 6H8M4.5 16C5.5 15 6 13 6 10.5M10 19a2.2 2.2 0 0 0 4 0M4 4l16 16" />
    </svg>
  );
}

/** The list before anything is known of it. */
export function ChatSkeleton() {
  return (
    <ul class="chat-rows skeletons" aria-busy="true" aria-label={t("loadingChats")}>
      {[70, 45, 60, 38, 52, 64].map((width) => (
        <li key={width} class="row" aria-hidden="true">
          <span class="avatar" />
          <span class="row-text">
            <span style={{ width: `${width / 2}%` }} />
            <span style={{ width: `${width + 20}%` }} />
          </span>
        </li>
      ))}
    </ul>
  );
}
