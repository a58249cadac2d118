// One conversation: its head, its messages, and what can be done below them.
import { useEffect } from "preact/hooks";
import { back } from "../back";
import { menu } from "../compose";
import type { ConversationView } from "../core/told";
import { t } from "../i18n";
import { blocks, partnerOf, sheet, undecided } from "../people";
import { connection, conversations, me, typing } from "../state";
import { titleOf } from "../thread";
import { VerifiedBadge } from "./badges";
import { unblock } from "./blocking";
import { ChatTools } from "./chat-tools";
import { Composer } from "./composer";
import { KeyBanners } from "./key-banner";
import { lazyPart } from "./lazy";
import { MessageMenu } from "./menu";
import { Messages } from "./messages";
import { Avatar } from "./parts";
import { RequestBanner } from "./requests";
import { Timer } from "./timer";
import { Words } from "./words";

const Panel = lazyPart(async () => (await import("./panel")).Panel);

export function Conversation({ id }: { id: string }) {
  const view = conversations.value.get(id);
  const own = me.value?.user_id ?? "";
  // Whoever goes elsewhere, by the browser's back button too, does not find them open over there.
  useEffect(
    () => () => {
      menu.value = undefined;
      if (sheet.peek()?.conversation === id) sheet.value = undefined;
    },
    [],
  );
  if (!view) return <main class="conversation empty">{t("pickChat")}</main>;
  const title = titleOf(view, own);
  const typist = view.members.find((member) => member.user_id === typing.value.get(id))?.username;
  const showPanel = () => {
    sheet.value = { conversation: id };
  };
  return (
    <main class="conversation" aria-label={title}>
      <header>
        <button type="button" class="quiet back" onClick={back}>
          <span aria-hidden="true">‹</span>
          <span class="sr">{t("back")}</span>
        </button>
        <div class="head">
          <Avatar name={title} />
          <h1 class="row-title">
            <button type="button" aria-haspopup="dialog" title={t("details", { name: title })} onClick={showPanel}>
              <bdi>{title}</bdi>
            </button>
            <VerifiedBadge user={partnerOf(view, own)?.user_id} />
          </h1>
          <p class="hint" aria-live="polite">
            {typist ? t("typing", { name: typist }) : ""}
          </p>
        </div>
        {!view.left && view.state !== "requested" && <Timer view={view} />}
        <ChatTools view={view} />
      </header>
      <Messages view={view} own={own} />
      <Bottom view={view} title={title} own={own} />
      {menu.value && <MessageMenu open={menu.value} />}
      {sheet.value?.conversation === id && <Panel of={sheet.value} />}
    </main>
  );
}

function Bottom({ view, title, own }: { view: ConversationView; title: string; own: string }) {
  const id = view.conversation_id;
  const partner = partnerOf(view, own);
  const doubtful = undecided(view, own);
  if (view.left) return <p class="banner">{t("leftChat")}</p>;
  if (view.state === "requested") return <RequestBanner view={view} title={title} />;
  if (partner && blocks.value.has(partner.user_id)) {
    return (
      <div class="banner">
        <p>
          <Words text={t("blockedBanner")} name={title} />
        </p>
        <button
          type="button"
          disabled={connection.value !== "online"}
          onClick={() => unblock(partner.user_id, partner.username)}
        >
          {t("unblock")}
        </button>
      </div>
    );
  }
  return (
    <>
      <KeyBanners view={view} people={doubtful} />
      {/* Nothing is written to somebody who was compared and whose key is another one now. */}
      {!doubtful.some(({ compared }) => compared) && <Composer id={id} />}
    </>
  );
}
