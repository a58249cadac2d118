// Which screen is shown.
import { t } from "../i18n";
import { sheet } from "../people";
import { broken, connection, me, notices, ready, recoveryWords, route } from "../state";
import { Chats } from "./chats";
import { Conversation } from "./conversation";
import { Devices } from "./devices";
import { HistoryBar } from "./history";
import { UndoBar } from "./undo";
import { Recover, RecoveryWords, Welcome } from "./welcome";

const BROKEN = { crashed: "brokenCrashed", replaced: "brokenReplaced", store: "brokenStore" } as const;

export function App() {
  if (broken.value) {
    return (
      <main class="card">
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
        <Notices />
        <Welcome />
      </>
    );
  }
  if (recoveryWords.value) return <RecoveryWords words={recoveryWords.value} />;
  if (!me.value.linked) return <Recover />;
  return (
    <>
      <Status />
      <Screen />
      {!sheet.value && <UndoBar />}
    </>
  );
}

function Screen() {
  const now = route.value;
  if (now.screen === "devices") return <Devices />;
  return (
    <div class={`split ${now.conversation ? "open" : ""}`}>
      <Chats />
      {now.conversation ? (
        <Conversation key={now.conversation} id={now.conversation} />
      ) : (
        <main class="conversation empty">{t("pickChat")}</main>
      )}
    </div>
  );
}

function Status() {
  const offline = connection.value === "offline" || !navigator.onLine;
  return (
    <div class="status" role="status">
      {offline && <p class="offline">{t("offline")}</p>}
      {!offline && connection.value !== "online" && <p class="offline quiet">{t("connecting")}</p>}
      <HistoryBar />
      <Notices />
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

function dismissNotice(text: string): void {
  notices.value = notices.value.filter((other) => other !== text);
}
