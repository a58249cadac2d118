// Whom this account blocked. A part that settings show.
import { t } from "../i18n";
import { blocks, nameOfUser } from "../people";
import { connection } from "../state";
import { unblock } from "./blocking";
import { Avatar } from "./parts";

export function BlockedPeople() {
  const all = [...blocks.value];
  return (
    <section class="blocked-people" aria-label={t("blockedTitle")}>
      <h2>{t("blockedTitle")}</h2>
      {all.length === 0 && <p class="hint">{t("blockedNone")}</p>}
      <ul class="plain">
        {all.map((user) => {
          const name = nameOfUser(user);
          return (
            <li key={user} class="row">
              <Avatar name={name} />
              <span class="row-text">
                <bdi>{name}</bdi>
              </span>
              <button
                type="button"
                class="quiet"
                disabled={connection.value !== "online"}
                aria-label={`${t("unblock")}: ${name}`}
                onClick={() => unblock(user, name)}
              >
                {t("unblock")}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
