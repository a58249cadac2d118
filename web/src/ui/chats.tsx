// The list of conversations, searching in them, and beginning a new one.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { fold } from "../core/fold";
import { t } from "../i18n";
import { connection, core, go, me, peopleFailure, requests, route, sortedConversations } from "../state";
import { titleOf } from "../thread";
import { ChatRows, ChatSkeleton } from "./chat-rows";
import { useSearch } from "./finding";
import { Hits } from "./found";
import { lazyPart } from "./lazy";
import { Field, Form } from "./parts";
import { Requests } from "./requests";

const NewGroup = lazyPart(async () => (await import("./new-group")).NewGroup);

const GEAR =
  "M10.3 4.3c.4-1.8 3-1.8 3.4 0a1.7 1.7 0 0 0 2.6 1.1c1.5-.9 3.3.8 2.4 2.4a1.7 1.7 0 0 0 1 2.5c1.8.5 1.8 3 0 3.4a1.7 1.7 0 0 0-1 2.6c.9 1.5-.9 3.3-2.4 2.4a1.7 1.7 0 0 0-2.6 1c-.4 1.8-3 1.8-3.4 0a1.7 1.7 0 0 0-2.6-1c-1.5.9-3.3-.9-2.4-2.4a1.7 1.7 0 0 0-1-2.6c-1.8-.4-1.8-2.9 0-3.4a1.7 1.7 0 0 0 1-2.5c-.9-1.6.9-3.3 2.4-2.4a1.7 1.7 0 0 0 2.6-1.1ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z";

/** A screen with a phone before it. */
const DEVICES = "M13 17H3.5V5h17v3M7 20.5h6M16 10.5h5v10h-5Z";

export function Chats() {
  const [starting, setStarting] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const end = () => {
    setStarting(false);
    button.current?.focus();
  };
  const [query, setQuery] = useState("");
  const open = route.value.screen === "chats" ? route.value.conversation : undefined;
  const list = sortedConversations.value;
  return (
    <nav class="chats" aria-label={t("chats")}>
      <header>
        <h1>{t("chats")}</h1>
        <button type="button" class="quiet icon" onClick={() => go({ screen: "devices" })}>
          <svg aria-hidden="true" viewBox="0 0 24 24">
            <path d={DEVICES} />
          </svg>
          <span class="sr">{t("devices")}</span>
        </button>
        <button type="button" class="quiet icon" onClick={() => go({ screen: "settings" })}>
          <svg aria-hidden="true" viewBox="0 0 24 24">
            <path d={GEAR} />
          </svg>
          <span class="sr">{t("settings")}</span>
        </button>
        <button type="button" class="primary small" ref={button} onClick={() => setStarting(true)}>
          {t("newChat")}
        </button>
      </header>
      {starting && <NewChat onClose={end} />}
      {list.length > 0 && <SearchField query={query} onQuery={setQuery} />}
      {query.trim() !== "" ? (
        <Results query={query} open={open} />
      ) : (
        <>
          <Requests open={open} />
          <All open={open} starting={starting} />
        </>
      )}
    </nav>
  );
}

function All({ open, starting }: { open: string | undefined; starting: boolean }) {
  const list = sortedConversations.value;
  if (list.length > 0) return <ChatRows list={list} open={open} />;
  if (connection.value === "connecting" || connection.value === "catching_up") return <ChatSkeleton />;
  if (starting || requests.value.length > 0) return null;
  return (
    <div class="empty">
      <p>{t("noChats")}</p>
      <p class="hint">{t("noChatsHint")}</p>
    </div>
  );
}

function SearchField({ query, onQuery }: { query: string; onQuery: (query: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const writing = event.target instanceof Element && event.target.closest("input, textarea, [contenteditable]");
      const asked = event.key === "/" ? !writing && !event.ctrlKey && !event.metaKey : false;
      const called = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey;
      if (!asked && !called) return;
      event.preventDefault();
      // On a phone the list is not there while a conversation is.
      if (field.current?.offsetParent === null) go({ screen: "chats" });
      field.current?.focus();
      requestAnimationFrame(() => field.current?.focus());
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && query) {
      event.preventDefault();
      onQuery("");
    }
    const first = field.current?.closest(".chats")?.querySelector<HTMLElement>("a.row");
    if (event.key === "ArrowDown" && first) {
      event.preventDefault();
      first.focus();
    }
    if (event.key === "Enter" && query) first?.click();
  };
  return (
    <search class="search">
      <input
        ref={field}
        type="search"
        aria-label={t("searchHint")}
        placeholder={t("search")}
        aria-keyshortcuts="/ Control+K"
        value={query}
        maxLength={200}
        autocomplete="off"
        onInput={(event) => onQuery(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
    </search>
  );
}

/** Conversations of this name, and messages with these words. */
function Results({ query, open }: { query: string; open: string | undefined }) {
  const own = me.value?.user_id ?? "";
  const wanted = fold(query.trim());
  const named = sortedConversations.value.filter((view) => fold(titleOf(view, own)).includes(wanted)).slice(0, 20);
  const found = useSearch(query);
  const results = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !results.current) return;
    event.preventDefault();
    event.stopPropagation();
    const rows = [...results.current.querySelectorAll<HTMLElement>("a.row")];
    const next = rows[rows.indexOf(document.activeElement as HTMLElement) + step];
    if (next) next.focus();
    else if (step < 0) results.current.closest(".chats")?.querySelector<HTMLElement>("input")?.focus();
  };
  return (
    <div class="results" ref={results} onKeyDownCapture={onKeyDown}>
      {named.length > 0 && (
        <>
          <p class="hint heading">{t("searchChats")}</p>
          <ChatRows list={named} open={open} />
        </>
      )}
      <Hits found={found} />
    </div>
  );
}

function NewChat({ onClose }: { onClose: () => void }) {
  const [username, setUsername] = useState("");
  const [group, setGroup] = useState(false);
  const box = useRef<HTMLElement>(null);
  useLayoutEffect(() => box.current?.querySelector("input")?.focus(), []);
  const start = async () => {
    const conversation = await core.startDirect(username.trim().toLowerCase());
    onClose();
    go({ screen: "chats", conversation });
  };
  return (
    <section class="new-chat" ref={box} aria-label={t("newChat")}>
      {group ? (
        <NewGroup onClose={onClose} />
      ) : (
        <>
          <Form submit={t("start")} onSubmit={start} errorText={peopleFailure}>
            <Field
              label={t("username")}
              value={username}
              onValue={setUsername}
              hint={t("newChatHint")}
              autocomplete="off"
            />
          </Form>
          <button type="button" class="link" onClick={() => setGroup(true)}>
            {t("newGroup")}
          </button>
        </>
      )}
      <button type="button" class="link" onClick={onClose}>
        {t("cancel")}
      </button>
    </section>
  );
}
