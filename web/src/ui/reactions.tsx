// Reactions below a message: what, how many, who.
import { nameOf, react } from "../compose";
import type { ConversationView } from "../core/told";
import { listOf, t } from "../i18n";
import type { Item } from "../thread";

/** People that are named; the rest are counted. */
const NAMED = 12;

export function reactors(who: Set<string>, view: ConversationView, own: string): string {
  const names = [...who].map((id) => (id === own ? t("you") : nameOf(view, id)));
  return listOf(names.length > NAMED ? [...names.slice(0, NAMED), `+${names.length - NAMED}`] : names);
}

export function Reactions({ item, view, own }: { item: Item; view: ConversationView; own: string }) {
  if (item.reactions.size === 0) return null;
  return (
    <ul class="reactions">
      {[...item.reactions].map(([emoji, who]) => {
        const names = reactors(who, view, own);
        return (
          <li key={emoji}>
            <button
              type="button"
              aria-pressed={who.has(own)}
              title={names}
              onClick={() => void react(view, item, emoji)}
            >
              <span class="emoji">{emoji}</span> <span class="sr">{t("reactedBy", { names })}</span>
              {who.size > 1 && <span aria-hidden="true">{who.size}</span>}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
