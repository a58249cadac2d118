// What a person sees of a linking, on either device.
import { useEffect, useState } from "preact/hooks";
import type { LinkStep } from "../core/told";
import { errorText, t } from "../i18n";
import { core, link } from "../state";
import { Field, Form } from "./parts";

export function LinkSteps({ onClose }: { onClose: () => void }) {
  const step = link.value;
  if (!step) return null;
  const over = step.step === "done" || step.step === "failed";
  const close = () => {
    link.value = undefined;
    onClose();
  };
  return (
    <section class="panel" aria-label={t("linkDevice")} aria-live="polite">
      <Step step={step} />
      {step.step !== "ask_approval" && (
        <button type="button" class="link" onClick={() => (over ? close() : core.cancelLink())}>
          {over ? t("close") : t("cancel")}
        </button>
      )}
    </section>
  );
}

function Step({ step }: { step: LinkStep }) {
  switch (step.step) {
    case "waiting":
      return <p>{t("working")}</p>;
    case "show":
      return <ShowCode code={step.code} lifeMs={step.lifeMs} />;
    case "show_digits":
      return (
        <>
          <p>{t("linkDigitsShow")}</p>
          <output class="code">{step.digits}</output>
        </>
      );
    case "ask_digits":
      return <AskDigits count={step.count} />;
    case "ask_approval":
      return <AskApproval {...step} />;
    case "account":
      return <p>{t("linkAccount", { username: step.username })}</p>;
    case "done":
      return <p>{t("linkDone")}</p>;
    case "failed":
      return <p class="wrong">{t("linkFailed", { reason: errorText(step.name) })}</p>;
  }
}

/** The five minutes are counted by a clock that never steps. */
function ShowCode({ code, lifeMs }: { code: string; lifeMs: number }) {
  const [end] = useState(() => performance.now() + lifeMs);
  const [left, setLeft] = useState(lifeMs);
  useEffect(() => {
    const timer = setInterval(() => setLeft(Math.max(0, end - performance.now())), 500);
    return () => clearInterval(timer);
  }, [end]);
  const seconds = Math.ceil(left / 1000);
  const values = { minutes: Math.floor(seconds / 60), seconds: String(seconds % 60).padStart(2, "0") };
  return (
    <>
      <p>{t("linkShow")}</p>
      <output class="code" translate={false}>
        {code}
      </output>
      <p class="hint" role="timer" aria-live="off">
        {t("linkLeft", values)}
      </p>
    </>
  );
}

function AskDigits({ count }: { count: number }) {
  const [digits, setDigits] = useState("");
  return (
    <Form submit={t("linkContinue")} onSubmit={() => core.typeDigits(digits.trim())}>
      <Field
        label={t("linkDigitsAsk")}
        value={digits}
        onValue={setDigits}
        autocomplete="off"
        pattern={`\\s*[0-9]{${count}}\\s*`}
      />
    </Form>
  );
}

function AskApproval({ name, sameNetwork }: { name: string; sameNetwork: boolean | null }) {
  return (
    <>
      <p>{t("linkAsk", { name })}</p>
      {sameNetwork !== null && <p class="hint">{sameNetwork ? t("linkSameNetwork") : t("linkOtherNetwork")}</p>}
      <button type="button" class="primary" onClick={() => core.approveDevice()}>
        {t("linkYes")}
      </button>
      <button type="button" class="quiet" onClick={() => core.cancelLink()}>
        {t("linkNo")}
      </button>
    </>
  );
}
