// What others see of one's reading and typing.
import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { showTyping } from "../../prefs";
import { core, failure } from "../../state";
import { useAnswer } from "../answer";
import { Switch } from "./parts";

export function Privacy() {
  return (
    <>
      <Receipts />
      <Switch
        label={t("typingShown")}
        hint={t("typingShownHint")}
        on={showTyping.value === "on"}
        onChange={(on) => {
          showTyping.value = on ? "on" : "off";
        }}
      />
    </>
  );
}

/** The server keeps this one, for all devices. */
function Receipts() {
  const [shown, setShown] = useState<boolean>();
  const [saving, setSaving] = useState(false);
  const [wrong, setWrong] = useState("");
  const fail = (error: unknown) => setWrong(failure(error));
  const show = (now: boolean) => {
    setShown(now);
    setWrong("");
  };
  useAnswer(core.account, ({ private_receipts }) => show(!private_receipts), fail);
  const change = (on: boolean) => {
    setWrong("");
    setShown(on);
    setSaving(true);
    const undo = (error: unknown) => {
      setShown(!on);
      fail(error);
    };
    core
      .changeAccount({ private_receipts: !on })
      // The account may have been asked for in between.
      .then(() => setShown(on), undo)
      .finally(() => setSaving(false));
  };
  return (
    <>
      <Switch
        label={t("receiptsShown")}
        hint={t("receiptsShownHint")}
        on={shown ?? false}
        disabled={shown === undefined}
        busy={saving}
        onChange={change}
      />
      {wrong && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
    </>
  );
}
