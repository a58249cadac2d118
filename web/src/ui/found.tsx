// What a search found: messages, and where in them.
import { useEffect, useRef } from "preact/hooks";
import type { Hit } from "../core/search";
import { briefTime, t } from "../i18n";
import { conversations, me } from "../state";
import { titleOf } from "../thread";
import { showMessage } from "../window";
import type { Found } from "./finding";

export function Hits({ found, inOne }: { found: Found & { more: () => void }; inOne?: boolean }) {
  const { hits, done, query, more } = found;
  const now = Date.now();
  if (query.trim() === "") return null;
  return (
    <>
      <p class="hint heading" role="status">
        {hits.length > 0 && done && t("searchHits", { count: hits.length })}
        {hits.length > 0 && !done && t("searchMessages")}
        {hits.length === 0 && t(done ? "searchNothing" : "searchGoing")}
      </p>
      <ul>
        {hits.map((hit) => (
          <li key={`${hit.conversation_id}/${hit.seq}`}>
            <HitRow hit={hit} now={now} inOne={inOne ?? false} />
          </li>
        ))}
      </ul>
      {!done && <More key={hits.length} onSeen={more} />}
    </>
  );
}

function HitRow({ hit, now, inOne }: { hit: Hit; now: number; inOne: boolean }) {
  const own = me.value?.user_id ?? "";
  const view = conversations.value.get(hit.conversation_id);
  const name = view?.members.find((member) => member.user_id === hit.sender_user_id)?.username ?? "?";
  const sender = hit.sender_user_id === own ? t("you") : name;
  return (
    <a
      class="row hit"
      href={`#/chat/${hit.conversation_id}`}
      onClick={(event) => {
        event.preventDefault();
        showMessage(hit.conversation_id, hit.seq);
      }}
    >
      <span class="row-text">
        <span class="row-title">
          <bdi>{inOne || !view ? sender : titleOf(view, own)}</bdi>
          <time>{briefTime(hit.at_ms, now)}</time>
        </span>
        <span class="hit-text" dir="auto">
          {!inOne && view?.kind === "group" && <bdi>{sender}: </bdi>}
          {hit.parts.map((part, at) => (part.hit ? <mark key={at}>{part.text}</mark> : part.text))}
        </span>
      </span>
    </a>
  );
}

/** The end of what was found so far: whoever comes here wants more. */
function More({ onSeen }: { onSeen: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const seen = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) onSeen();
    });
    if (end.current) seen.observe(end.current);
    return () => seen.disconnect();
  }, []);
  return <div ref={end} class="more-hits" />;
}
