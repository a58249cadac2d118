// The list of conversations, and beginning a new one.
import { useState } from "preact/hooks";
import { briefTime, t, unreadCount } from "../i18n";
import { core, go, me, route, sortedConversations } from "../state";
import { previewOf, titleOf } from "../thread";
import { Avatar, Field, Form } from "./parts";

const GEAR =
  "M10.3 4.3c.4-1.8 3-1.8 3.4 0a1.7 1.7 0 0 0 2.6 1.1c1.5-.9 3.3.8 2.4 2.4a1.7 1.7 0 0 0 1 2.5c1.8.5 1.8 3 0 3.4a1.7 1.7 0 0 0-1 2.6c.9 1.5-.9 3.3-2.4 2.4a1.7 1.7 0 0 0-2.6 1c-.4 1.8-3 1.8-3.4 0a1.7 1.7 0 0 0-2.6-1c-1.5.9-3.3-.9-2.4-2.4a1.7 1.7 0 0 0-1-2.6c-1.8-.4-1.8-2.9 0-3.4a1.7 1.7 0 0 0 1-2.5c-.9-1.6.9-3.3 2.4-2.4a1.7 1.7 0 0 0 2.6-1.1ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z";

export function Chats() {
  const [starting, setStarting] = useState(false);
  const own = me.value?.user_id ?? "";
  const open = route.value.screen === "chats" ? route.value.conversation : undefined;
  const list = sortedConversations.value;
  const now = Date.now();
  return (
    <nav class="chats" aria-label={t("chats")}>
      <header>
        <h1>{t("chats")}</h1>
        <button type="button" class="quiet" onClick={() => go({ screen: "devices" })}>
          {t("devices")}
        </button>
        <button type="button" class="quiet icon" onClick={() => go({ screen: "settings" })}>
          <svg aria-hidden="true" viewBox="0 0 24 24">
            <path d={GEAR} />
          </svg>
          <span class="sr">{t("settings")}</span>
        </button>
        <button type="button" class="primary small" onClick={() => setStarting(true)}>
          {t("newChat")}
        </button>
      </header>
      {starting && <NewChat onClose={() => setStarting(false)} />}
      {list.length === 0 && !starting && (
        <div class="empty">
          <p>{t("noChats")}</p>
          <p class="hint">{t("noChatsHint")}</p>
        </div>
      )}
      <ul>
        {list.map((view) => (
          <li key={view.conversation_id}>
            <a
              href={`#/chat/${view.conversation_id}`}
              aria-current={view.conversation_id === open ? "page" : undefined}
              class="row"
            >
              <Avatar name={titleOf(view, own)} />
              <span class="row-text">
                <span class="row-title">
                  <bdi>{titleOf(view, own)}</bdi>
                  {view.last && <time>{briefTime(view.last.at_ms, now)}</time>}
                </span>
                <span class="row-preview">
                  <bdi>{view.state === "requested" ? t("request") : previewOf(view)}</bdi>
                  {view.unread > 0 && (
                    <span class="badge">
                      <span aria-hidden="true">{view.unread > 99 ? "99+" : view.unread}</span>
                      <span class="sr">{unreadCount(view.unread)}</span>
                    </span>
                  )}
                </span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function NewChat({ onClose }: { onClose: () => void }) {
  const [username, setUsername] = useState("");
  const start = async () => {
    const conversation = await core.startDirect(username.trim().toLowerCase());
    onClose();
    go({ screen: "chats", conversation });
  };
  return (
    <section class="new-chat" aria-label={t("newChat")}>
      <Form submit={t("start")} onSubmit={start}>
        <Field
          label={t("username")}
          value={username}
          onValue={setUsername}
          hint={t("newChatHint")}
          autocomplete="off"
        />
      </Form>
      <button type="button" class="link" onClick={onClose}>
        {t("cancel")}
      </button>
    </section>
  );
}
