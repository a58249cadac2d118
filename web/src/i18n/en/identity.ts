export const identity = {
  keyLost: "I lost my recovery key",
  keyLostTitle: "Without your recovery key",
  keyLostWhy:
    "A password alone does not open your account: whoever steals it could read and write in your name. It takes the recovery key, or a device of yours.",
  keyLostDevice: "You still have a device that is signed in",
  keyLostDeviceHow:
    "It can let this one in: link the two. Then make yourself a new recovery key: on the device that you had before, open Settings, then Recovery key, and choose “I lost my recovery key”.",
  keyLostNone: "You have no such device",
  keyLostNoneHow:
    "Then nobody can open this account, neither can we. Look for the 24 words once more. If they are gone, sign out and create a new account; the people you know can write to you there.",
  identityWhat:
    "Without the old words there are no new ones for the identity that you have. You can make a new identity of the same account instead, with a recovery key of its own. This device keeps its messages, and you keep your conversations. It can’t be undone.",
  identityContacts:
    "Everybody you write with is told that your key changed, and can’t write to you until they go on with the new one. Who had compared safety numbers with you has to compare again.",
  identityDevices:
    "All your other devices are signed out at once. They come back by linking, or with the new recovery key.",
  identityOld:
    "The old recovery key and the backup under it open nothing any more. Messages that only they opened can’t be read again.",
  identityConfirm: "Your username, to be sure: {username}",
  identityYes: "Make a new identity",
};
