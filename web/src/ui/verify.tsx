// Comparing the safety number with somebody, and deciding about a changed one.
import { useEffect, useState } from "preact/hooks";
import type { Key, PersonView } from "../core/people-told";
import { t } from "../i18n";
import { core, peopleFailure } from "../state";
import { lazyPart } from "./lazy";
import { QrCode } from "./qr-code";
import { Words } from "./words";

const Scanner = lazyPart(async () => (await import("./scanner")).Scanner);

export function Verify({ person, name }: { person: PersonView | undefined; name: string }) {
  if (!person?.pinned) {
    return (
      <p class="hint">
        <Words text={t("verifyUnknown")} name={name} />
      </p>
    );
  }
  return (
    <div class="verify">
      <p>{t("verifyHow")}</p>
      {person.offered ? (
        <Changed person={person} pinned={person.pinned} offered={person.offered} />
      ) : (
        <Compare person={person} pinned={person.pinned} name={name} />
      )}
    </div>
  );
}

/** One thing at a time, and what went wrong in words. */
function useDeed(): { wrong: string; busy: boolean; run: (deed: () => Promise<unknown>) => void } {
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const run = (deed: () => Promise<unknown>) => {
    if (busy) return;
    setBusy(true);
    setWrong("");
    deed()
      .catch((error: unknown) => setWrong(peopleFailure(error)))
      .finally(() => setBusy(false));
  };
  return { wrong, busy, run };
}

function Compare({ person, pinned, name }: { person: PersonView; pinned: Key; name: string }) {
  const { wrong, busy, run } = useDeed();
  const [scanning, setScanning] = useState(false);
  const id = person.user_id;
  const onCode = async (code: Uint8Array) => {
    try {
      await core.verifyByQr(id, code);
    } catch (error) {
      return peopleFailure(error);
    }
    setScanning(false);
    return undefined;
  };
  return (
    <>
      <SafetyNumber label={t("verifyNumber")} number={pinned.number} />
      <p class="wrong" role="alert">
        {wrong}
      </p>
      {person.trust === "verified" ? (
        <>
          <p class="good" role="status">
            {t("verified")}
          </p>
          <button type="button" aria-disabled={busy} onClick={() => run(() => core.takeBackVerification(id))}>
            {t("verifyTakeBack")}
          </button>
        </>
      ) : (
        <button
          type="button"
          class="primary"
          aria-disabled={busy}
          onClick={() => run(() => core.markVerified(id, pinned.key))}
        >
          {t("verifySame")}
        </button>
      )}
      <button type="button" class="link" onClick={() => setScanning(!scanning)}>
        {t(scanning ? "verifyScanStop" : "verifyScan")}
      </button>
      {scanning && <Scanner onCode={onCode} hint={t("verifyScanHint", { name })} />}
      <Code person={person} name={name} />
    </>
  );
}

function Code({ person, name }: { person: PersonView; name: string }) {
  const [bytes, setBytes] = useState<Uint8Array>();
  useEffect(() => {
    core.verificationQr(person.user_id).then(setBytes, () => setBytes(undefined));
  }, [person.user_id, person.pinned?.number]);
  if (!bytes) return null;
  return (
    <figure class="qr-box">
      <QrCode bytes={bytes} label={t("verifyCodeAlt", { name })} />
      <figcaption class="hint">
        <Words text={t("verifyCode")} name={name} />
      </figcaption>
    </figure>
  );
}

function Changed({ person, pinned, offered }: { person: PersonView; pinned: Key; offered: Key }) {
  const { wrong, busy, run } = useDeed();
  const accept = (compared: boolean) => run(() => core.acceptKey(person.user_id, offered.key, compared));
  return (
    <>
      <SafetyNumber label={t("verifyNow")} number={offered.number} />
      <p class="wrong" role="alert">
        {wrong}
      </p>
      <button type="button" class="primary" aria-disabled={busy} onClick={() => accept(true)}>
        {t("keyAcceptCompared")}
      </button>
      <button type="button" aria-disabled={busy} onClick={() => accept(false)}>
        {t("keyAccept")}
      </button>
      <SafetyNumber label={t("verifyBefore")} number={pinned.number} old />
    </>
  );
}

function SafetyNumber({ label, number, old }: { label: string; number: string; old?: boolean }) {
  return (
    <section class={`safety ${old ? "old" : ""}`} aria-label={label}>
      <h3>{label}</h3>
      <ol dir="ltr">
        {number.split(" ").map((group, at) => (
          <li key={at}>{group}</li>
        ))}
      </ol>
    </section>
  );
}
