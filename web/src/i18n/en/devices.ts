export const devices = {
  devices: "Devices",
  thisDevice: "This device",
  unverified: "Not linked",
  lastSeen: "Active {when}",
  neverSeen: "Not active yet",
  rename: "Rename",
  revoke: "Sign out this device",
  revokeConfirm:
    "“{name}” is signed out at once and gets nothing any more. What it already has stays on it until it is deleted there. Enter your password.",
};
