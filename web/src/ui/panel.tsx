// The side sheet of a conversation: its group, or one of its people, and comparing with them.
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { nameOfUser, partnerOf, people, type SheetOf, sheet } from "../people";
import { conversations, core, me } from "../state";
import { titleOf } from "../thread";
import { GroupPanel } from "./group-panel";
import { PersonPanel } from "./person-panel";
import { Sheet } from "./sheet";
import { Verify } from "./verify";

export function Panel({ of }: { of: SheetOf }) {
  const view = conversations.value.get(of.conversation);
  const own = me.value?.user_id ?? "";
  // Not every change of who is in is told by itself.
  useEffect(() => void core.lookAt(of.conversation).catch(() => undefined), [of.conversation]);
  if (!view) return null;
  const user = of.person ?? partnerOf(view, own)?.user_id;
  const close = () => {
    sheet.value = undefined;
  };
  const step = (to: Partial<SheetOf>) => () => {
    sheet.value = { conversation: of.conversation, ...to };
  };
  if (!user) {
    const title = titleOf(view, own);
    return (
      <Sheet label={title} step="group" onClose={close}>
        <GroupPanel view={view} own={own} title={title} />
      </Sheet>
    );
  }
  const name = nameOfUser(user, view);
  const person = people.value.get(user);
  const toPerson = view.kind === "group" ? { person: user } : {};
  if (of.verify) {
    return (
      <Sheet label={t("verifyTitle", { name })} step={`verify ${user}`} onClose={close} onBack={step(toPerson)}>
        <Verify person={person} name={name} />
      </Sheet>
    );
  }
  return (
    <Sheet label={name} step={user} onClose={close} onBack={view.kind === "group" ? step({}) : undefined}>
      <PersonPanel {...{ view, user, name, person }} onVerify={step({ ...toPerson, verify: true })} />
    </Sheet>
  );
}
