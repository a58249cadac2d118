// The account's devices: which there are, and signing one out.
import { useEffect, useRef, useState } from "preact/hooks";
import { back } from "../back";
import { nameOf } from "../core/names";
import type { Wire } from "../core/wire";
import { ago, t } from "../i18n";
import { core, devicesChanged, failure, link, notice } from "../state";
import { useAnswer } from "./answer";
import { lazyPart } from "./lazy";
import { Form, PasswordField } from "./parts";
import { SignOutButton } from "./sign-out";
import { Words } from "./words";

/** Outlines on 24 by 24. */
const ICONS = {
  WEB: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3 12h18M12 3c-5 5-5 13 0 18 5-5 5-13 0-18Z",
  MOBILE:
    "M8 2.5h8a1.5 1.5 0 0 1 1.5 1.5v16a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 20V4A1.5 1.5 0 0 1 8 2.5ZM11 18.5h2",
  DESKTOP: "M4 5h16v11H4ZM2 19.5h20",
} as const;

export function Devices() {
  const [devices, setDevices] = useState<Wire["Device"][]>([]);
  const [wrong, setWrong] = useState("");
  const changes = devicesChanged.value;
  const show = (now: Wire["Device"][]) => {
    setDevices(now);
    setWrong("");
  };
  useAnswer(core.devices, show, (error) => setWrong(failure(error)), [changes]);
  return (
    <main class="page">
      <header>
        <button type="button" class="quiet" onClick={back}>
          <span aria-hidden="true">‹</span> {t("back")}
        </button>
        <h1>{t("devices")}</h1>
      </header>
      <p class="wrong" role="alert">
        {wrong}
      </p>
      <ul class="devices">
        {devices.map((device) => (
          <DeviceRow key={device.device_id} device={device} />
        ))}
      </ul>
      <LinkDevice />
      <SignOut />
    </main>
  );
}

function DeviceRow({ device }: { device: Wire["Device"] }) {
  const [revoking, setRevoking] = useState(false);
  const [naming, setNaming] = useState(false);
  const [password, setPassword] = useState("");
  const seen = device.last_seen_at_ms;
  const name = nameOf(device.name) ?? "?";
  const revoke = async () => {
    await core.revokeDevice(device.device_id, password);
    devicesChanged.value += 1;
  };
  return (
    <li>
      <svg class="device-icon" aria-hidden="true" viewBox="0 0 24 24">
        <path d={ICONS[device.device_type]} />
      </svg>
      <div class="row-text">
        <span class="row-title">
          {naming ? (
            <Rename device={device} onDone={() => setNaming(false)} />
          ) : (
            <>
              <bdi>{name}</bdi>
              <button type="button" class="link small" onClick={() => setNaming(true)}>
                {t("rename")}
                <span class="sr">
                  {" "}
                  <bdi>{name}</bdi>
                </span>
              </button>
            </>
          )}
          {device.current && <span class="tag">{t("thisDevice")}</span>}
          {!device.verified && <span class="tag warn">{t("unverified")}</span>}
        </span>
        <span class="hint">{seen ? t("lastSeen", { when: ago(seen, Date.now()) }) : t("neverSeen")}</span>
        {revoking && (
          <Form submit={t("revoke")} onSubmit={revoke} danger>
            <PasswordField
              label={<Words text={t("revokeConfirm")} name={name} />}
              value={password}
              onValue={setPassword}
            />
          </Form>
        )}
      </div>
      {!device.current && (
        <button type="button" class="quiet" onClick={() => setRevoking(!revoking)}>
          {revoking ? t("cancel") : t("revoke")}
        </button>
      )}
    </li>
  );
}

const LinkPanel = lazyPart(() => import("./link-device").then((part) => part.LinkDevice));

/** The name, to be changed where it stands: Enter or leaving the field saves, Escape does not. */
function Rename({ device, onDone }: { device: Wire["Device"]; onDone: () => void }) {
  const ended = useRef(false);
  const end = async (name: string | undefined) => {
    if (ended.current) return;
    ended.current = true;
    onDone();
    if (!name || name === device.name) return;
    try {
      await core.renameDevice(device.device_id, name);
    } catch (error) {
      notice(failure(error));
    }
    devicesChanged.value += 1;
  };
  return (
    <input
      class="rename"
      dir="auto"
      maxLength={64}
      aria-label={t("rename")}
      defaultValue={device.name}
      ref={(field) => {
        if (!field || document.activeElement === field || ended.current) return;
        field.focus();
        field.select();
      }}
      onBlur={(event) => void end(event.currentTarget.value.trim())}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        // The same press would be one of the button that comes back.
        event.preventDefault();
        void end(event.key === "Enter" ? event.currentTarget.value.trim() : undefined);
      }}
    />
  );
}

function LinkDevice() {
  const [open, setOpen] = useState(false);
  // How one ended is old news for whoever comes back to this page.
  useEffect(
    () => () => {
      if (link.value?.step === "done" || link.value?.step === "failed") link.value = undefined;
    },
    [],
  );
  if (open || link.value) return <LinkPanel onClose={() => setOpen(false)} />;
  return (
    <button type="button" class="primary" onClick={() => setOpen(true)}>
      {t("linkDevice")}
    </button>
  );
}

function SignOut() {
  const [sure, setSure] = useState(false);
  if (!sure) {
    return (
      <button type="button" class="link" onClick={() => setSure(true)}>
        {t("signOut")}
      </button>
    );
  }
  return (
    <div class="banner">
      <p tabIndex={-1}>{t("signOutWarning")}</p>
      <SignOutButton class="danger" />
      <button type="button" class="quiet" onClick={() => setSure(false)}>
        {t("cancel")}
      </button>
    </div>
  );
}
