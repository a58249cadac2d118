// One conversation: its messages, their states, and the line to write in.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ConversationView } from "../core/told";
import { dayOf, t, timeOf } from "../i18n";
import {
  blocked,
  conversations,
  core,
  failure,
  go,
  hasOlder,
  loadOlder,
  me,
  messages,
  notice,
  outgoing,
  sent,
  typing,
  unreadable,
} from "../state";
import { type Item, thread, titleOf } from "../thread";
import { Avatar } from "./parts";

const STATES = {
  queued: "stateQueued",
  sent: "stateSent",
  delivered: "stateDelivered",
  read: "stateRead",
  failed: "stateFailed",
} as const;
const TICKS = { queued: "○", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!" } as const;

export function Conversation({ id }: { id: string }) {
  const view = conversations.value.get(id);
  const own = me.value?.user_id ?? "";
  if (!view) return <main class="conversation empty">{t("pickChat")}</main>;
  const title = titleOf(view, own);
  const typist = view.members.find((member) => member.user_id === typing.value.get(id))?.username;
  return (
    <main class="conversation" aria-label={title}>
      <header>
        <button type="button" class="quiet back" onClick={() => go({ screen: "chats" })}>
          <span aria-hidden="true">‹</span>
          <span class="sr">{t("back")}</span>
        </button>
        <Avatar name={title} />
        <div>
          <h2>
            <bdi>{title}</bdi>
          </h2>
          <p class="hint" aria-live="polite">
            {typist ? t("typing", { name: typist }) : ""}
          </p>
        </div>
      </header>
      <Messages view={view} own={own} />
      {blocked.value.has(id) && <p class="banner">{t("blockedViolated", { name: title })}</p>}
      <Bottom view={view} title={title} />
    </main>
  );
}

function Messages({ view, own }: { view: ConversationView; own: string }) {
  const id = view.conversation_id;
  const waiting = [...outgoing.value.values()].filter((message) => message.conversation_id === id);
  const items = thread(messages.value, waiting, sent.value, view, own);
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const last = items.at(-1)?.id;
  // Who reads at the end stays there; who reads older messages is left alone.
  useLayoutEffect(() => {
    if (atEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [last, items.length]);
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
      {items.length === 0 && <p class="empty hint">{t("noMessages")}</p>}
      {items.map((item, at) => (
        <Message key={item.id} item={item} before={items[at - 1]} view={view} />
      ))}
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

function Message({ item, before, view }: { item: Item; before: Item | undefined; view: ConversationView }) {
  const day = dayOf(item.at);
  const sender = view.members.find((member) => member.user_id === item.sender)?.username ?? "?";
  const state = item.state && t(STATES[item.state]);
  return (
    <>
      {(!before || dayOf(before.at) !== day) && <h3 class="day">{day}</h3>}
      <article class={`bubble ${item.own ? "own" : ""}`} aria-label={item.own ? t("you") : sender}>
        {!item.own && view.kind === "group" && <p class="sender">{sender}</p>}
        {item.answers && <blockquote dir="auto">{item.answers}</blockquote>}
        <p class="text" dir="auto">
          {item.text ?? <em>{t("unknownBody")}</em>}
        </p>
        {item.warned && <p class="warned">{t("warned")}</p>}
        <footer>
          {[...item.reactions].map(([emoji, who]) => (
            <span key={emoji} class="reaction">
              {emoji} {who.size > 1 ? who.size : ""}
            </span>
          ))}
          {item.edited && <span>{t("edited")}</span>}
          <time>{timeOf(item.at)}</time>
          {item.state && (
            <span class={`state ${item.state}`} title={state}>
              <span aria-hidden="true">{TICKS[item.state]}</span>
              <span class="sr">{state}</span>
            </span>
          )}
        </footer>
        {item.failed && (
          <button type="button" class="link" onClick={() => dismiss(item.id)}>
            {t("stateFailed")} · {t("dismiss")}
          </button>
        )}
      </article>
    </>
  );
}

async function dismiss(txnId: string): Promise<void> {
  await core.dismiss(txnId);
  const rest = new Map(outgoing.value);
  rest.delete(txnId);
  outgoing.value = rest;
}

function Bottom({ view, title }: { view: ConversationView; title: string }) {
  const id = view.conversation_id;
  if (view.left) return <p class="banner">{t("leftChat")}</p>;
  if (view.state !== "requested") return <Composer id={id} />;
  const answer = (call: Promise<void>) => call.catch((error: unknown) => notice(failure(error)));
  return (
    <div class="banner">
      <p>
        <bdi>{title}</bdi> {t("request")}
      </p>
      <button type="button" class="primary" onClick={() => answer(core.acceptRequest(id))}>
        {t("accept")}
      </button>
      <button type="button" class="quiet" onClick={() => answer(core.declineRequest(id))}>
        {t("decline")}
      </button>
    </div>
  );
}

function Composer({ id }: { id: string }) {
  const [text, setText] = useState("");
  const typed = useRef(0);
  const send = async () => {
    const body = text.trim();
    if (!body) return;
    setText("");
    try {
      await core.sendText(id, body);
    } catch (error) {
      setText(body);
      notice(failure(error));
    }
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void send();
  };
  const onInput = (value: string) => {
    setText(value);
    const now = performance.now();
    if (now - typed.current < 3_000) return;
    typed.current = now;
    void core.setTyping(id, true);
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        rows={1}
        dir="auto"
        aria-label={t("message")}
        placeholder={t("message")}
        value={text}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={onKey}
      />
      <button type="submit" class="primary" disabled={!text.trim()}>
        {t("send")}
      </button>
    </form>
  );
}
