// What can be done with the open conversation beside writing: searching in it, and making it silent on this device.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ConversationView } from "../core/told";
import { t } from "../i18n";
import { core, failure, notice } from "../state";
import { BellOff } from "./chat-rows";
import { searchedIn, useSearch } from "./finding";
import { Hits } from "./found";

export function ChatTools({ view }: { view: ConversationView }) {
  const id = view.conversation_id;
  const searching = searchedIn.value === id;
  const mute = () => core.setMuted(id, view.muted !== true).catch((error: unknown) => notice(failure(error)));
  return (
    <div class="tools">
      <button
        type="button"
        class="quiet icon"
        aria-pressed={view.muted === true}
        title={t(view.muted ? "unmute" : "mute")}
        onClick={mute}
      >
        {view.muted ? <BellOff /> : <Bell />}
        <span class="sr">{t("mute")}</span>
      </button>
      <button
        type="button"
        class="quiet icon"
        aria-expanded={searching}
        title={t("searchIn")}
        onClick={() => {
          searchedIn.value = searching ? undefined : id;
        }}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5 20 20" />
        </svg>
        <span class="sr">{t("searchIn")}</span>
      </button>
    </div>
  );
}

function Bell() {
  return (
    <svg class="bell" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M6 10.5a6 6 0 0 1 12 0c0 3.5 1.5 5 2 5.5H4c.5-.5 2-2 2-5.5ZM10 19a2.2 2.2 0 0 0 4 0" />
    </svg>
  );
}

/** The search in the open conversation; where it was opened the keyboard goes back to. */
export function SearchInChat({ id }: { id: string }) {
  const [query, setQuery] = useState("");
  const found = useSearch(query, id);
  const field = useRef<HTMLInputElement>(null);
  const panel = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    field.current?.focus();
    return () => {
      if (before instanceof HTMLElement && panel.current?.contains(document.activeElement)) before.focus();
    };
  }, []);
  const close = () => {
    searchedIn.value = undefined;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") close();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !panel.current) return;
    event.preventDefault();
    const stops = [...panel.current.querySelectorAll<HTMLElement>("input, a.row")];
    stops[stops.indexOf(document.activeElement as HTMLElement) + step]?.focus();
  };
  return (
    <search class="find" aria-label={t("searchIn")} ref={panel} onKeyDown={onKeyDown}>
      <div class="find-line">
        <input
          ref={field}
          type="search"
          aria-label={t("searchIn")}
          placeholder={t("searchIn")}
          value={query}
          maxLength={200}
          autocomplete="off"
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
        <button type="button" class="link" onClick={close}>
          {t("close")}
        </button>
      </div>
      <div class="find-hits">
        <Hits found={found} inOne />
      </div>
    </search>
  );
}
