import type { Catalogue } from "..";
import { account } from "./account";
import { app } from "./app";
import { chats } from "./chats";
import { conversation } from "./conversation";
import { devices } from "./devices";
import { errors } from "./errors";
import { settings } from "./settings";

export const vi: Catalogue = {
  ...app,
  ...account,
  ...chats,
  ...conversation,
  ...devices,
  ...settings,
  errors,
};
