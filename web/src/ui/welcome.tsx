// Before there is an account here: registering, signing in, the recovery key.
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { core, failure, failureCode, me, recoveryWords } from "../state";
import { evicted } from "../storage";
import { deviceName } from "./device-name";
import { EraseFirst } from "./erase";
import { lazyPart } from "./lazy";
import { Field, Form } from "./parts";

const LinkThis = lazyPart(() => import("./link-this").then((part) => part.LinkThis));

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
    const made = await core.register(username, password, deviceName(), erase);
    recoveryWords.value = made.recoveryWords.split(" ");
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
  if (asking) {
    const yes = () => {
      setErase(true);
      setAsking(undefined);
      void asking()?.catch((error: unknown) => setWrong(failure(error)));
    };
    return <EraseFirst username={again ?? ""} onYes={yes} onNo={() => setAsking(undefined)} />;
  }
  if (linking) return <LinkThis onBack={() => setLinking(false)} erase={erase} />;
  const title = fresh ? t("register") : again ? t("signInAgain") : t("signIn");
  return (
    <main class="card">
      <h1>{t("app")}</h1>
      <p class="tagline">{t("tagline")}</p>
      <Form submit={title} onSubmit={submit}>
        <Field
          label={t("username")}
          value={username}
          onValue={setUsername}
          hint={fresh ? t("usernameHint") : undefined}
          autocomplete="username"
          pattern="[a-z0-9._\-]{3,32}"
        />
        <Field
          label={t("password")}
          value={password}
          onValue={setPassword}
          hint={fresh ? t("passwordHint") : undefined}
          type="password"
          autocomplete={fresh ? "new-password" : "current-password"}
          minLength={8}
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
    </main>
  );
}

/** Three places to ask for, spread over the key. */
function placesToCheck(count: number): number[] {
  const [a = 0, b = 0, c = 0] = crypto.getRandomValues(new Uint32Array(3));
  const third = Math.floor(count / 3);
  return [a % third, third + (b % third), 2 * third + (c % third)];
}

export function RecoveryWords({ words }: { words: string[] }) {
  const [checking, setChecking] = useState(false);
  return (
    <main class="card wide">
      <h1>{t("recoveryTitle")}</h1>
      {checking ? (
        <CheckWords words={words} onBack={() => setChecking(false)} />
      ) : (
        <>
          <p>{t("recoveryWhy")}</p>
          <ol class="words" translate={false}>
            {words.map((word, at) => (
              <li key={`${at}-${word}`}>{word}</li>
            ))}
          </ol>
          <button type="button" class="primary" onClick={() => setChecking(true)}>
            {t("recoveryWritten")}
          </button>
        </>
      )}
    </main>
  );
}

function CheckWords({ words, onBack }: { words: string[]; onBack: () => void }) {
  const [places] = useState(() => placesToCheck(words.length));
  const [typed, setTyped] = useState(places.map(() => ""));
  const [wrong, setWrong] = useState(false);
  const check = (event: Event) => {
    event.preventDefault();
    const right = places.every((place, at) => typed[at]?.trim().toLowerCase() === words[place]);
    setWrong(!right);
    if (right) recoveryWords.value = undefined;
  };
  return (
    <form onSubmit={check}>
      <p>{t("recoveryCheck")}</p>
      {places.map((place, at) => (
        <Field
          key={place}
          label={t("recoveryWord", { number: place + 1 })}
          value={typed[at] ?? ""}
          onValue={(value) => setTyped(typed.with(at, value))}
          autocomplete="off"
        />
      ))}
      <p class="wrong" role="alert">
        {wrong ? t("recoveryWrong") : ""}
      </p>
      <button type="submit" class="primary">
        {t("recoveryDone")}
      </button>
      <button type="button" class="link" onClick={onBack}>
        {t("recoveryBack")}
      </button>
    </form>
  );
}

/** A device that is signed in and in no roster: the recovery key makes it a full one. */
export function Recover() {
  const [words, setWords] = useState("");
  const [password, setPassword] = useState("");
  const [linking, setLinking] = useState(false);
  if (linking) return <LinkThis onBack={() => setLinking(false)} erase={false} />;
  return (
    <main class="card">
      <h1>{t("unlinkedTitle")}</h1>
      <p>{t("unlinkedWhy")}</p>
      <Form submit={t("recover")} onSubmit={() => core.recover(words, password)}>
        <Field label={t("recoveryKey")} value={words} onValue={setWords} lines={4} />
        <Field
          label={t("password")}
          value={password}
          onValue={setPassword}
          type="password"
          autocomplete="current-password"
        />
      </Form>
      <button type="button" class="link" onClick={() => setLinking(true)}>
        {t("linkThis")}
      </button>
      <button type="button" class="link" onClick={() => core.signOut()}>
        {t("signOut")}
      </button>
    </main>
  );
}
