// People who are being picked by name, while the server is asked for each.
import { useRef, useState } from "preact/hooks";
import { namesIn } from "../core/names";
import type { FoundPerson } from "../core/people-told";
import { CoreError } from "../core/rpc";
import { t } from "../i18n";
import { blocks, refuse } from "../people";
import { core, peopleFailure } from "../state";

export interface Chip {
  name: string;
  found?: FoundPerson;
  /** Why it can't be taken. */
  wrong?: string;
}

export interface Chips {
  chips: Chip[];
  /** Takes what was typed: one name or several. */
  take: (typed: string) => void;
  remove: (chip: Chip) => void;
  /** The people, once all are looked up. Errors: `PeopleWrong`, `PeopleNone`. */
  ids: () => Promise<string[]>;
}

/** `taken`: who is in already. */
export function useChips(taken: ReadonlySet<string>): Chips {
  const [chips, setChips] = useState<Chip[]>([]);
  const now = useRef<Chip[]>([]);
  const looking = useRef(new Set<Promise<void>>());
  const set = (next: Chip[]) => {
    now.current = next;
    setChips(next);
  };
  const takeOne = (name: string) => {
    if (now.current.some((chip) => chip.name === name)) return;
    set([...now.current, { name }]);
    const asked = look(name, taken)
      .then((chip) => set(now.current.map((old) => (old.name === name ? chip : old))))
      .finally(() => looking.current.delete(asked));
    looking.current.add(asked);
  };
  return {
    chips,
    take: (typed) => namesIn(typed).forEach(takeOne),
    remove: (chip) => set(now.current.filter(({ name }) => name !== chip.name)),
    ids: async () => {
      await Promise.all(looking.current);
      return idsOf(now.current);
    },
  };
}

function idsOf(chips: Chip[]): string[] {
  if (chips.some((chip) => !chip.found)) throw refuse("PeopleWrong");
  const ids = new Set(chips.flatMap(({ found }) => (found ? [found.user_id] : [])));
  if (ids.size === 0) throw refuse("PeopleNone");
  return [...ids];
}

async function look(name: string, taken: ReadonlySet<string>): Promise<Chip> {
  try {
    const found = await core.findPerson(name);
    if (taken.has(found.user_id)) return { name, wrong: t("chipAlready", { name }) };
    if (blocks.value.has(found.user_id)) return { name, wrong: t("chipBlocked", { name }) };
    return { name, found };
  } catch (error) {
    const code = error instanceof CoreError ? error.code : "";
    if (code === "not_found") return { name, wrong: t("chipAbsent", { name }) };
    return {
      name,
      wrong: code === "Oneself" ? t("chipOneself") : t("chipWrong", { name, reason: peopleFailure(error) }),
    };
  }
}

/** Who is asked of several people does not learn which of them it was. */
export async function ofSeveral<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw error instanceof CoreError && error.code === "blocked" ? refuse("PeopleBlocked") : error;
  }
}
