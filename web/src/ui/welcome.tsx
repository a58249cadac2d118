// Before there is an account here: registering, signing in, the recovery key.
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { core, failure, failureCode, me } from "../state";
import { evicted } from "../storage";
import { deviceName } from "./device-name";
import { EraseFirst } from "./erase";
import { lazyPart } from "./lazy";
import { Field, Form, PasswordField, USERNAME } from "./parts";
import { RecoveryField, useTypedWords } from "./recovery-field";
import { SignOutButton } from "./sign-out";

const LinkThis = lazyPart(() => import("./link-this").then((part) => part.LinkThis));
const LostKey = lazyPart(() => import("./lost-key").then((part) => part.LostKey));

export function Welcome() {
  const again = me.value?.signed_out ? me.value.username : undefined;
  const [fresh, setFresh] = useState(!again && !evicted.value);
  const [linking, setLinking] = useState(false);
  const [username, setUsername] = useState(again ?? "");
  const [password, setPassword] = useState("");
  /** What to do once the person agrees that the messages of before go. */
  const [asking, setAsking] = useState<() => Promise<unknown> | undefined>();
  const [erase, setErase] = useState(false);
  const [wrong, setWrong] = useState("");
  const enter = async (erase: boolean) => {
    if (!fresh) return core.signIn(username, password, deviceName(), erase);
    await core.register(username, password, deviceName(), erase);
  };
  const submit = async () => {
    await enter(erase).catch((error: unknown) => {
      if (failureCode(error) !== "WouldErase") throw error;
      setAsking(() => () => enter(true));
    });
  };
  const link = () => {
    setLinking(true);
    return undefined;
  };
  const forget = async () => {
    await core.signOut();
    setErase(false);
    setFresh(true);
    setUsername("");
  };
  if (asking) {
    const yes = async () => {
      setErase(true);
      await asking()?.catch((error: unknown) => setWrong(failure(error)));
      setAsking(undefined);
    };
    return <EraseFirst username={again ?? ""} onYes={yes} onNo={() => setAsking(undefined)} />;
  }
  if (linking) return <LinkThis onBack={() => setLinking(false)} erase={erase} />;
  const title = fresh ? t("register") : again ? t("signInAgain") : t("signIn");
  return (
    <main class="card">
      <h1>{t("app")}</h1>
      {me.value?.revoked ? <p role="alert">{t("revokedHere")}</p> : <p class="tagline">{t("tagline")}</p>}
      <Form submit={title} onSubmit={submit}>
        <Field
          label={t("username")}
          value={username}
          onValue={setUsername}
          hint={fresh ? t("usernameHint") : undefined}
          autocomplete="username"
          rule={{ pattern: USERNAME, words: t("usernameHint") }}
        />
        <Field
          label={t("password")}
          value={password}
          onValue={setPassword}
          hint={fresh ? t("passwordHint") : undefined}
          type="password"
          autocomplete={fresh ? "new-password" : "current-password"}
          rule={{ minLength: 8, words: t("passwordHint") }}
        />
      </Form>
      {wrong && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
      <button type="button" class="link" onClick={() => setFresh(!fresh)}>
        {fresh ? t("haveAccount") : t("noAccount")}
      </button>
      <button type="button" class="link" onClick={again ? () => setAsking(() => link) : link}>
        {t("linkThis")}
      </button>
      {again && (
        <button type="button" class="link" onClick={() => setAsking(() => forget)}>
          {t("eraseYes", { username: again })}
        </button>
      )}
    </main>
  );
}

/** A device that is signed in and in no roster: the recovery key makes it a full one. */
export function Recover() {
  const typed = useTypedWords();
  const [password, setPassword] = useState("");
  const [way, setWay] = useState<"link" | "lost">();
  const back = () => setWay(undefined);
  if (way === "link") return <LinkThis onBack={back} erase={false} />;
  if (way === "lost") return <LostKey onLink={() => setWay("link")} onBack={back} />;
  return (
    <main class="card">
      <h1>{t("unlinkedTitle")}</h1>
      <p>{t("unlinkedWhy")}</p>
      <Form
        submit={t("recover")}
        onSubmit={() => typed.tried(core.recover(typed.words, password))}
        errorText={(error) => (failureCode(error) === "limit_reached" ? t("tooManyDevices") : failure(error))}
      >
        <RecoveryField label={t("recoveryKey")} of={typed} />
        <PasswordField value={password} onValue={setPassword} />
      </Form>
      <button type="button" class="link" onClick={() => setWay("link")}>
        {t("linkThis")}
      </button>
      <button type="button" class="link" onClick={() => setWay("lost")}>
        {t("keyLost")}
      </button>
      <SignOutButton class="link" />
    </main>
  );
}
