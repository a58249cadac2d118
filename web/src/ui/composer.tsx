// The line to write in.
import { useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { showTyping } from "../prefs";
import { core, failure, notice } from "../state";

export function Composer({ id }: { id: string }) {
  const [text, setText] = useState("");
  const typed = useRef(0);
  const send = async () => {
    const body = text.trim();
    if (!body) return;
    setText("");
    try {
      await core.sendText(id, body);
    } catch (error) {
      setText(body);
      notice(failure(error));
    }
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void send();
  };
  const onInput = (value: string) => {
    setText(value);
    if (showTyping.value === "off") return;
    const now = performance.now();
    if (now - typed.current < 3_000) return;
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
      <textarea
        rows={1}
        dir="auto"
        aria-label={t("message")}
        placeholder={t("message")}
        value={text}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={onKey}
      />
      <button type="submit" class="primary" disabled={!text.trim()}>
        {t("send")}
      </button>
    </form>
  );
}
