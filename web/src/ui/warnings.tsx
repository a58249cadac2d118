// What the person has to know whichever screen is open: new devices, no room, a wrong clock, a store that is gone.
import { useState } from "preact/hooks";
import { duration, t } from "../i18n";
import { core, deviceAlerts, go, route, skewMs, storing } from "../state";
import { evicted } from "../storage";
import { Words } from "./words";

export function Warnings() {
  return (
    <>
      {!storing.value && <p class="notice warn">{t("storeFull")}</p>}
      <Clock />
      <DeviceAlerts />
    </>
  );
}

function Clock() {
  const [closed, setClosed] = useState(false);
  if (skewMs.value === 0 || closed) return null;
  return (
    <p class="notice warn">
      {t("clockWrong", { time: duration(Math.abs(skewMs.value)) })}
      <button type="button" class="link" onClick={() => setClosed(true)}>
        {t("close")}
      </button>
    </p>
  );
}

function DeviceAlerts() {
  return deviceAlerts.value.map(({ device_id, name, linked }) => (
    <div key={device_id} class="notice alert" role="alert">
      <p>
        <Words text={t(linked ? "deviceAdded" : "loginSeen")} name={name} />
      </p>
      {route.value.screen !== "devices" && (
        <button type="button" class="primary small" onClick={() => go({ screen: "devices" })}>
          {t("lookAtDevices")}
        </button>
      )}
      <button type="button" class="link" onClick={() => void core.dismissAlert(device_id)}>
        {t("wasMe")}
      </button>
    </div>
  ));
}

/** Before the forms of somebody whose account was here. */
export function Evicted() {
  if (!evicted.value) return null;
  return (
    <section class="card evicted" role="alert">
      <h2>{t("evictedTitle")}</h2>
      <p>{t("evicted")}</p>
      <p>{t("evictedHow")}</p>
    </section>
  );
}
