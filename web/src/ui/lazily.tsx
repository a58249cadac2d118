// Screens that the start page does without: their script is fetched when they are first shown.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";

export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  return function Lazily(props: P) {
    const [attempt, setAttempt] = useState(0);
    const [state, setState] = useState<"loading" | "loaded" | "failed">(loaded ? "loaded" : "loading");
    useEffect(() => {
      if (loaded) return;
      setState("loading");
      load().then(
        (found) => {
          loaded = found;
          setState("loaded");
        },
        () => setState("failed"),
      );
    }, [attempt]);
    const Loaded = loaded;
    if (Loaded) return <Loaded {...props} />;
    if (state === "loading") return <p aria-busy="true">{t("working")}</p>;
    return (
      <p class="wrong" role="alert">
        {t("errorUnreachable")}
        <button type="button" class="link" onClick={() => setAttempt(attempt + 1)}>
          {t("reload")}
        </button>
      </p>
    );
  };
}
