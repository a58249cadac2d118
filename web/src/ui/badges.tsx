// Small signs beside a person's name.
import { t } from "../i18n";
import { isVerified } from "../people";

/** Two people compared their safety number. */
export function VerifiedBadge({ user }: { user: string | undefined }) {
  if (!isVerified(user)) return null;
  return (
    <span class="verified" title={t("verified")}>
      <svg aria-hidden="true" viewBox="0 0 24 24">
        <path d="M12 2.5 19.5 5v6c0 5-3.2 8.6-7.5 10.5C7.7 19.6 4.5 16 4.5 11V5ZM8.5 11.8l2.5 2.5 4.5-4.8" />
      </svg>
      <span class="sr">{t("verified")}</span>
    </span>
  );
}
