// A history that comes from another device of one's own, while everything else goes on.
import { t } from "../i18n";
import { history } from "../state";

export function HistoryBar() {
  const coming = history.value;
  if (!coming) return null;
  const { done, of, state } = coming;
  if (state === "failed") return <p class="notice">{t("historyFailed")}</p>;
  return (
    <p class="notice history">
      {t(state === "late" ? "historyLate" : "historyComing")}
      <progress value={done} max={Math.max(1, of)} aria-label={t("historyComing")} />
    </p>
  );
}
