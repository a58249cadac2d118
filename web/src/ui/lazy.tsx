// Screens that come when they are needed.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";

/** A component that is fetched when it is shown first. Without a connection it says so and tries again when asked. */
export function lazily<P extends object>(fetch: () => Promise<ComponentType<P>>): ComponentType<P> {
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
    if (!failed) return <main class="page skeleton" aria-busy="true" aria-label={t("working")} />;
    return (
      <main class="page">
        <p role="alert">{t("screenMissing")}</p>
        <button type="button" class="primary" onClick={() => setFailed(false)}>
          {t("tryAgain")}
        </button>
        <button type="button" class="link" onClick={() => location.reload()}>
          {t("reload")}
        </button>
      </main>
    );
  };
}
