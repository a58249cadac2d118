// Which screen is shown.
import { t } from "../i18n";
import { sheet } from "../people";
import { broken, connection, dismissNotice, hasNetwork, me, notices, ready, route } from "../state";
import { useArrival } from "./arrival";
import { Boundary } from "./boundary";
import { HistoryBar } from "./history";
import { lazily } from "./lazy";
import { UndoBar } from "./undo";
import { Evicted, Warnings } from "./warnings";
import { Recover, Welcome } from "./welcome";

const BROKEN = {
  crashed: "brokenCrashed",
  replaced: "brokenReplaced",
  store: "brokenStore",
  elsewhere: "brokenElsewhere",
} as const;
// The start page needs none of these.
const RecoveryWords = lazily(() => import("./recovery-words").then(({ RecoveryWords }) => RecoveryWords));
const Home = lazily(() => import("./home").then(({ Home }) => Home));
const Devices = lazily(() => import("./devices").then(({ Devices }) => Devices));
const Settings = lazily(() => import("./settings").then(({ Settings }) => Settings));

export function App() {
  useArrival();
  if (broken.value) {
    return (
      <main class="card">
        <h1>{t("app")}</h1>
        <p role="alert">{t(BROKEN[broken.value])}</p>
        <button type="button" class="primary" onClick={() => location.reload()}>
          {t("reload")}
        </button>
      </main>
    );
  }
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
      <Notices />
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

function Notices() {
  return (
    <div class="status">
      {notices.value.map((text) => (
        <p key={text} class="notice">
          {text}
          <button type="button" class="link" onClick={() => dismissNotice(text)}>
            {t("close")}
          </button>
        </p>
      ))}
    </div>
  );
}
