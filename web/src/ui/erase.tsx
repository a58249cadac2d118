// Before somebody else's messages are deleted from this browser, the person is asked plainly.
import { t } from "../i18n";

export function EraseFirst({ username, onYes, onNo }: { username: string; onYes: () => void; onNo: () => void }) {
  return (
    <main class="card">
      <h1>{t("eraseTitle")}</h1>
      <p role="alert">{t("eraseWhy", { username })}</p>
      <button type="button" class="primary" onClick={onNo}>
        {t("eraseNo")}
      </button>
      <button type="button" class="danger" onClick={onYes}>
        {t("eraseYes", { username })}
      </button>
    </main>
  );
}
