// The list of conversations, and beginning a new one.
import { useState } from "preact/hooks";
import { briefTime, t, unreadCount } from "../i18n";
import { partnerOf } from "../people";
import { core, go, me, route, sortedConversations } from "../state";
import { previewOf, titleOf } from "../thread";
import { VerifiedBadge } from "./badges";
import { later } from "./later";
import { Avatar, Field, Form } from "./parts";
import { Requests } from "./requests";

const NewGroup = later(async () => (await import("./new-group")).NewGroup);

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
        <button type="button" class="primary small" onClick={() => setStarting(true)}>
          {t("newChat")}
        </button>
      </header>
      {starting && <NewChat onClose={() => setStarting(false)} />}
      <Requests open={open} />
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
                  <VerifiedBadge user={partnerOf(view, own)?.user_id} />
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
  const [group, setGroup] = useState(false);
  const start = async () => {
    const conversation = await core.startDirect(username.trim().toLowerCase());
    onClose();
    go({ screen: "chats", conversation });
  };
  return (
    <section class="new-chat" aria-label={t("newChat")}>
      {group ? (
        <NewGroup onClose={onClose} />
      ) : (
        <>
          <Form submit={t("start")} onSubmit={start}>
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
