// The line to write in: new messages, answers and changes. What was begun here is kept on the device.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { attempt, intent, nameOf, ownId, replyAgain } from "../compose";
import type { Body } from "../core/bodies";
import type { ConversationView, Draft } from "../core/told";
import { t } from "../i18n";
import { namedIn } from "../pieces";
import { showTyping } from "../prefs";
import { beforeLeaving, conversations, core, failure, notice } from "../state";
import { hasKeys } from "./focus";
import { People, useCompletion } from "./mentioning";

const SAVE_AFTER_MS = 400;
const TYPING_EVERY_MS = 3_000;

type Begun = typeof intent.value;

/** Lines that are open, by conversation: they take back what could not be said. */
const lines = new Map<string, (said: string, before: Begun) => void>();

const joined = (said: string, now: string): string => (now.trim() ? `${said}\n${now}` : said);

/** What could not be said stands before what was written since, in the line or in the draft. */
function putBack(id: string, said: string, before: Begun): void {
  const line = lines.get(id);
  if (line) {
    line(said, before);
    return;
  }
  const draft = conversations.peek().get(id)?.draft;
  const answers = draft?.answers ?? (before?.kind === "reply" ? before.quote.id : undefined);
  const now = draft?.text ?? "";
  // The draft may be from before it was sent.
  const text = now.startsWith(said) ? now : joined(said, now);
  void attempt(core.setDraft(id, { text, answers }));
}

export function Composer({ id }: { id: string }) {
  const view = conversations.value.get(id);
  const line = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(view?.draft?.text ?? "");
  const typed = useRef(0);
  const doing = intent.value?.conversation === id ? intent.value : undefined;
  const edited = doing?.kind === "edit" ? doing.item : undefined;
  const answers = doing?.kind === "reply" ? doing.quote.id : undefined;
  useRestored(id, view);
  /** A change that could not be said: it is gone on with. */
  const changed = useRef<string | undefined>(undefined);
  const aside = useAside(edited?.id, changed.current ?? edited?.raw ?? "", text, setText);
  useLayoutEffect(() => {
    if (edited) changed.current = undefined;
  }, [edited]);
  useLayoutEffect(() => {
    const take = (said: string, before: Begun) => {
      const now = intent.peek();
      if (now?.kind === "edit") aside.current = joined(said, aside.current);
      else if (before?.kind === "edit") [changed.current, intent.value] = [said, before];
      else {
        if (!now) intent.value = before;
        setText((text) => joined(said, text));
      }
    };
    lines.set(id, take);
    return () => {
      if (lines.get(id) === take) lines.delete(id);
    };
  }, [id]);
  useDraft(id, edited ? aside.current : text, answers);
  useLayoutEffect(() => {
    if (doing) line.current?.focus();
  }, [doing]);
  const others = (view?.members ?? []).filter((member) => member.user_id !== ownId());
  const people = view?.kind === "group" ? others : [];
  const completion = useCompletion(people, text, (value, caret) => {
    setText(value);
    requestAnimationFrame(() => line.current?.setSelectionRange(caret, caret));
  });

  const stop = () => {
    intent.value = undefined;
  };
  const send = async () => {
    // The button can't keep the focus without a text.
    line.current?.focus();
    const said = text.trim();
    if (!said) return;
    const mentions = namedIn(said, people);
    const rest = { text: said, ...(mentions.length > 0 ? { mentions } : {}) };
    const before = doing;
    setText(edited ? aside.current : "");
    stop();
    if (edited && said === edited.raw) return;
    try {
      await core.say(id, bodyFor(rest, edited?.id, answers));
    } catch (error) {
      putBack(id, said, before);
      notice(failure(error));
    }
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing || completion.onKey(event)) return;
    if (event.key === "Escape" && doing) stop();
    else if (event.key === "Enter" && !event.shiftKey && hasKeys()) {
      event.preventDefault();
      void send();
    }
  };
  const onInput = (element: HTMLTextAreaElement) => {
    setText(element.value);
    completion.look(element.value, element.selectionStart);
    if (showTyping.value === "off") return;
    const now = performance.now();
    if (now - typed.current < TYPING_EVERY_MS) return;
    typed.current = now;
    void core.setTyping(id, true);
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {doing && view && <Doing view={view} onStop={stop} />}
      <People completion={completion} />
      <textarea
        ref={line}
        rows={1}
        dir="auto"
        aria-label={t("message")}
        placeholder={t("message")}
        aria-autocomplete={people.length > 0 ? "list" : undefined}
        {...completion.attributes}
        value={text}
        onInput={(event) => onInput(event.currentTarget)}
        onBlur={completion.close}
        onKeyDown={onKey}
      />
      <button
        type="submit"
        class="primary"
        disabled={!text.trim()}
        // A keyboard on the screen stays open.
        onPointerDown={(event) => event.preventDefault()}
      >
        {edited ? t("save") : t("send")}
      </button>
    </form>
  );
}

