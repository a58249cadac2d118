// Where a person types the 24 words of a recovery key, and which of them is mistyped.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { core, failureCode } from "../state";
import { Field } from "./parts";

interface RecoveryFieldProps {
  label: ComponentChildren;
  of: TypedWords;
}

type TypedWords = ReturnType<typeof useTypedWords>;

/** The words as they are typed. `tried` watches an attempt with them, and finds the mistyped one if that is what is wrong. */
export function useTypedWords() {
  const [words, setWords] = useState("");
  const [wrong, setWrong] = useState<string>();
  const change = (typed: string) => {
    setWords(typed);
    setWrong(undefined);
  };
  const tried = async (attempt: Promise<unknown>) => {
    try {
      await attempt;
    } catch (error) {
      if (failureCode(error) === "UnknownWord") setWrong(await whichWord(words));
      throw error;
    }
  };
  return { words, wrong, change, tried };
}

async function whichWord(words: string): Promise<string | undefined> {
  const found = await core.mistypedWord(words);
  if (!found) return undefined;
  const { place, typed, meant } = found;
  const said = t("wordMistyped", { place, typed });
  return meant ? `${said} ${t("wordMeant", { meant })}` : said;
}

export function RecoveryField({ label, of }: RecoveryFieldProps) {
  return <Field label={label} value={of.words} onValue={of.change} wrong={of.wrong} lines={4} />;
}
