// One conversation: its head, its messages, and what can be done below them.
import { menu } from "../compose";
import type { ConversationView } from "../core/told";
import { t } from "../i18n";
import { blocked, conversations, core, failure, go, me, notice, typing } from "../state";
import { titleOf } from "../thread";
import { ChatTools } from "./chat-tools";
import { Composer } from "./composer";
import { MessageMenu } from "./menu";
import { Messages } from "./messages";
import { Avatar } from "./parts";
import { Timer } from "./timer";

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
        {!view.left && view.state !== "requested" && <Timer view={view} />}
        <ChatTools view={view} />
      </header>
      <Messages view={view} own={own} />
      {blocked.value.has(id) && <p class="banner">{t("blockedViolated", { name: title })}</p>}
      <Bottom view={view} title={title} />
      {menu.value && <MessageMenu open={menu.value} />}
    </main>
  );
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