type Said = Pick<Extract<Body, { type: "text" }>, "text" | "mentions">;

function bodyFor(said: Said, edited: string | undefined, answers: string | undefined): Body {
  if (edited) return { type: "edit", target: edited, ...said };
  return answers ? { type: "reply", target: answers, ...said } : { type: "text", ...said };
}

/** What is answered or changed. */
function Doing({ view, onStop }: { view: ConversationView; onStop: () => void }) {
  const doing = intent.value;
  if (!doing) return null;
  const isReply = doing.kind === "reply";
  const { sender, text } = isReply ? doing.quote : doing.item;
  const name = sender === ownId() ? t("youSaid") : nameOf(view, sender);
  return (
    <div class="doing">
      <p>
        <strong>{isReply ? t("replyTo", { name }) : t("editing")}</strong>
        <span dir="auto">{text?.slice(0, 160) ?? ""}</span>
      </p>
      <button type="button" class="quiet" onClick={onStop}>
        <span aria-hidden="true">×</span>
        <span class="sr">{isReply ? t("stopReply") : t("stopEdit")}</span>
      </button>
    </div>
  );
}

/** What was begun to answer is answered again when the conversation is opened again. */
function useRestored(id: string, view: ConversationView | undefined): void {
  useLayoutEffect(() => {
    const answers = view?.draft?.answers;
    if (answers) void attempt(replyAgain(id, answers));
    return () => {
      if (intent.peek()?.conversation === id) intent.value = undefined;
    };
  }, [id]);
}

/** While a message is edited, what was being written lies aside. */
function useAside(editing: string | undefined, raw: string, text: string, setText: (text: string) => void) {
  const aside = useRef("");
  const before = useRef<string | undefined>(undefined);
  useLayoutEffect(() => {
    if (before.current === editing) return;
    if (editing && !before.current) aside.current = text;
    // Sending has put the text back already.
    if (editing) setText(raw);
    else setText(aside.current);
    if (!editing) aside.current = "";
    before.current = editing;
  }, [editing]);
  return aside;
}

/** Keeps what is written, a moment after the last key, and at once when the page goes. */
function useDraft(id: string, text: string, answers: string | undefined): void {
  /** What the store has; `null`: that is not known. */
  const kept = useRef<Draft | undefined | null>(conversations.peek().get(id)?.draft);
  const draft: Draft | undefined = text.trim() ? { text, answers } : undefined;
  const current = useRef(draft);
  current.current = draft;
  const save = () => {
    const [now, before] = [current.current, kept.current];
    if (before !== null && now?.text === before?.text && now?.answers === before?.answers) return;
    kept.current = now;
    core.setDraft(id, now).catch((error: unknown) => {
      kept.current = null;
      notice(failure(error));
    });
  };
  useEffect(() => {
    const timer = setTimeout(save, SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text, answers]);
  useEffect(() => {
    addEventListener("pagehide", save);
    document.addEventListener("visibilitychange", save);
    beforeLeaving.add(save);
    return () => {
      beforeLeaving.delete(save);
      removeEventListener("pagehide", save);
      document.removeEventListener("visibilitychange", save);
      save();
    };
  }, [id]);
}
