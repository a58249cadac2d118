// Screens that come when they are needed.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";

/** A screen that is fetched when it is shown first. Without a connection it says so and tries again when asked. */
export const lazily = <P extends object>(fetch: () => Promise<ComponentType<P>>): ComponentType<P> =>
  lazy(fetch, "main");

/** The same for a part of a screen. */
export const lazyPart = <P extends object>(fetch: () => Promise<ComponentType<P>>): ComponentType<P> =>
  lazy(fetch, "div");

function lazy<P extends object>(fetch: () => Promise<ComponentType<P>>, Box: "main" | "div"): ComponentType<P> {
  let here: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [, update] = useState(0);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (here || failed) return;
      fetch().then(
        (component) => {
          here = component;
          update((count) => count + 1);
        },
        () => setFailed(true),
      );
    }, [failed]);
    if (here) {
      const Here = here;
      return <Here {...props} />;
    }
    if (!failed && Box === "div")
      return (
        <p class="hint" aria-busy="true" tabIndex={-1}>
          {t("working")}
        </p>
      );
    if (!failed) return <main class="page skeleton" aria-busy="true" aria-label={t("working")} />;
    return (
      <Box class={Box === "main" ? "page" : "panel"}>
        <p role="alert">{t("screenMissing")}</p>
        <button type="button" class="primary" onClick={() => setFailed(false)}>
          {t("tryAgain")}
        </button>
        <button type="button" class="link" onClick={() => location.reload()}>
          {t("reload")}
        </button>
      </Box>
    );
  };
}
