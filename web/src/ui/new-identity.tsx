// A new identity for who lost the recovery key and has this device. A section of the settings.
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { refuse } from "../people";
import { core, me } from "../state";
import { Field, Form, PasswordField } from "./parts";

export function NewIdentity() {
  const username = me.value?.username ?? "";
  const [typed, setTyped] = useState("");
  const [password, setPassword] = useState("");
  // What was typed does not outlive the form.
  useEffect(() => () => setPassword(""), []);
  // The words of the new key come by themselves, as those of a fresh account.
  const make = async () => {
    if (typed.trim() !== username) throw refuse("NotYourName");
    await core.newIdentity(password);
  };
  return (
    <>
      <p>{t("identityWhat")}</p>
      <ul class="points">
        <li>{t("identityContacts")}</li>
        <li>{t("identityDevices")}</li>
        <li>{t("identityOld")}</li>
      </ul>
      <Form submit={t("identityYes")} onSubmit={make} danger>
        <Field
          label={t("identityConfirm", { username })}
          value={typed}
          onValue={setTyped}
          autocomplete="off"
          maxLength={32}
        />
        <PasswordField value={password} onValue={setPassword} />
      </Form>
    </>
  );
}
