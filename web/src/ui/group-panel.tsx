// A group: its name, who is in, and what this person's role lets them do about it.
import { useState } from "preact/hooks";
import type { ConversationView, Person } from "../core/told";
import { counted, t } from "../i18n";
import { type Rights, rightsOf, sheet } from "../people";
import { connection, core, notice, peopleFailure } from "../state";
import { VerifiedBadge } from "./badges";
import { ofSeveral, useChips } from "./chips";
import { Avatar, Field, Form } from "./parts";
import { PeopleInput } from "./people-input";
import { Retention } from "./retention";
import { offerUndo } from "./undo";

interface Props {
  view: ConversationView;
  own: string;
  title: string;
}

export function GroupPanel({ view, own, title }: Props) {
  const rights = rightsOf(view, own);
  const online = connection.value === "online";
  const isIn = !view.left && view.state === "joined";
  const members = [...view.members].sort((one, other) => rank(other, own) - rank(one, own));
  return (
    <>
      <div class="portrait">
        <Avatar name={title} />
        <p class="hint">{counted("members", view.members.length)}</p>
      </div>
      <Retention view={view} />
      {!online && <p class="offline">{t("groupOffline")}</p>}
      {isIn && <Rename view={view} disabled={!online} />}
      <section class="sheet-part" aria-label={t("membersTitle")}>
        <h3>{t("membersTitle")}</h3>
        {isIn && !rights.admin && <p class="hint">{t("memberOnly")}</p>}
        {rights.admin && <AddPeople view={view} disabled={!online} />}
        <ul class="plain">
          {members.map((person) => (
            <MemberRow key={person.user_id} {...{ view, person, own, rights, online }} />
          ))}
        </ul>
      </section>
      {isIn && <Leave view={view} rights={rights} disabled={!online} />}
    </>
  );
}

const rank = (person: Person, own: string) => (person.user_id === own ? 2 : person.role === "admin" ? 1 : 0);

interface RowProps {
  view: ConversationView;
  person: Person;
  own: string;
  rights: Rights;
  online: boolean;
}

function MemberRow({ view, person, own, rights, online }: RowProps) {
  const [open, setOpen] = useState(false);
  const isOwn = person.user_id === own;
  const mayChange = rights.admin && !(isOwn && rights.lastAdmin);
  const who = (
    <>
      <Avatar name={person.username} />
      <span class="row-text">
        <span class="row-title">
          <bdi>{isOwn ? t("you") : person.username}</bdi>
          <VerifiedBadge user={person.user_id} />
          {person.role === "admin" && <span class="tag">{t("admin")}</span>}
        </span>
        {person.asked && <span class="hint">{t("asked")}</span>}
      </span>
    </>
  );
  const show = () => {
    sheet.value = { conversation: view.conversation_id, person: person.user_id };
  };
  return (
    <li>
      <div class="member">
        {isOwn ? (
          <span class="row">{who}</span>
        ) : (
          <button type="button" class="row" title={t("details", { name: person.username })} onClick={show}>
            {who}
          </button>
        )}
        {mayChange && (
          <button
            type="button"
            class="quiet"
            aria-expanded={open}
            aria-label={t("memberMenu", { name: isOwn ? t("you") : person.username })}
            onClick={() => setOpen(!open)}
          >
            <span aria-hidden="true">⋯</span>
          </button>
        )}
      </div>
      {mayChange && open && <Changes {...{ view, person, isOwn, online }} onDone={() => setOpen(false)} />}
    </li>
  );
}

interface ChangesProps {
  view: ConversationView;
  person: Person;
  isOwn: boolean;
  online: boolean;
  onDone: () => void;
}

function Changes({ view, person, isOwn, online, onDone }: ChangesProps) {
  const [busy, setBusy] = useState(false);
  const { conversation_id: id } = view;
  const { user_id: user, username: name } = person;
  const run = async (call: () => Promise<void>, done?: () => void) => {
    if (busy) return;
    setBusy(true);
    try {
      await call();
      done?.();
      onDone();
    } catch (error) {
      notice(peopleFailure(error));
    } finally {
      setBusy(false);
    }
  };
  const promote = person.role === "member";
  const putBack = () => ofSeveral(core.addMembers(id, [user]));
  return (
    <div class="member-changes">
      <button
        type="button"
        disabled={!online}
        aria-disabled={busy}
        onClick={() => run(() => core.setRole(id, user, promote ? "admin" : "member"))}
      >
        {t(promote ? "makeAdmin" : "takeAdmin")}
      </button>
      {!isOwn && (
        <button
          type="button"
          class="danger-text"
          disabled={!online}
          aria-disabled={busy}
          onClick={() =>
            run(
              () => core.removeMember(id, user),
              () => offerUndo(t("tookOut", { name }), putBack),
            )
          }
        >
          {t("takeOut")}
        </button>
      )}
    </div>
  );
}

function AddPeople({ view, disabled }: { view: ConversationView; disabled: boolean }) {
  const [open, setOpen] = useState(false);
  const chips = useChips(new Set(view.members.map(({ user_id }) => user_id)));
  const add = async () => {
    await ofSeveral(core.addMembers(view.conversation_id, await chips.ids()));
    for (const chip of chips.chips) chips.remove(chip);
    setOpen(false);
  };
  if (!open) {
    return (
      <button type="button" disabled={disabled} onClick={() => setOpen(true)}>
        {t("addPeople")}
      </button>
    );
  }
  return (
    <div class="inline-form">
      <Form submit={t("add")} onSubmit={add} errorText={peopleFailure}>
        <PeopleInput of={chips} />
      </Form>
      <button type="button" class="link" onClick={() => setOpen(false)}>
        {t("cancel")}
      </button>
    </div>
  );
}

function Rename({ view, disabled }: { view: ConversationView; disabled: boolean }) {
  const [name, setName] = useState<string>();
  const save = async () => {
    await core.renameGroup(view.conversation_id, name ?? "");
    setName(undefined);
  };
  if (name === undefined) {
    return (
      <button type="button" class="link" disabled={disabled} onClick={() => setName(view.name?.text ?? "")}>
        {t("renameGroup")}
      </button>
    );
  }
  return (
    <div class="inline-form">
      <Form submit={t("save")} onSubmit={save} errorText={peopleFailure}>
        <Field
          label={t("groupName")}
          value={name}
          onValue={setName}
          autocomplete="off"
          maxLength={64}
          autocapitalize="sentences"
        />
      </Form>
      <button type="button" class="link" onClick={() => setName(undefined)}>
        {t("cancel")}
      </button>
    </div>
  );
}

function Leave({ view, rights, disabled }: { view: ConversationView; rights: Rights; disabled: boolean }) {
  const [sure, setSure] = useState(false);
  if (!sure) {
    return (
      <button type="button" class="danger-text" disabled={disabled} onClick={() => setSure(true)}>
        {t("leave")}
      </button>
    );
  }
  return (
    <section class="sheet-part" aria-label={t("leave")}>
      <p tabIndex={-1}>
        {t("leaveSure")} {rights.lastAdmin && t("leaveHeir")}
      </p>
      <Form submit={t("leave")} onSubmit={() => core.leaveGroup(view.conversation_id)} errorText={peopleFailure} danger>
        {null}
      </Form>
      <button type="button" onClick={() => setSure(false)}>
        {t("stay")}
      </button>
    </section>
  );
}
