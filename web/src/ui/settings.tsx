// Settings: a page of sections, each in a file of its own.
import type { ComponentType } from "preact";
import { back } from "../back";
import { t, type Words } from "../i18n";
import { BlockedPeople } from "./blocked-people";
import { RecoveryKey } from "./recovery-key";
import { About } from "./settings/about";
import { Account } from "./settings/account";
import { Appearance } from "./settings/appearance";
import { Notifications } from "./settings/notifications";
import { Privacy } from "./settings/privacy";
import { Storage } from "./settings/storage";

/** The sections in their order. Another part of the app adds a line: the words of its heading, and what is below it. */
const SECTIONS: [heading: Words, Part: ComponentType][] = [
  ["settingsAccount", Account],
  ["recoveryKeyTitle", RecoveryKey],
  ["settingsPrivacy", Privacy],
  ["blockedTitle", BlockedPeople],
  ["settingsAppearance", Appearance],
  ["settingsNotifications", Notifications],
  ["settingsStorage", Storage],
  ["settingsAbout", About],
];

export function Settings() {
  return (
    <main class="page settings">
      <header>
        <button type="button" class="quiet" onClick={back}>
          <span aria-hidden="true">‹</span> {t("back")}
        </button>
        <h1>{t("settings")}</h1>
      </header>
      {SECTIONS.map(([heading, Part]) => (
        <section key={heading} class="setting" aria-labelledby={heading}>
          <h2 id={heading}>{t(heading)}</h2>
          <Part />
        </section>
      ))}
    </main>
  );
}
