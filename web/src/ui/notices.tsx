// What is said until the person closes it.
import { t } from "../i18n";
import { dismissNotice, notices } from "../state";

export function Notices() {
  return (
    <div class="status" role="status">
      {notices.value.map((text) => (
        <p key={text} class="notice">
          {text}
          <button type="button" class="link" onClick={() => dismissNotice(text)}>
            {t("close")}
          </button>
        </p>
      ))}
    </div>
  );
}
