// Several people by their exact usernames: each one is looked up and becomes a chip that can be taken out.
import { useId, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import type { Chip, Chips } from "./chips";

export function PeopleInput({ of }: { of: Chips }) {
  const [text, setText] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const take = (typed: string) => {
    setText("");
    of.take(typed);
  };
  const onInput = (typed: string) => {
    if (/[\s,;]/.test(typed.trimStart())) take(typed);
    else setText(typed);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const last = of.chips.at(-1);
    if (event.key === "Enter" && text.trim()) {
      event.preventDefault();
      take(text);
    } else if (event.key === "Backspace" && !text && last) of.remove(last);
  };
  return (
    <div class="field">
      <label for={id}>{t("groupPeople")}</label>
      <div class="chips">
        {of.chips.map((chip) => (
          <ChipView
            key={chip.name}
            chip={chip}
            onRemove={() => {
              of.remove(chip);
              input.current?.focus();
            }}
          />
        ))}
        <input
          id={id}
          ref={input}
          value={text}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-describedby={`${id}-hint ${id}-wrong`}
          onInput={(event) => onInput(event.currentTarget.value)}
          onKeyDown={onKey}
          onBlur={() => take(text)}
        />
      </div>
      <p class="hint" id={`${id}-hint`}>
        {t("groupPeopleHint")}
      </p>
      <div class="wrong" id={`${id}-wrong`} role="alert">
        {of.chips.map((chip) => chip.wrong && <p key={chip.name}>{chip.wrong}</p>)}
      </div>
    </div>
  );
}

function ChipView({ chip, onRemove }: { chip: Chip; onRemove: () => void }) {
  const state = chip.wrong ? "bad" : chip.found ? "" : "looking";
  return (
    <span class={`chip ${state}`} aria-busy={state === "looking"}>
      <bdi>{chip.found?.username ?? chip.name}</bdi>
      <button type="button" aria-label={t("chipRemove", { name: chip.name })} onClick={onRemove}>
        <span aria-hidden="true">✕</span>
      </button>
    </span>
  );
}
