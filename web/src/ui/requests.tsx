// What strangers want to begin: a section of its own in the list, and the decision below the conversation.
import type { ConversationView } from "../core/told";
import { briefTime, t } from "../i18n";
import { askerOf, declining, nameOfUser } from "../people";
import { connection, core, go, me, notice, peopleFailure, requests } from "../state";
import { titleOf } from "../thread";
import { block } from "./blocking";
import { Avatar } from "./parts";
import { offerUndo } from "./undo";
import { Words } from "./words";

export function Requests({ open }: { open: string | undefined }) {
  const all = requests.value;
  const own = me.value?.user_id ?? "";
  const now = Date.now();
  if (all.length === 0) return null;
  return (
    <section class="requests" aria-label={t("requests")}>
      <h2>
        {t("requests")} <span class="badge">{all.length}</span>
      </h2>
      <ul>
        {all.map((view) => (
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
                  <bdi>
                    {view.kind === "group" ? t("requestGroupTitle", { names: titleOf(view, own) }) : t("request")}
                  </bdi>
                </span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function RequestBanner({ view, title }: { view: ConversationView; title: string }) {
  const id = view.conversation_id;
  const asker = askerOf(view, me.value?.user_id ?? "");
  const name = asker ? nameOfUser(asker, view) : undefined;
  const offline = connection.value !== "online";
  const text = view.kind === "direct" ? "requestDirect" : name ? "requestGroup" : "requestGroupNobody";
  const accept = () => core.acceptRequest(id).catch((error: unknown) => notice(peopleFailure(error)));
  const declineAndBlock = async () => {
    decline(id, title);
    if (asker && name) await block(asker, name);
  };
  return (
    <div class="banner request">
      <p>
        <Words text={t(text)} name={name ?? title} />
      </p>
      <button type="button" class="primary" disabled={offline} onClick={accept}>
        {t("accept")}
      </button>
      <button type="button" disabled={offline} onClick={() => decline(id, title)}>
        {t("decline")}
      </button>
      {asker && name && (
        <button type="button" class="danger-text" disabled={offline} onClick={declineAndBlock}>
          <Words text={t("block")} name={name} />
        </button>
      )}
    </div>
  );
}

/** The server can't take it back: it is told when the person did not. */
function decline(id: string, title: string): void {
  declining.value = new Set(declining.value).add(id);
  go({ screen: "chats" });
  const show = () => {
    const rest = new Set(declining.value);
    rest.delete(id);
    declining.value = rest;
  };
  const undo = async () => {
    show();
    go({ screen: "chats", conversation: id });
  };
  offerUndo(t("declined", { name: title }), undo, () => core.declineRequest(id).finally(show));
}
