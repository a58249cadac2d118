// Somebody's key is another one: nothing is sent until this person decides.
import type { PersonView } from "../core/people-told";
import type { ConversationView } from "../core/told";
import { t } from "../i18n";
import { nameOfUser, sheet } from "../people";
import { core, notice, peopleFailure } from "../state";
import { Words } from "./words";

/** People whom a banner names at once; the others follow. */
const MOST = 2;

export function KeyBanners({ view, people }: { view: ConversationView; people: PersonView[] }) {
  return (
    <>
      {people.slice(0, MOST).map((person) => (
        <KeyBanner key={person.user_id} view={view} person={person} />
      ))}
    </>
  );
}

function KeyBanner({ view, person }: { view: ConversationView; person: PersonView }) {
  const name = nameOfUser(person.user_id, view);
  const { compared, offered } = person;
  const compare = () => {
    sheet.value = { conversation: view.conversation_id, person: person.user_id, verify: true };
  };
  const goOn = () => {
    if (!offered) return;
    core.acceptKey(person.user_id, offered.key, false).catch((error: unknown) => notice(peopleFailure(error)));
  };
  return (
    <div class={`banner key ${compared ? "grave" : ""}`} role="alert">
      <p>
        <Words text={t(compared ? "keyBannerVerified" : "keyBanner")} name={name} />
      </p>
      <button type="button" class="primary" onClick={compare}>
        {t("keyCompare")}
      </button>
      {/* Somebody who was compared is compared again, or accepted where both numbers are seen. */}
      {!compared && (
        <button type="button" onClick={goOn}>
          {t("keyGoOn")}
        </button>
      )}
    </div>
  );
}
