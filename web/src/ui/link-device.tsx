// Letting a new device in: it scans or types the code that is shown here, or shows one to this device's camera.
import { useState } from "preact/hooks";
import { linkErrorText, t } from "../i18n";
import { EXISTING_SHOWS, intentOf, NEW_SHOWS } from "../scan/code";
import { core, failureCode, link } from "../state";
import { LinkSteps, LinkTrouble } from "./linking";
import { Form, PasswordField } from "./parts";
import { Scanner } from "./scanner";

export function LinkDevice({ onClose }: { onClose: () => void }) {
  const [password, setPassword] = useState("");
  const [scanning, setScanning] = useState(false);
  const step = link.value;
  if (!step) {
    return (
      <section class="panel" aria-label={t("linkDevice")}>
        <Form submit={t("linkContinue")} onSubmit={() => core.linkDevice(password).then(() => setPassword(""))}>
          <PasswordField label={t("linkPassword")} value={password} onValue={setPassword} />
        </Form>
        <button type="button" class="link" onClick={onClose}>
          {t("cancel")}
        </button>
      </section>
    );
  }
  if (step.step !== "show") return <LinkSteps side="existing" onClose={onClose} />;
  if (!scanning) {
    return (
      <LinkSteps side="existing" onClose={onClose}>
        <button type="button" onClick={() => setScanning(true)}>
          {t("linkScanNew")}
        </button>
      </LinkSteps>
    );
  }
  return (
    <section class="panel" aria-label={t("linkScanNew")}>
      <Scanner hint={t("linkScanNewHow")} onCode={take} />
      <LinkTrouble />
      <button type="button" class="link" onClick={() => setScanning(false)}>
        {t("linkShowInstead")}
      </button>
    </section>
  );
}

/** Gives what is wrong with the code. */
async function take(code: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  const intent = intentOf(code);
  if (intent === "foreign") return t("scanNotOurs");
  if (intent === "newer") return t("scanNewer");
  if (intent !== NEW_SHOWS) return intent === EXISTING_SHOWS ? t("scanOfExisting") : t("scanOther");
  try {
    await core.linkDevice(undefined, code);
    return undefined;
  } catch (error) {
    return linkErrorText(failureCode(error));
  }
}
