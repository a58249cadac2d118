// What is kept in this browser, how safe it is there, and clearing it.
import { useEffect, useState } from "preact/hooks";
import { attempt } from "../../compose";
import { sizeOf, t } from "../../i18n";
import { clearDevice, keepStorage } from "../../storage";
import { Unfold } from "./parts";

interface Kept {
  bytes: number;
  persisted: boolean;
}

async function look(): Promise<Kept> {
  const { usage = 0 } = await navigator.storage.estimate();
  return { bytes: usage, persisted: await navigator.storage.persisted() };
}

export function Storage() {
  const [kept, setKept] = useState<Kept>();
  const [refused, setRefused] = useState(false);
  useEffect(() => {
    look().then(setKept, () => undefined);
  }, []);
  const keep = async () => {
    const persisted = await keepStorage();
    setRefused(!persisted);
    if (kept) setKept({ ...kept, persisted });
  };
  return (
    <>
      <p class="fact">
        <span>{t("storageUsed")}</span>
        <span>{kept ? sizeOf(kept.bytes) : "…"}</span>
      </p>
      {kept?.persisted && <p class="hint">{t("storagePersisted")}</p>}
      {kept && !kept.persisted && (
        <>
          <p class="hint">{t("storageEvictable")}</p>
          <button type="button" class="small" onClick={() => void keep()}>
            {t("storageKeep")}
          </button>
          <p class="hint" role="status">
            {refused ? t("storageRefused") : ""}
          </p>
        </>
      )}
      <Unfold label={t("clearDevice")} danger>
        {() => (
          <>
            <p>{t("clearDeviceWhat")}</p>
            <button type="button" class="danger" onClick={() => void attempt(clearDevice())}>
              {t("clearDevice")}
            </button>
          </>
        )}
      </Unfold>
    </>
  );
}
