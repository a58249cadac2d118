// Something that happened in a conversation and is no message.
import type { ComponentChildren } from "preact";
import type { LineBody } from "../core/people-told";
import type { ConversationView } from "../core/told";
import { dayOf, duration, isSameDay, t, timeOf } from "../i18n";
import { nameOfUser } from "../people";
import type { LineEntry } from "../system-lines";
import { Names, Words } from "./words";

interface Props {
  entry: LineEntry;
  before: { at: number } | undefined;
  view: ConversationView;
  own: string;
}

export function SystemLine({ entry, before, view, own }: Props) {
  const { body } = entry.line;
  const warns = body.type === "key_changed";
  return (
    <>
      {(!before || !isSameDay(before.at, entry.at)) && <h2 class="day">{dayOf(entry.at)}</h2>}
      <p class={`system-line ${warns ? "warns" : ""}`}>
        <Sentence body={body} view={view} own={own} /> <time>{timeOf(entry.at)}</time>
      </p>
    </>
  );
}

function Sentence({ body, view, own }: { body: LineBody; view: ConversationView; own: string }) {
  const by = "by" in body ? (body.by === own ? t("lineYou") : nameOfUser(body.by, view)) : "";
  const person = (id: string) => (id === own ? t("lineYouObject") : nameOfUser(id, view));
  const say = (text: string, holes: Record<string, ComponentChildren> = {}) => <Words text={text} by={by} {...holes} />;
  switch (body.type) {
    case "created":
      return say(t("lineCreated"));
    case "added": {
      const more = body.more > 0 ? [`+${body.more}`] : [];
      return say(t("lineAdded"), { who: <Names names={[...body.who.map(person), ...more]} /> });
    }
    case "removed":
      return say(t("lineRemoved"), { who: person(body.who) });
    case "left":
      return say(t("lineLeft"));
    case "role":
      return say(t(body.role === "admin" ? "lineAdmin" : "lineMember"), { who: person(body.who) });
    case "timer":
      return body.ms === null ? say(t("lineTimerOff")) : say(t("lineTimer"), { time: duration(body.ms) });
    case "named":
      return say(t("lineNamed"), { name: body.name });
    case "out":
      return say(t("lineOut"));
    case "verified":
      return say(t(body.verified ? "lineVerified" : "lineNotVerified"), { who: person(body.who) });
    case "key_changed":
      return say(t("lineKeyChanged"), { who: person(body.who) });
    case "key_accepted":
      return say(t(body.compared ? "lineKeyCompared" : "lineKeyAccepted"), { who: person(body.who) });
  }
}
