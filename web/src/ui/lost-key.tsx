// Signed in with the password, without the recovery key: what there is to do, and what there is not.
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { SignOutButton } from "./sign-out";

export function LostKey({ onLink, onBack }: { onLink: () => void; onBack: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <main class="card">
      <h1 ref={heading} tabIndex={-1}>
        {t("keyLostTitle")}
      </h1>
      <p>{t("keyLostWhy")}</p>
      <h2>{t("keyLostDevice")}</h2>
      <p>{t("keyLostDeviceHow")}</p>
      <button type="button" class="primary" onClick={onLink}>
        {t("linkThis")}
      </button>
      <h2>{t("keyLostNone")}</h2>
      <p>{t("keyLostNoneHow")}</p>
      <button type="button" class="link" onClick={onBack}>
        {t("back")}
      </button>
      <SignOutButton class="link" />
    </main>
  );
}
