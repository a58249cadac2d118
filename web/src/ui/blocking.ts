// Blocking somebody, which can be taken back.
import { t } from "../i18n";
import { core, notice, peopleFailure } from "../state";
import { offerUndo } from "./undo";

const tried = (call: Promise<unknown>, then: () => void) =>
  call.then(then, (error: unknown) => notice(peopleFailure(error)));

export function block(user: string, name: string): Promise<void> {
  return tried(core.block(user), () => offerUndo(t("blockedNow", { name }), () => core.unblock(user)));
}

export function unblock(user: string, name: string): Promise<void> {
  return tried(core.unblock(user), () => offerUndo(t("unblockedNow", { name }), () => core.block(user)));
}
