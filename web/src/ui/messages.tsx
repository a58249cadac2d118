// The messages of one conversation, and what is read of them.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { ConversationView } from "../core/told";
import { t } from "../i18n";
import { lines } from "../people";
import { core, hasOlder, loadOlder, messages, outgoing, sent, unreadable } from "../state";
import { withLines } from "../system-lines";
import { thread } from "../thread";
import { Message } from "./message";
import { SystemLine } from "./system-line";

export function Messages({ view, own }: { view: ConversationView; own: string }) {
  const id = view.conversation_id;
  const waiting = [...outgoing.value.values()].filter((message) => message.conversation_id === id);
  const items = thread(messages.value, waiting, sent.value, view, own);
  const entries = withLines(items, lines.value.get(id) ?? [], hasOlder.value);
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const last = entries.at(-1)?.id;
  // Who reads at the end stays there; who reads older messages is left alone.
  useLayoutEffect(() => {
    if (atEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [last, entries.length]);
  useEffect(() => {
    const box = list.current;
    if (!box) return undefined;
    const keep = new ResizeObserver(() => {
      if (atEnd.current) box.scrollTop = box.scrollHeight;
    });
    keep.observe(box);
    return () => keep.disconnect();
  }, []);
  const newest = messages.value.at(-1)?.seq ?? 0;
  useEffect(() => {
    const read = () => {
      if (newest > 0 && document.visibilityState === "visible") void core.markRead(id, newest);
    };
    read();
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [id, newest]);
  const onScroll = () => {
    const box = list.current;
    if (box) atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  };
  const lost = unreadable.value.filter((event) => event.conversation_id === id);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by the keyboard
    <div class="messages" ref={list} onScroll={onScroll} role="log" aria-label={t("chats")} tabIndex={0}>
      {hasOlder.value && (
        <button type="button" class="link" onClick={() => loadOlder(id)}>
          {t("older")}
        </button>
      )}
      {entries.length === 0 && <p class="empty hint">{t("noMessages")}</p>}
      {entries.map((entry, at) =>
        "line" in entry ? (
          <SystemLine key={entry.id} entry={entry} before={entries[at - 1]} view={view} own={own} />
        ) : (
          <Message key={entry.id} item={entry} before={entries[at - 1]} view={view} />
        ),
      )}
      {lost.map((event) => (
        <p key={event.seq} class="lost">
          {event.reason === "NoSession" || event.reason === "unknown_sender"
            ? t("unreadable")
            : t("neverReadable", { reason: event.reason })}
        </p>
      ))}
    </div>
  );
}
