// Which build this is, and how to check it.

import { BUILD, SOURCE, VERSION } from "../../build";
import { apiOrigin } from "../../core/origin";
import { t } from "../../i18n";

export function About() {
  return (
    <>
      <p class="fact">
        <span>{t("version")}</span>
        <span>{VERSION}</span>
      </p>
      <p class="fact">
        <span>{t("build")}</span>
        <code>{BUILD.match(/.{1,8}/g)?.join(" ") ?? BUILD}</code>
      </p>
      <p class="hint">{t("buildHint")}</p>
      <p class="links">
        {SOURCE && (
          <a href={SOURCE} target="_blank" rel="noreferrer">
            {t("source")}
          </a>
        )}
        <a href="/licences.txt" target="_blank" rel="noreferrer">
          {t("licences")}
        </a>
        <a href={`${apiOrigin}/docs`} target="_blank" rel="noreferrer">
          {t("apiDocs")}
        </a>
      </p>
      <p class="hint">{t("licence")}</p>
    </>
  );
}
