// Before there is an account here: registering, signing in, the recovery key.
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { core, link, me, recoveryWords } from "../state";
import { evicted } from "../storage";
import { LinkSteps } from "./linking";
import { Field, Form } from "./parts";

/** What this browser calls itself in the list of devices. */
function deviceName(): string {
  const agent = navigator.userAgent;
  const browser = ["Edg", "Firefox", "Chrome", "Safari"].find((name) => agent.includes(`${name}/`)) ?? "Browser";
  const system = ["Android", "iPhone", "iPad", "Windows", "Mac", "Linux"].find((name) => agent.includes(name));
  return [browser === "Edg" ? "Edge" : browser, system].filter(Boolean).join(", ");
}

export function Welcome() {
  const again = me.value?.signed_out ? me.value.username : undefined;
  const [fresh, setFresh] = useState(!again && !evicted.value);
  const [linking, setLinking] = useState(false);
  const [username, setUsername] = useState(again ?? "");
  const [password, setPassword] = useState("");
  const submit = async () => {
    if (!fresh) return core.signIn(username, password, deviceName());
    const made = await core.register(username, password, deviceName());
    recoveryWords.value = made.recoveryWords.split(" ");
  };
  if (linking) return <LinkThis onBack={() => setLinking(false)} />;
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
      <button type="button" class="link" onClick={() => setFresh(!fresh)}>
        {fresh ? t("haveAccount") : t("noAccount")}
      </button>
      <button type="button" class="link" onClick={() => setLinking(true)}>
        {t("linkThis")}
      </button>
    </main>
  );
}

/** Enters the account of a device that shows a code. */
function LinkThis({ onBack }: { onBack: () => void }) {
  const [code, setCode] = useState("");
  return (
    <main class="card">
      <h1>{t("linkThis")}</h1>
      {link.value ? (
        <LinkSteps onClose={onBack} />
      ) : (
        <>
          <p>{t("linkHow")}</p>
          <Form submit={t("linkContinue")} onSubmit={() => core.enterByCode(code, deviceName())}>
            <Field label={t("linkCode")} value={code} onValue={setCode} autocomplete="off" />
          </Form>
          <button type="button" class="link" onClick={onBack}>
            {t("back")}
          </button>
        </>
      )}
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
      <button type="button" class="link" onClick={() => core.signOut()}>
        {t("signOut")}
      </button>
    </main>
  );
}
