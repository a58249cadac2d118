// Before somebody else's messages are deleted from this browser, the person is asked plainly.
import { useState } from "preact/hooks";
import { t } from "../i18n";

interface EraseFirstProps {
  username: string;
  onYes: () => Promise<void>;
  onNo: () => void;
}

export function EraseFirst({ username, onYes, onNo }: EraseFirstProps) {
  const [busy, setBusy] = useState(false);
  const yes = () => {
    if (busy) return;
    setBusy(true);
    void onYes();
  };
  return (
    <main class="card">
      <h1>{t("eraseTitle")}</h1>
      <p role="alert">{t("eraseWhy", { username })}</p>
      <button type="button" class="primary" disabled={busy} onClick={onNo}>
        {t("eraseNo")}
      </button>
      <button type="button" class="danger" aria-disabled={busy} onClick={yes}>
        {busy ? t("working") : t("eraseYes", { username })}
      </button>
    </main>
  );
}
