// Nothing works any more in this page: why, and what there is to do.
import { useState } from "preact/hooks";
import { errorText, t } from "../i18n";
import { broken } from "../state";
import { deleteKept } from "../storage";

const WHY = {
  crashed: "brokenCrashed",
  replaced: "brokenReplaced",
  store: "brokenStore",
  elsewhere: "brokenElsewhere",
  unloaded: "brokenUnloaded",
} as const;

export function Broken() {
  const why = broken.value ?? "crashed";
  return (
    <main class="card">
      <h1>{t("app")}</h1>
      <p role="alert">{t(WHY[why])}</p>
      <button type="button" class="primary" onClick={() => location.reload()}>
        {t("reload")}
      </button>
      {(why === "store" || why === "crashed") && <StartAgain />}
    </main>
  );
}

/** When reloading does not help: without what this browser keeps. */
function StartAgain() {
  const [asked, setAsked] = useState(false);
  const [wrong, setWrong] = useState("");
  const erase = () =>
    deleteKept().then(
      () => location.reload(),
      () => setWrong(errorText("StoreFailed")),
    );
  if (!asked) {
    return (
      <button type="button" class="link" onClick={() => setAsked(true)}>
        {t("startAgain")}
      </button>
    );
  }
  return (
    <>
      <p>{t("startAgainWhat")}</p>
      <button type="button" class="danger" onClick={() => void erase()}>
        {t("startAgainYes")}
      </button>
      {wrong && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
    </>
  );
}
