// The account and its list of devices: settings, password, putting devices out, the end of it.
import { noteOwnDevices } from "./alerts";
import { codeOf, Unreachable } from "./errors";
import type { Shared } from "./shared";
import type { Wire } from "./wire";

export interface AccountApi {
  account(): Promise<Wire["Account"]>;
  /** Only what is present changes. Errors: `username_taken`. */
  changeAccount(change: Wire["UpdateAccountRequest"]): Promise<Wire["Account"]>;
  /** Errors: `wrong_credentials`. */
  changePassword(password: string, next: string): Promise<void>;
  /** Puts all other devices of the account out. Errors: `wrong_credentials`, `device_on_probation`. */
  signOutOthers(password: string): Promise<void>;
  /** Ends the account and deletes what is here. Errors: as above. */
  deleteAccount(password: string): Promise<void>;
}

/** Times that an entry of the list is signed again because another device was first. */
const ATTEMPTS = 4;

export async function changeAccount(shared: Shared, change: Wire["UpdateAccountRequest"]): Promise<Wire["Account"]> {
  const { core, routes } = shared;
  const account = await routes.updateAccount(change);
  await core.update(() => {
    core.profile.username = account.username;
    core.saveProfile();
    core.stage({ type: "devices_changed" });
  });
  return account;
}

export async function changePassword({ routes }: Shared, password: string, next: string): Promise<void> {
  await routes.stepUp(password);
  await routes.changePassword(next);
}

/** Signs a device of this account out, for good. Errors: `wrong_credentials`, `device_on_probation`. */
export async function revokeDevice(shared: Shared, deviceId: string, password: string): Promise<void> {
  const { core, routes } = shared;
  await routes.stepUp(password);
  const entry = () => (isListed(shared, deviceId) ? core.engine.revokeDevice(deviceId) : undefined);
  await extendList(shared, entry, (list) => routes.revokeDevice(deviceId, body(list)));
  await learnList(shared);
}

export async function signOutOthers(shared: Shared, password: string): Promise<void> {
  const { core, routes } = shared;
  await routes.stepUp(password);
  await extendList(
    shared,
    () => core.engine.revokeOthers(),
    (list) => routes.logoutOthers(body(list)),
  );
  await learnList(shared);
}

/** This account's list is another one: who is in it, and what follows. */
export async function learnList(shared: Shared): Promise<void> {
  const { core } = shared;
  await shared.queryUser(core.engine.userId);
  await noteOwnDevices(shared);
  // Who is out has the backup's key.
  shared.backup.look();
  await core.update(() => core.stage({ type: "devices_changed" }));
}

export async function deleteAccount({ routes }: Shared, password: string): Promise<void> {
  await routes.stepUp(password);
  await routes.deleteAccount();
}

/** Takes this device out of the list; the last one, or one in no list, only ends its tokens. */
export async function leave(shared: Shared): Promise<void> {
  const { core, routes } = shared;
  if (!core.engine.isLinked()) return routes.logout({});
  const own = core.engine.deviceId;
  const entry = () =>
    core.engine.devicesOf(core.engine.userId).length > 1 ? core.engine.revokeDevice(own) : undefined;
  try {
    await extendList(shared, entry, (list) => routes.logout(body(list)));
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    await routes.logout({});
  }
}

const body = (device_list: Wire["DeviceList"] | undefined) => (device_list ? { device_list } : {});

function isListed({ core }: Shared, deviceId: string): boolean {
  return core.engine.devicesOf(core.engine.userId).some(({ device_id }) => device_id === deviceId);
}

/** Signs the next entry and sends it; if another device extended the list meanwhile, signs again on top of that. */
async function extendList(
  shared: Shared,
  entry: () => Wire["DeviceList"] | undefined,
  send: (list: Wire["DeviceList"] | undefined) => Promise<unknown>,
): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    await shared.queryUser(shared.core.engine.userId);
    const list = await shared.core.turn(entry);
    try {
      await send(list);
      return;
    } catch (error) {
      if (codeOf(error) !== "chain_conflict" || attempt >= ATTEMPTS) throw error;
    }
  }
}
