// Notifications: the browser is asked only here, by a click.
import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { notificationNames, notifications } from "../../prefs";
import { Switch } from "./parts";

const permission = () => ("Notification" in window ? Notification.permission : "unsupported");

export function Notifications() {
  const [allowed, setAllowed] = useState<string>(permission);
  const on = notifications.value === "on" && allowed === "granted";
  const change = async (wanted: boolean) => {
    if (wanted && allowed !== "granted") setAllowed(await Notification.requestPermission());
    notifications.value = wanted && permission() === "granted" ? "on" : "off";
  };
  const refused = allowed === "denied" ? t("notificationsDenied") : t("notificationsMissing");
  const possible = allowed === "granted" || allowed === "default";
  return (
    <>
      <Switch
        label={t("notificationsOn")}
        hint={possible ? t("notificationsHint") : refused}
        on={on}
        disabled={!possible}
        onChange={(wanted) => void change(wanted)}
      />
      <Switch
        label={t("notificationNames")}
        hint={t("notificationNamesHint")}
        on={notificationNames.value === "on"}
        disabled={!on}
        onChange={(wanted) => {
          notificationNames.value = wanted ? "on" : "off";
        }}
      />
    </>
  );
}
