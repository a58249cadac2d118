// The last step of signing out: it takes a moment, and what fails is said.
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { core, failure, notice } from "../state";

export function SignOutButton({ class: looks }: { class: "danger" | "link" }) {
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    await core.signOut().catch((error: unknown) => notice(failure(error)));
    setBusy(false);
  };
  return (
    <button type="button" class={looks} disabled={busy} onClick={() => void leave()}>
      {t(busy ? "working" : "signOut")}
    </button>
  );
}
