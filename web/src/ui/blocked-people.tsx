// Whom this account blocked: a section of the settings, below the heading `blockedTitle`.
import { t } from "../i18n";
import { blocks, nameOfUser } from "../people";
import { connection } from "../state";
import { unblock } from "./blocking";
import { Avatar } from "./parts";

export function BlockedPeople() {
  const all = [...blocks.value];
  return (
    <div class="blocked-people">
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
    </div>
  );
}
