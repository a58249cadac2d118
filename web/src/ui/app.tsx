// Which screen is shown.
import { t } from "../i18n";
import { sheet } from "../people";
import { broken, connection, hasNetwork, me, ready, route } from "../state";
import { useArrival } from "./arrival";
import { Boundary } from "./boundary";
import { Broken } from "./broken";
import { HistoryBar } from "./history";
import { lazily } from "./lazy";
import { Notices } from "./notices";
import { UndoBar } from "./undo";
import { Evicted, Warnings } from "./warnings";
import { Recover, Welcome } from "./welcome";

// The start page needs none of these.
const RecoveryWords = lazily(() => import("./recovery-words").then(({ RecoveryWords }) => RecoveryWords));
const Home = lazily(() => import("./home").then(({ Home }) => Home));
const Devices = lazily(() => import("./devices").then(({ Devices }) => Devices));
const Settings = lazily(() => import("./settings").then(({ Settings }) => Settings));

export function App() {
  useArrival();
  if (broken.value) return <Broken />;
  if (!ready.value) return <main class="card skeleton" aria-busy="true" aria-label={t("working")} />;
  if (!me.value || me.value.signed_out) {
    return (
      <>
        <Offline />
        <Notices />
        <Evicted />
        <Welcome />
      </>
    );
  }
  if (me.value.unseen_words) return <RecoveryWords />;
  if (!me.value.linked) {
    return (
      <>
        <Offline />
        <Notices />
        <Recover />
      </>
    );
  }
  return (
    <>
      <Status />
      <Boundary key={route.value.screen}>
        <Screen />
      </Boundary>
      {!sheet.value && <UndoBar />}
    </>
  );
}

function Screen() {
  const now = route.value;
  if (now.screen === "devices") return <Devices />;
  if (now.screen === "settings") return <Settings />;
  return <Home />;
}

function Status() {
  const offline = connection.value === "offline" || !hasNetwork.value;
  return (
    <div class="status" role="status">
      {offline && <p class="offline">{t("offline")}</p>}
      {!offline && connection.value !== "online" && <p class="offline quiet">{t("connecting")}</p>}
      <HistoryBar />
      <Warnings />
      {!sheet.value && <Notices />}
    </div>
  );
}

/** Before there are chats nothing works without a connection. */
function Offline() {
  return (
    <div class="status" role="status">
      {!hasNetwork.value && <p class="offline">{t("offlineHere")}</p>}
    </div>
  );
}
