// What pages ask about people and groups, of a client that runs.
import { block, unblock } from "./blocks";
import type { Core } from "./core";
import { addMembers, changeMembership, createGroup, findPerson, leaveGroup, renameGroup } from "./groups";
import type { PeopleApi, PeopleSnapshot } from "./people-told";
import { lookAt } from "./rosters";
import type { Shared } from "./shared";
import { acceptKey, markVerified, takeBackVerification, verifyByQr } from "./verification";

export function peopleAsks(need: () => Shared): PeopleApi {
  return {
    findPerson: async (username) => findPerson(need(), username),
    createGroup: async (name, userIds) => createGroup(need(), name, userIds),
    addMembers: async (id, userIds) => addMembers(need(), id, userIds),
    removeMember: async (id, user_id) => changeMembership(need(), id, { type: "remove", user_id }),
    setRole: async (id, user_id, role) => changeMembership(need(), id, { type: "set_role", user_id, role }),
    leaveGroup: async (id) => leaveGroup(need(), id),
    renameGroup: async (id, name) => renameGroup(need(), id, name),
    lookAt: async (id) => lookAt(need(), id),
    verificationQr: async (userId) => need().core.engine.verificationQr(userId),
    verifyByQr: async (userId, qr) => verifyByQr(need(), userId, qr),
    markVerified: async (userId, key) => markVerified(need(), userId, key),
    takeBackVerification: async (userId) => takeBackVerification(need(), userId),
    acceptKey: async (userId, key, compared) => acceptKey(need(), userId, key, compared),
    block: async (userId) => block(need(), userId),
    unblock: async (userId) => unblock(need(), userId),
  };
}

export function peopleSnapshot(core: Core | undefined): PeopleSnapshot {
  return { people: [...(core?.people.values() ?? [])], lines: [...(core?.lines ?? [])], blocks: core?.blocks ?? [] };
}
