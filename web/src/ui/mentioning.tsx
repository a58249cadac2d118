// Naming people of a group: "@" and the beginning of a name offers those it may be.
import { useState } from "preact/hooks";
import type { Person } from "../core/told";
import { t } from "../i18n";
import { Avatar } from "./parts";

const OFFERED = 6;
const BEGUN = /(?:^|[^\w.@-])@([a-z0-9._-]{0,40})$/i;
const LIST = "mention-list";

export interface Completion {
  found: Person[];
  at: number;
  attributes: Record<string, string | undefined>;
  look(text: string, caret: number): void;
  onKey(event: KeyboardEvent): boolean;
  pick(person: Person): void;
  close(): void;
}

/** `write` gets the text with the name in it, and where to go on. */
export function useCompletion(
  people: Person[],
  text: string,
  write: (text: string, caret: number) => void,
): Completion {
  const [open, setOpen] = useState<{ begun: string; caret: number } | undefined>(undefined);
  const [at, setAt] = useState(0);
  const found = open ? offered(people, open.begun) : [];
  const close = () => setOpen(undefined);
  const look = (value: string, caret: number) => {
    const begun = people.length > 0 ? BEGUN.exec(value.slice(0, caret))?.[1] : undefined;
    setOpen(begun === undefined ? undefined : { begun: begun.toLowerCase(), caret });
    setAt(0);
  };
  const pick = (person: Person) => {
    if (!open) return;
    const before = `${text.slice(0, open.caret - open.begun.length)}${person.username} `;
    write(before + text.slice(open.caret), before.length);
    close();
  };
  const onKey = (event: KeyboardEvent): boolean => {
    const chosen = found[at];
    if (!chosen) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((at + step + found.length) % found.length);
    else if (event.key === "Enter" || event.key === "Tab") pick(chosen);
    else if (event.key === "Escape") close();
    else return false;
    event.preventDefault();
    return true;
  };
  const attributes = found.length > 0 ? { "aria-controls": LIST, "aria-activedescendant": `${LIST}-${at}` } : {};
  return { found, at, attributes, look, onKey, pick, close };
}

function offered(people: Person[], begun: string): Person[] {
  return people.filter(({ username }) => username.toLowerCase().startsWith(begun)).slice(0, OFFERED);
}

export function People({ completion: { found, at, pick } }: { completion: Completion }) {
  if (found.length === 0) return null;
  return (
    <div class="people" role="listbox" id={LIST} aria-label={t("mentionPick")}>
      {found.map((person, place) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the line that is written in
        <div
          key={person.user_id}
          id={`${LIST}-${place}`}
          role="option"
          tabIndex={-1}
          aria-selected={place === at}
          // The line keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => pick(person)}
        >
          <Avatar name={person.username} />
          <bdi>{person.username}</bdi>
        </div>
      ))}
    </div>
  );
}
