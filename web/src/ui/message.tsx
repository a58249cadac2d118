// One message: its text, its state, and what others said about it.
import type { ConversationView } from "../core/told";
import { dayOf, t, timeOf } from "../i18n";
import { core, outgoing } from "../state";
import type { Item } from "../thread";

const STATES = {
  queued: "stateQueued",
  sent: "stateSent",
  delivered: "stateDelivered",
  read: "stateRead",
  failed: "stateFailed",
} as const;
const TICKS = { queued: "○", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!" } as const;

export function Message({
  item,
  before,
  view,
}: {
  item: Item;
  before: { at: number } | undefined;
  view: ConversationView;
}) {
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
