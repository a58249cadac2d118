// Entering the account of a device that the person has: it shows a code, or this one does.
import { useState } from "preact/hooks";
import type { EnterWay } from "../core/api";
import { linkErrorText, t } from "../i18n";
import { EXISTING_SHOWS, intentOf, NEW_SHOWS } from "../scan/code";
import { core, failureCode, link } from "../state";
import { deviceName } from "./device-name";
import { LinkSteps } from "./linking";
import { Field, Form } from "./parts";
import { Scanner } from "./scanner";

interface LinkThisProps {
  onBack: () => void;
  /** The person agreed that what an earlier account left here goes. */
  erase: boolean;
}

type Way = "scan" | "code" | undefined;

export function LinkThis({ onBack, erase }: LinkThisProps) {
  const [way, setWay] = useState<Way>();
  const [wrong, setWrong] = useState("");
  const enter = (by: EnterWay) => core.enter(by, deviceName(), erase);
  const show = () => enter({ type: "show" }).catch((error: unknown) => setWrong(linkErrorText(failureCode(error))));
  return (
    <main class="card">
      <h1>{t("linkThis")}</h1>
      {link.value && <LinkSteps side="new" onClose={() => setWay(undefined)} />}
      {!link.value && way === "scan" && <Scanner hint={t("linkScanHow")} onCode={(code) => take(code, enter)} />}
      {!link.value && way === "code" && <TypeCode enter={enter} />}
      {!link.value && way === undefined && <p>{t("linkHow")}</p>}
      {wrong && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
      {!link.value && <Ways now={way} onWay={setWay} onShow={show} />}
      {!link.value && (
        <button type="button" class="link" onClick={way ? () => setWay(undefined) : onBack}>
          {t("back")}
        </button>
      )}
    </main>
  );
}

/** Whatever is tried now, the others are one step away. */
function Ways({ now, onWay, onShow }: { now: Way; onWay: (way: Way) => void; onShow: () => void }) {
  return (
    <ul class="ways">
      {now !== "scan" && (
        <li>
          <button type="button" class={now ? "" : "primary"} onClick={() => onWay("scan")}>
            {t("linkScan")}
          </button>
        </li>
      )}
      <li>
        <button type="button" onClick={onShow}>
          {t("linkShowHere")}
        </button>
      </li>
      {now !== "code" && (
        <li>
          <button type="button" onClick={() => onWay("code")}>
            {t("linkType")}
          </button>
        </li>
      )}
    </ul>
  );
}

function TypeCode({ enter }: { enter: (way: EnterWay) => Promise<void> }) {
  const [code, setCode] = useState("");
  return (
    <>
      <p>{t("linkTypeHow")}</p>
      <Form
        submit={t("linkContinue")}
        onSubmit={() => enter({ type: "code", code })}
        errorText={(error) => linkErrorText(failureCode(error))}
      >
        <Field label={t("linkCode")} value={code} onValue={setCode} autocomplete="off" />
      </Form>
    </>
  );
}

/** Gives what is wrong with the code. */
async function take(
  code: Uint8Array<ArrayBuffer>,
  enter: (way: EnterWay) => Promise<void>,
): Promise<string | undefined> {
  const intent = intentOf(code);
  if (intent === "foreign") return t("scanNotOurs");
  if (intent === "newer") return t("scanNewer");
  if (intent !== EXISTING_SHOWS) return intent === NEW_SHOWS ? t("scanOfNew") : t("scanOther");
  try {
    await enter({ type: "scan", qr: code });
    return undefined;
  } catch (error) {
    return linkErrorText(failureCode(error));
  }
}
