// The words of a recovery key: shown until the person has proved to have them, whatever happens to the page meanwhile.
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { core, failure } from "../state";
import { Field, Form } from "./parts";

export function RecoveryWords() {
  const [words, setWords] = useState<string[]>([]);
  const [checking, setChecking] = useState(false);
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    core.unseenWords().then(
      (text) => setWords(text?.split(" ") ?? []),
      (error: unknown) => setWrong(failure(error)),
    );
  }, []);
  if (words.length === 0 && !wrong)
    return <main class="card wide skeleton" aria-busy="true" aria-label={t("working")} />;
  return (
    <main class="card wide">
      <h1>{t("recoveryTitle")}</h1>
      {checking ? (
        <CheckWords words={words} onBack={() => setChecking(false)} />
      ) : (
        <>
          <p>{t("recoveryWhy")}</p>
          {wrong && (
            <p class="wrong" role="alert">
              {wrong}
            </p>
          )}
          <ol class="words" translate={false}>
            {words.map((word, at) => (
              <li key={`${at}-${word}`}>{word}</li>
            ))}
          </ol>
          <button type="button" class="primary" disabled={words.length === 0} onClick={() => setChecking(true)}>
            {t("recoveryWritten")}
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

class NotTheWords extends Error {}

function CheckWords({ words, onBack }: { words: string[]; onBack: () => void }) {
  const [places] = useState(() => placesToCheck(words.length));
  const [typed, setTyped] = useState(places.map(() => ""));
  const check = async () => {
    const right = places.every((place, at) => typed[at]?.trim().toLowerCase() === words[place]);
    if (!right) throw new NotTheWords();
    await core.wordsWritten();
  };
  const errorText = (error: unknown) => (error instanceof NotTheWords ? t("recoveryWrong") : failure(error));
  return (
    <>
      <Form submit={t("recoveryDone")} onSubmit={check} errorText={errorText}>
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
      </Form>
      <button type="button" class="link" onClick={onBack}>
        {t("recoveryBack")}
      </button>
    </>
  );
}
