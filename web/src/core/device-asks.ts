// What pages ask about the account and its devices, of a client that runs.
import * as account from "./account";
import { dismissAlert } from "./alerts";
import { newIdentity } from "./identity";
import { mistypedWord, replaceRecoveryKey } from "./recovery";
import type { Shared } from "./shared";
import type { Wire } from "./wire";

export type DeviceAsks = ReturnType<typeof deviceAsks>;

export function deviceAsks(need: () => Shared) {
  return {
    devices: async () => (await need().routes.listDevices()).devices,
    renameDevice: async (deviceId: string, name: string) => {
      await need().routes.renameDevice(deviceId, name);
    },
    revokeDevice: async (deviceId: string, password: string) => account.revokeDevice(need(), deviceId, password),
    dismissAlert: async (deviceId: string) => dismissAlert(need(), deviceId),

    account: async () => need().routes.getAccount(),
    changeAccount: async (change: Wire["UpdateAccountRequest"]) => account.changeAccount(need(), change),
    changePassword: async (password: string, next: string) => account.changePassword(need(), password, next),
    signOutOthers: async (password: string) => account.signOutOthers(need(), password),

    replaceRecoveryKey: async (words: string, password: string) => replaceRecoveryKey(need(), words, password),
    newIdentity: async (password: string) => newIdentity(need(), password),
    unseenWords: async (): Promise<string | undefined> => need().core.words,
    wordsWritten: async () => {
      const { core } = need();
      await core.update(() => core.setWords(undefined));
    },
    mistypedWord: async (words: string) => mistypedWord(words),
  };
}
