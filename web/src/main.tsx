import { render } from "preact";
import { language } from "./i18n";
import { broken, start } from "./state";
import { App } from "./ui/app";
import "./styles/index.css";

document.documentElement.lang = language;
const root = document.getElementById("app");
if (root) render(<App />, root);
start().catch(() => {
  broken.value ??= "store";
});
if (import.meta.env.PROD) void navigator.serviceWorker?.register("/sw.js").catch(() => undefined);
