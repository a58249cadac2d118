// Theme and language.
import { chosenLanguage, LANGUAGES, THEMES, theme } from "../../prefs";
import { Choice } from "./parts";

const THEME_WORDS = { system: "asSystem", light: "themeLight", dark: "themeDark" } as const;
const LANGUAGE_WORDS = { system: "asSystem", en: "languageEnglish", vi: "languageVietnamese" } as const;

export function Appearance() {
  return (
    <>
      <Choice label="theme" of={THEMES} words={THEME_WORDS} value={theme} />
      <Choice label="language" of={LANGUAGES} words={LANGUAGE_WORDS} value={chosenLanguage} />
    </>
  );
}
