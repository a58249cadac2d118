// Name, password, and ways out.
import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import { core, me, notice } from "../../state";
import { Field, Form, PasswordField, USERNAME } from "../parts";
import { SignOutButton } from "../sign-out";
import { Unfold, WithPassword } from "./parts";

/** How long it is said that something worked. */
const SEEN_MS = 6_000;

export function Account() {
  return (
    <>
      <p class="fact">
        <span>{t("username")}</span>
        <bdi>{me.value?.username}</bdi>
      </p>
      <Unfold label={t("changeUsername")}>{(close) => <Username onDone={close} />}</Unfold>
      <Unfold label={t("changePassword")}>{(close) => <Password onDone={close} />}</Unfold>
      <Unfold label={t("signOut")}>
        {() => (
          <>
            <p>{t("signOutWarning")}</p>
            <SignOutButton class="danger" />
          </>
        )}
      </Unfold>
      <Unfold label={t("signOutOthers")}>
        {(close) => (
          <WithPassword
            submit={t("signOutOthers")}
            what={t("signOutOthersWhat")}
            act={async (password) => {
              await core.signOutOthers(password);
              close();
              notice(t("signedOutOthers"), SEEN_MS);
            }}
          />
        )}
      </Unfold>
      <Unfold label={t("deleteAccount")} danger>
        {() => (
          <WithPassword
            submit={t("deleteAccountYes")}
            what={t("deleteAccountWhat")}
            act={(password) => core.deleteAccount(password)}
          />
        )}
      </Unfold>
    </>
  );
}

function Username({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState(me.value?.username ?? "");
  const save = async () => {
    await core.changeAccount({ username: name });
    onDone();
    notice(t("saved"), SEEN_MS);
  };
  return (
    <Form submit={t("save")} onSubmit={save}>
      <Field
        label={t("username")}
        value={name}
        onValue={setName}
        hint={t("usernameHint")}
        autocomplete="username"
        rule={{ pattern: USERNAME, words: t("usernameHint") }}
      />
    </Form>
  );
}

function Password({ onDone }: { onDone: () => void }) {
  const [password, setPassword] = useState("");
  const [next, setNext] = useState("");
  // What was typed does not outlive the form.
  useEffect(() => () => setPassword(""), []);
  const save = async () => {
    await core.changePassword(password, next);
    onDone();
    notice(t("passwordChanged"), SEEN_MS);
  };
  return (
    <Form submit={t("changePassword")} onSubmit={save}>
      <PasswordField label={t("passwordNow")} value={password} onValue={setPassword} />
      <Field
        label={t("passwordNext")}
        value={next}
        onValue={setNext}
        hint={t("passwordHint")}
        type="password"
        autocomplete="new-password"
        rule={{ minLength: 8, words: t("passwordHint") }}
      />
    </Form>
  );
}
