// One message: its text, its state, and what others said about it.
import type { ComponentChildren } from "preact";
import { attempt, hasMenu, nameOf } from "../compose";
import type { ConversationView } from "../core/told";
import { counted, dayOf, duration, isSameDay, t, timeOf, whyUnreadable } from "../i18n";
import { core, me, removals } from "../state";
import type { Item } from "../thread";
import { jumpToId } from "../window";
import { opens } from "./opening";
import { Reactions } from "./reactions";
import { useRemaining } from "./remaining";
import { Said } from "./said";

const STATES = {
  queued: "stateQueued",
  sent: "stateSent",
  delivered: "stateDelivered",
  read: "stateRead",
  failed: "stateFailed",
} as const;
const TICKS = { queued: "○", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!" } as const;

interface Props {
  item: Item;
  view: ConversationView;
}

export function Message({ item, before, view }: Props & { before: { at: number } | undefined }) {
  return (
    <>
      {(!before || !isSameDay(before.at, item.at)) && <h2 class="day">{dayOf(item.at)}</h2>}
      <Shape item={item} view={view} />
      {item.kind !== "talk" && <Warned item={item} />}
    </>
  );
}

function Shape({ item, view }: Props) {
  if (item.kind === "warning") return null;
  if (item.kind === "timer") return <p class="event">{timerText(item, view)}</p>;
  if (item.kind === "gone") return <p class="event">{goneText(item, view)}</p>;
  if (item.kind === "unreadable") return <Unreadable item={item} view={view} />;
  if (removals.value.has(item.id)) return <Leaving item={item} />;
  return <Bubble item={item} view={view} />;
}

function timerText({ own, sender, afterMs }: Item, view: ConversationView): string {
  const name = nameOf(view, sender);
  if (afterMs === undefined) return own ? t("timerEndedByYou") : t("timerEnded", { name });
  const time = duration(afterMs);
  return own ? t("timerSetByYou", { time }) : t("timerSet", { name, time });
}

function goneText({ reason, count, own, sender }: Item, view: ConversationView): string {
  if (reason === "expired") return counted("neverHere", count);
  return own ? t("removedByYou") : t("removedByOther", { name: nameOf(view, sender) });
}

function Box({ item, view, children }: Props & { children: ComponentChildren }) {
  const sender = nameOf(view, item.sender);
  return (
    <article class={`bubble ${item.own ? "own" : ""}`} aria-label={item.own ? t("you") : sender}>
      {!item.own && view.kind === "group" && (
        <p class="sender">
          <bdi>{sender}</bdi>
        </p>
      )}
      {children}
    </article>
  );
}

/** What does not fit, in it or in what was said about it. */
function Warned({ item }: { item: Item }) {
  const where = item.kind === "talk" ? "warned" : "event warned";
  return (
    <>
      {item.warned && <p class={where}>{t("warned")}</p>}
      {item.revoked && <p class={where}>{t("warnedRevoked")}</p>}
    </>
  );
}

function Unreadable({ item, view }: Props) {
  return (
    <div class={`said ${item.own ? "own" : ""}`}>
      <Box item={item} view={view}>
        <p class="unreadable">
          <strong>{t("cantRead")}</strong> {whyUnreadable(item.reason ?? "")}
        </p>
        <footer>
          <time>{timeOf(item.at)}</time>
        </footer>
      </Box>
    </div>
  );
}

/** It is deleted in some seconds, unless its sender does not want that after all. */
function Leaving({ item }: { item: Item }) {
  return (
    <p class="event" role="status">
      {t("deleting")}{" "}
      <button type="button" class="link" onClick={() => void attempt(core.keep(item.id))}>
        {t("undo")}
      </button>
    </p>
  );
}

function Bubble({ item, view }: Props) {
  const own = me.value?.user_id ?? "";
  const openers = hasMenu(item) ? opens(item, view) : undefined;
  return (
    <div class={`said ${item.own ? "own" : ""}`} {...openers?.row}>
      <Box item={item} view={view}>
        {item.answers && <Quoted item={item} view={view} />}
        <Said item={item} people={view.members} own={own} inert={view.state === "requested"} />
        <Warned item={item} />
        <Reactions item={item} view={view} own={own} />
        <Foot item={item} />
        {item.failedId && <Failed item={item} id={item.failedId} />}
      </Box>
      {openers && (
        <button type="button" class="more" aria-haspopup="menu" {...openers.button}>
          <span aria-hidden="true">⋯</span>
          <span class="sr">{t("actionsOf", { text: (item.text ?? "").slice(0, 40) })}</span>
        </button>
      )}
    </div>
  );
}

function Quoted({ item, view }: Props) {
  const quote = item.answers;
  if (!quote) return null;
  if (quote.text === undefined) {
    return (
      <blockquote>
        <em>{t("quoteGone")}</em>
      </blockquote>
    );
  }
  const name = quote.sender === me.value?.user_id ? t("youSaid") : nameOf(view, quote.sender);
  return (
    <blockquote>
      <button type="button" class="jump" title={t("jumpToQuoted")} onClick={() => void jumpToId(quote.id)}>
        <bdi class="sender">{name}</bdi>
        <span dir="auto">{quote.text}</span>
      </button>
    </blockquote>
  );
}

function Foot({ item }: { item: Item }) {
  const state = item.state && t(STATES[item.state]);
  return (
    <footer>
      {item.expires !== undefined && <Remaining until={item.expires} />}
      {item.edited && <span>{t("edited")}</span>}
      <time>{timeOf(item.at)}</time>
      {item.state && (
        <span class={`state ${item.state}`} title={state}>
          <span aria-hidden="true">{TICKS[item.state]}</span>
          <span class="sr">{state}</span>
        </span>
      )}
    </footer>
  );
}

function Remaining({ until }: { until: number }) {
  const left = useRemaining(until);
  const text = t("disappearsIn", { time: duration(left) });
  return (
    <span class="remaining" title={text}>
      <span aria-hidden="true">◔ {duration(left, "short")}</span>
      <span class="sr">{text}</span>
    </span>
  );
}

/** The message, or what was last said about it, will never be sent as it is. */
function Failed({ item, id }: { item: Item; id: string }) {
  return (
    <p class="failure">
      <span>{id === item.id ? t("stateFailed") : t("changeNotSent")}</span>
      <button type="button" class="link" onClick={() => void attempt(core.retry(id))}>
        {t("tryAgain")}
      </button>
      <button type="button" class="link" onClick={() => void attempt(core.dismiss(id))}>
        {t("dismiss")}
      </button>
    </p>
  );
}
