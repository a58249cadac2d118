// Another recovery key in the place of the old one. A part of the settings.
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { core, recoveryWords } from "../state";
import { Field, Form } from "./parts";

export function RecoveryKey() {
  const [open, setOpen] = useState(false);
  const [old, setOld] = useState("");
  const [password, setPassword] = useState("");
  // The new words are shown, and asked back, as those of a fresh account.
  const replace = async () => {
    const words = await core.replaceRecoveryKey(old, password);
    recoveryWords.value = words.split(" ");
  };
  return (
    <section class="recovery-key" aria-label={t("recoveryKeyTitle")}>
      <h2>{t("recoveryKeyTitle")}</h2>
      <p class="hint">{t("recoveryKeyWhat")}</p>
      {!open && (
        <button type="button" onClick={() => setOpen(true)}>
          {t("recoveryKeyReplace")}
        </button>
      )}
      {open && (
        <>
          <Form submit={t("recoveryKeyReplace")} onSubmit={replace}>
            <Field label={t("recoveryKeyOld")} value={old} onValue={setOld} lines={4} />
            <Field
              label={t("linkPassword")}
              value={password}
              onValue={setPassword}
              type="password"
              autocomplete="current-password"
            />
          </Form>
          <button type="button" class="link" onClick={() => setOpen(false)}>
            {t("cancel")}
          </button>
        </>
      )}
    </section>
  );
}
