import { render } from "preact";
import { languageOf, speak } from "./i18n";
import { watchNews } from "./notify";
import { applyTheme, chosenLanguage } from "./prefs";
import { broken, failureCode, start } from "./state";
import { watchAccount } from "./storage";
import { App } from "./ui/app";
import { keepFocus } from "./ui/focus";
import { leaveLanguage } from "./worker-language";
import "./styles/index.css";

const NOT_LOADED: Record<string, string> = {
  en: "Sotto could not be loaded. Is there a connection? Reload the page to try again.",
  vi: "Không tải được Sotto. Bạn có đang kết nối mạng không? Hãy tải lại trang để thử lại.",
};

applyTheme();
keepFocus();
const begun = start();
const root = document.getElementById("app");
speak(chosenLanguage.value).then(
  () => {
    if (root) render(<App />, root);
    watchNews();
    chosenLanguage.subscribe((choice) => {
      void speak(choice).catch(() => undefined);
      void leaveLanguage(choice).catch(() => undefined);
    });
  },
  () => {
    // Without a catalogue there is only this to say, and a reload to try.
    const language = languageOf(chosenLanguage.value);
    document.documentElement.lang = language;
    if (root) root.textContent = NOT_LOADED[language] ?? "";
  },
);
begun.then(watchAccount, (error: unknown) => {
  const code = failureCode(error);
  broken.value ??= code === "Replaced" ? "replaced" : code === "StoreFailed" ? "store" : "unloaded";
});
if (import.meta.env.PROD) void navigator.serviceWorker?.register("/sw.js").catch(() => undefined);
