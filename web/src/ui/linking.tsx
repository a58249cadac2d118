// What a person sees of a linking, on either device.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { shownText } from "../core/bodies";
import type { LinkStep } from "../core/told";
import { errorText, linkErrorText, t } from "../i18n";
import { core, link } from "../state";
import { Field, Form } from "./parts";
import { QrCode } from "./qr-code";

/** Which of the two devices this is. */
export type LinkSide = "existing" | "new";

const ASKS_BY_ITSELF = ["ask_approval", "history", "done", "failed"];

interface LinkStepsProps {
  side: LinkSide;
  onClose: () => void;
  /** Another way, below the step. */
  children?: ComponentChildren;
}

export function LinkSteps({ side, onClose, children }: LinkStepsProps) {
  const step = link.value;
  const panel = useRef<HTMLElement>(null);
  const name = step?.step;
  useEffect(() => {
    const first = panel.current?.querySelector<HTMLElement>("input");
    (first ?? panel.current)?.focus();
  }, [name]);
  if (!step) return null;
  const close = () => {
    link.value = undefined;
    onClose();
  };
  return (
    <section class="panel linking" aria-label={t("linkDevice")} aria-live="polite" tabIndex={-1} ref={panel}>
      <Step step={step} side={side} />
      <LinkTrouble />
      {children}
      {step.step !== "ask_approval" && (
        <button type="button" class="link" onClick={() => (isOver(step) ? close() : core.cancelLink())}>
          {isOver(step) ? t("close") : t("cancel")}
        </button>
      )}
    </section>
  );
}

/** What keeps the linking up, while it does. */
export function LinkTrouble() {
  const trouble = link.value?.trouble;
  return trouble ? <p class="wrong">{errorText(trouble)}</p> : null;
}

/** A history goes on by itself. */
const isOver = ({ step }: LinkStep) => ASKS_BY_ITSELF.includes(step);

function Step({ step, side }: { step: LinkStep; side: LinkSide }) {
  switch (step.step) {
    case "waiting":
      return <p>{t("working")}</p>;
    case "show":
      return <ShowCode {...step} side={side} />;
    case "show_digits":
      return (
        <>
          <p>{t(side === "new" ? "linkDigitsShow" : "linkDigitsShowNew")}</p>
          <output class="code">{step.digits}</output>
        </>
      );
    case "ask_digits":
      return <AskDigits key={step.count} count={step.count} side={side} />;
    case "ask_approval":
      return <AskApproval {...step} />;
    case "account":
      return <p>{t("linkAccount", { username: shownText(step.username) })}</p>;
    case "history":
      return <Sending {...step} />;
    case "done":
      return <p>{doneText(step.history)}</p>;
    case "failed":
      return <p class="wrong">{t("linkFailed", { reason: linkErrorText(step.name) })}</p>;
  }
}

function doneText(history: boolean | undefined): string {
  if (history === undefined) return t("linkDone");
  return history ? t("linkDoneHistory") : t("linkDoneNoHistory");
}

function ShowCode({ qr, code, lifeMs, side }: Extract<LinkStep, { step: "show" }> & { side: LinkSide }) {
  return (
    <>
      <p>{t(side === "existing" ? "linkShow" : "linkShowNew")}</p>
      <QrCode bytes={qr} label={t("linkQr")} />
      {code && (
        <>
          <p>{t("linkOrType")}</p>
          <output class="code" translate={false}>
            {code}
          </output>
        </>
      )}
      <Countdown lifeMs={lifeMs} />
    </>
  );
}

/** The five minutes are counted by a clock that never steps. */
function Countdown({ lifeMs }: { lifeMs: number }) {
  const [end] = useState(() => performance.now() + lifeMs);
  const [left, setLeft] = useState(lifeMs);
  useEffect(() => {
    const timer = setInterval(() => setLeft(Math.max(0, end - performance.now())), 500);
    return () => clearInterval(timer);
  }, [end]);
  const seconds = Math.ceil(left / 1000);
  const values = { minutes: Math.floor(seconds / 60), seconds: String(seconds % 60).padStart(2, "0") };
  return (
    <p class="hint left" role="timer" aria-live="off">
      {t("linkLeft", values)}
    </p>
  );
}

const digits = (count: number) => ({
  pattern: `\\s*[0-9]{${count}}\\s*`,
  words: t("linkDigitsCount", { count }),
});

function AskDigits({ count, side }: { count: number; side: LinkSide }) {
  const [typed, setTyped] = useState("");
  return (
    <Form submit={t("linkContinue")} onSubmit={() => core.typeDigits(typed.trim())}>
      <Field
        label={t(side === "existing" ? "linkDigitsAsk" : "linkDigitsAskNew")}
        value={typed}
        onValue={setTyped}
        autocomplete="off"
        inputMode="numeric"
        rule={digits(count)}
      />
    </Form>
  );
}

const PLATFORMS = { WEB: "platformWeb", MOBILE: "platformMobile", DESKTOP: "platformDesktop" } as const;

function AskApproval({ name, platform, sameNetwork, number }: Extract<LinkStep, { step: "ask_approval" }>) {
  const [typed, setTyped] = useState("");
  const [history, setHistory] = useState(false);
  return (
    <>
      <p>{t("linkAsk")}</p>
      <p class="newcomer">
        <bdi>{shownText(name)}</bdi>
        <span class="hint">{t(PLATFORMS[platform] ?? "platformWeb")}</span>
      </p>
      {sameNetwork !== null && (
        <p class={sameNetwork ? "hint" : "warning"}>{sameNetwork ? t("linkSameNetwork") : t("linkOtherNetwork")}</p>
      )}
      <Form submit={t("linkYes")} onSubmit={() => core.approveDevice(number ? typed.trim() : undefined, history)}>
        {number && (
          <Field
            label={t("linkNumber")}
            value={typed}
            onValue={setTyped}
            autocomplete="off"
            inputMode="numeric"
            rule={digits(3)}
          />
        )}
        <label class="check">
          <input type="checkbox" checked={history} onChange={(event) => setHistory(event.currentTarget.checked)} />
          <span>
            {t("linkHistory")}
            <span class="hint">{t("linkHistoryHint")}</span>
          </span>
        </label>
      </Form>
      <button type="button" class="quiet" onClick={() => core.cancelLink()}>
        {t("linkNo")}
      </button>
    </>
  );
}

function Sending({ done, of }: { done: number; of: number }) {
  // Closing the last page ends the upload.
  useEffect(() => {
    const ask = (event: Event) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, []);
  return (
    <>
      <p>{t("linkSending")}</p>
      <progress value={done} max={of} aria-label={t("linkSending")} />
      <p class="hint">{t("linkKeepOpen")}</p>
    </>
  );
}
