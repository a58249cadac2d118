// How long anything stays in a conversation, where an admin has decided that.
import type { ConversationView } from "../core/told";
import { duration, t } from "../i18n";

export function Retention({ view }: { view: ConversationView }) {
  if (!view.retention_ms) return null;
  return <p class="hint retention">{t("retention", { time: duration(view.retention_ms) })}</p>;
}
