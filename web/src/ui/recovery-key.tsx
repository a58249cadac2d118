// Another recovery key in the place of the old one, with the old words or without. A section of the settings.
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { core } from "../state";
import { NewIdentity } from "./new-identity";
import { Form, PasswordField } from "./parts";
import { RecoveryField, useTypedWords } from "./recovery-field";
import { Unfold } from "./settings/parts";

export function RecoveryKey() {
  return (
    <>
      <Unfold label={t("recoveryKeyReplace")}>{() => <Replace />}</Unfold>
      <Unfold label={t("keyLost")} danger>
        {() => <NewIdentity />}
      </Unfold>
    </>
  );
}

function Replace() {
  const old = useTypedWords();
  const [password, setPassword] = useState("");
  // The new words are shown, and asked back, as those of a fresh account.
  const replace = () => old.tried(core.replaceRecoveryKey(old.words, password));
  return (
    <Form submit={t("recoveryKeyReplaceYes")} onSubmit={replace}>
      <p>{t("recoveryKeyWhat")}</p>
      <RecoveryField label={t("recoveryKeyOld")} of={old} />
      <PasswordField value={password} onValue={setPassword} />
    </Form>
  );
}
