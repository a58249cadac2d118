import type { Catalogue } from "..";
import { account } from "./account";
import { alarms } from "./alarms";
import { app } from "./app";
import { chats } from "./chats";
import { conversation } from "./conversation";
import { devices } from "./devices";
import { errors } from "./errors";
import { identity } from "./identity";
import { linking } from "./linking";
import { list } from "./list";
import { people, peopleErrors } from "./people";
import { settings } from "./settings";
import { talk } from "./talk";

export const vi: Catalogue = {
  ...alarms,
  ...app,
  ...account,
  ...chats,
  ...conversation,
  ...devices,
  ...identity,
  ...linking,
  ...list,
  ...talk,
  ...people,
  ...settings,
  errors,
  peopleErrors,
};
