// A person: who it is, whether they are verified, what both share, and blocking.
import { useState } from "preact/hooks";
import type { PersonView } from "../core/people-told";
import type { ConversationView } from "../core/told";
import { counted, t } from "../i18n";
import { blocks, sharedGroups, sheet } from "../people";
import { connection, conversations, core, go, me, notice, peopleFailure } from "../state";
import { titleOf } from "../thread";
import { block, unblock } from "./blocking";
import { Avatar } from "./parts";
import { Retention } from "./retention";
import { Words } from "./words";

interface Props {
  view: ConversationView;
  user: string;
  name: string;
  person: PersonView | undefined;
  onVerify: () => void;
}

export function PersonPanel({ view, user, name, person, onVerify }: Props) {
  const groups = sharedGroups(conversations.value.values(), user).filter((group) => group !== view);
  return (
    <>
      <div class="portrait">
        <Avatar name={name} />
        <p class="hint">{person?.devices ? counted("deviceCount", person.devices) : t("devicesUnknown")}</p>
      </div>
      {view.kind === "direct" && <Retention view={view} />}
      <Trust person={person} name={name} onVerify={onVerify} />
      {view.kind === "group" && <WriteTo user={user} name={name} />}
      {groups.length > 0 && (
        <section class="sheet-part">
          <h3>{t("sharedGroups")}</h3>
          <ul class="plain">
            {groups.map((group) => (
              <li key={group.conversation_id}>
                <a href={`#/chat/${group.conversation_id}`} class="row" onClick={() => (sheet.value = undefined)}>
                  <Avatar name={titleOf(group, me.value?.user_id ?? "")} />
                  <bdi>{titleOf(group, me.value?.user_id ?? "")}</bdi>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Block user={user} name={name} />
    </>
  );
}

function Trust({ person, name, onVerify }: { person: PersonView | undefined; name: string; onVerify: () => void }) {
  const trust = person?.trust ?? "unverified";
  const [title, why] = {
    verified: [t("verified"), t("verifiedWhy")],
    violated: [t("keyChanged"), t(person?.compared ? "keyBannerVerified" : "keyBanner")],
    first_use: [t("notVerified"), t("notVerifiedWhy")],
    unverified: [t("notVerified"), t("notVerifiedWhy")],
  }[trust] as [string, string];
  return (
    <section class={`sheet-part trust ${trust}`}>
      <h3>{title}</h3>
      <p>
        <Words text={why} name={name} />
      </p>
      <button type="button" class={trust === "verified" ? "" : "primary"} onClick={onVerify}>
        {t("verify")}
      </button>
    </section>
  );
}

function WriteTo({ user, name }: { user: string; name: string }) {
  const [busy, setBusy] = useState(false);
  const write = async () => {
    if (busy) return;
    setBusy(true);
    try {
      const conversation = await core.startDirect(name, user);
      sheet.value = undefined;
      go({ screen: "chats", conversation });
    } catch (error) {
      notice(peopleFailure(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="sheet-part">
      <button type="button" disabled={connection.value !== "online"} aria-disabled={busy} onClick={write}>
        {t("writeTo")}
      </button>
    </section>
  );
}

function Block({ user, name }: { user: string; name: string }) {
  const isBlocked = blocks.value.has(user);
  const offline = connection.value !== "online";
  return (
    <section class="sheet-part">
      <p class="hint">{t("blockWhy")}</p>
      {isBlocked ? (
        <button type="button" disabled={offline} onClick={() => unblock(user, name)}>
          {t("unblock")}
        </button>
      ) : (
        <button type="button" class="danger-text" disabled={offline} onClick={() => block(user, name)}>
          <Words text={t("block")} name={name} />
        </button>
      )}
    </section>
  );
}
