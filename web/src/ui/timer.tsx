// The timer of a conversation: after how long new messages disappear, for everybody.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { attempt } from "../compose";
import { bodyOf } from "../core/bodies";
import type { ConversationView } from "../core/told";
import { duration, t } from "../i18n";
import { core, outgoing } from "../state";
import { Retention } from "./retention";
import { rove } from "./roving";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const TIMES = [undefined, MINUTE / 2, 5 * MINUTE, 60 * MINUTE, 8 * 60 * MINUTE, DAY, 7 * DAY, 28 * DAY];

const nameOf = (ms: number | undefined) => (ms === undefined ? t("timerOff") : duration(ms));

/** As it is in the log, or as this person has just set it. */
function timerOf(view: ConversationView): number | undefined {
  const waiting = [...outgoing.value.values()].findLast(
    ({ conversation_id, failed, body_json }) =>
      conversation_id === view.conversation_id && !failed && bodyOf(body_json)?.type === "timer",
  );
  const body = waiting && bodyOf(waiting.body_json);
  return body?.type === "timer" ? body.after_ms : view.timer?.after_ms;
}

export function Timer({ view }: { view: ConversationView }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const now = timerOf(view);
  const label = now === undefined ? t("timer") : t("timerOn", { time: duration(now) });
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const choose = (ms: number | undefined) => {
    close();
    if (ms !== now) void attempt(core.say(view.conversation_id, { type: "timer", ...(ms ? { after_ms: ms } : {}) }));
  };
  return (
    <div class="timer tools">
      <button
        type="button"
        class={`quiet icon ${now === undefined ? "" : "on"}`}
        ref={button}
        aria-haspopup="menu"
        aria-expanded={open}
        title={label}
        onClick={() => setOpen(!open)}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 20.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM12 9v4l2.5 1.5M9.5 2.5h5" />
        </svg>
        {now !== undefined && <span aria-hidden="true">{duration(now, "short")}</span>}
        <span class="sr">{label}</span>
      </button>
      {open && <Times view={view} now={now} onChoose={choose} onClose={close} />}
    </div>
  );
}

interface TimesProps {
  view: ConversationView;
  now: number | undefined;
  onChoose: (ms: number | undefined) => void;
  onClose: () => void;
}

function Times({ view, now, onChoose, onClose }: TimesProps) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => box.current?.querySelector<HTMLElement>("[aria-checked=true], button")?.focus(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      onClose();
    } else if (box.current) rove(box.current, event);
  };
  // One that another app set is offered too, since it is the one that holds.
  const times = TIMES.includes(now) ? TIMES : [...TIMES, now];
  return (
    <>
      <div class="menu-ground" aria-hidden="true" onClick={onClose} />
      <div class="menu times" ref={box}>
        <p class="hint">{t("timerHow")}</p>
        <Retention view={view} />
        <div role="menu" tabIndex={-1} aria-label={t("timer")} onKeyDown={onKeyDown}>
          {times.map((ms) => (
            <button
              key={ms ?? 0}
              type="button"
              role="menuitemradio"
              tabIndex={-1}
              aria-checked={ms === now}
              onClick={() => onChoose(ms)}
            >
              {nameOf(ms)}
            </button>
          ))}
        </div>
      </div>
    </>
  );
}
