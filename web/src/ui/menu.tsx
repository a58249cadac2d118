// The menu of a message: an emoji at once, or what else can be done. Arrow keys go round it, Escape leaves it.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { attempt, canWrite, copy, edit, menu, type OpenMenu, react, reply } from "../compose";
import { emojiOf } from "../core/bodies";
import { t } from "../i18n";
import { core, me } from "../state";
import { reactors } from "./reactions";
import { rove } from "./roving";

const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const COMMON = [..."👎👏🙌👌✌🤝💪🎉🔥✨💯✅❌❓❗😀😄😅🤣😊😍😘😎🤔🙄😏😴😭😡🤯🥳🤗🤦🤷👀💔☕🌹🍀"].filter(
  (emoji) => emoji !== "\ufe0f",
);

export function MessageMenu({ open }: { open: OpenMenu }) {
  const box = useRef<HTMLDivElement>(null);
  const [more, setMore] = useState(false);
  const close = () => {
    menu.value = undefined;
    open.from?.focus();
  };
  useLayoutEffect(() => place(box.current, open), [open, more]);
  // Before the next key comes.
  useLayoutEffect(() => box.current?.querySelector<HTMLElement>("[role^=menuitem], input")?.focus(), [more]);
  // Before the next key comes, too.
  useLayoutEffect(() => {
    const element = box.current;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Escape" || (event.key === "Tab" && !more)) {
        event.preventDefault();
        close();
      } else if (element && !(event.target instanceof HTMLInputElement)) {
        rove(element, event);
      }
    };
    const quiet = (event: Event) => event.preventDefault();
    const heed = ignoreThisPress();
    element?.addEventListener("keydown", onKeyDown);
    element?.addEventListener("contextmenu", quiet);
    return () => {
      heed();
      element?.removeEventListener("keydown", onKeyDown);
      element?.removeEventListener("contextmenu", quiet);
    };
  }, [open, more]);
  /** Closes first: what is done may take the focus elsewhere. */
  const act = (work: () => unknown) => () => {
    close();
    work();
  };
  return (
    <>
      <div class="menu-ground" aria-hidden="true" onClick={close} />
      <div class="menu of-message" ref={box}>
        {more ? <Emoji open={open} act={act} /> : <Choices open={open} act={act} onMore={() => setMore(true)} />}
      </div>
    </>
  );
}

/** The finger whose long press opened the menu chooses nothing when it goes: only the next press counts. */
function ignoreThisPress(): () => void {
  let isOver = false;
  const onPointerDown = () => {
    isOver = true;
  };
  const onClick = (event: MouseEvent) => {
    // The keyboard and screen readers click without pressing.
    if (isOver || event.detail === 0) return;
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("pointerdown", onPointerDown, true);
  addEventListener("click", onClick, true);
  return () => {
    removeEventListener("pointerdown", onPointerDown, true);
    removeEventListener("click", onClick, true);
  };
}

type Act = (work: () => unknown) => () => void;

function Choices({ open, act, onMore }: { open: OpenMenu; act: Act; onMore: () => void }) {
  const { item, view } = open;
  const own = me.value?.user_id ?? "";
  return (
    <>
      <div role="menu" aria-label={t("actions")}>
        {canWrite(view) && (
          <div class="quick">
            {QUICK.map((emoji) => (
              <button
                key={emoji}
                type="button"
                role="menuitemcheckbox"
                tabIndex={-1}
                aria-checked={item.reactions.get(emoji)?.has(own) ?? false}
                aria-label={t("reactWith", { emoji })}
                onClick={act(() => react(view, item, emoji))}
              >
                {emoji}
              </button>
            ))}
            <button type="button" role="menuitem" tabIndex={-1} aria-label={t("moreEmoji")} onClick={onMore}>
              +
            </button>
          </div>
        )}
        {choicesOf(open).map(([name, work, danger]) => (
          <button
            key={name}
            type="button"
            role="menuitem"
            tabIndex={-1}
            class={danger ? "grave" : ""}
            onClick={act(work)}
          >
            {t(name)}
          </button>
        ))}
      </div>
      {item.reactions.size > 0 && (
        <ul class="who">
          {[...item.reactions].map(([emoji, who]) => (
            <li key={emoji}>
              {emoji} <bdi>{reactors(who, view, own)}</bdi>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

type Choice = [name: "reply" | "edit" | "copy" | "deleteForAll", work: () => unknown, danger?: boolean];

function choicesOf({ item, view }: OpenMenu): Choice[] {
  const id = view.conversation_id;
  return [
    ...(canWrite(view) ? ([["reply", () => reply(view, item)]] satisfies Choice[]) : []),
    ...(canWrite(view) && item.own ? ([["edit", () => edit(view, item)]] satisfies Choice[]) : []),
    ["copy", () => copy(item)],
    ...(item.own && !view.left
      ? ([["deleteForAll", () => attempt(core.remove(id, item.id)), true]] satisfies Choice[])
      : []),
  ];
}

function Emoji({ open: { item, view }, act }: { open: OpenMenu; act: Act }) {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const send = (event: Event) => {
    event.preventDefault();
    const emoji = emojiOf(text);
    if (emoji) act(() => react(view, item, emoji))();
    else setWrong(true);
  };
  return (
    <form class="emoji-panel" aria-label={t("moreEmoji")} onSubmit={send}>
      <div class="grid">
        {COMMON.map((emoji) => (
          <button
            key={emoji}
            type="button"
            aria-label={t("reactWith", { emoji })}
            onClick={act(() => react(view, item, emoji))}
          >
            {emoji}
          </button>
        ))}
      </div>
      <div class="free">
        <input
          value={text}
          aria-label={t("emojiField")}
          placeholder={t("emojiField")}
          aria-invalid={wrong}
          autocomplete="off"
          onInput={(event) => {
            setText(event.currentTarget.value);
            setWrong(false);
          }}
        />
        <button type="submit" class="primary small">
          {t("react")}
        </button>
      </div>
      {wrong && (
        <p class="wrong" role="alert">
          {t("emojiWrong")}
        </p>
      )}
    </form>
  );
}

/** Where it was asked for, inside of the window. Narrow screens have it at the bottom, by the style. */
function place(box: HTMLElement | null, { x, y }: OpenMenu): void {
  if (!box) return;
  const { width, height } = box.getBoundingClientRect();
  box.style.setProperty("--x", `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`);
  box.style.setProperty("--y", `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`);
}
