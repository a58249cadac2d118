// English: the catalogue that the others are checked against.
import { account } from "./account";
import { app } from "./app";
import { chats } from "./chats";
import { conversation } from "./conversation";
import { devices } from "./devices";
import { errors } from "./errors";
import { settings } from "./settings";

export const en = {
  ...app,
  ...account,
  ...chats,
  ...conversation,
  ...devices,
  ...settings,
  errors,
};
