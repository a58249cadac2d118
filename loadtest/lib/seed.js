// The people of the load, as `sotto-loadgen bench seed --out FILE` wrote them.
//
// SEED      that file
// KIND      direct or group: only such conversations, or else what comes first
// BASE_URL  another host than the file names, http://host:port
// WS_HOST   another host for sockets, host:port or ws(s)://host:port
// WS_PATH   the endpoint of sockets, /ws

import { SharedArray } from 'k6/data';

const MOST_MEMBERS = 16;

function read() {
  const path = __ENV.SEED;
  return JSON.parse(open(path.startsWith('/') ? path : `${__ENV.PWD}/${path}`));
}

/** Whether there is a file to read at all. */
export const given = Boolean(__ENV.SEED);

const facts = new SharedArray('facts', () => {
  const { base_url, ws_url } = given ? read() : {};
  return [{ base_url, ws_url }];
})[0];

/**
 * Small conversations that have nobody in common, each with its people: one user of k6 plays all of one, so that no
 * device is connected twice.
 */
export const circles = new SharedArray('circles', () => {
  if (!given) return [];
  const { people, conversations } = read();
  const byId = new Map(people.map((person) => [person.user_id, person]));
  const taken = new Set();
  return conversations
    .filter(({ kind }) => !__ENV.KIND || kind === __ENV.KIND)
    .filter(({ members }) => {
      const free = members.length > 1 && members.length <= MOST_MEMBERS && members.every((id) => !taken.has(id));
      if (free) members.forEach((id) => taken.add(id));
      return free;
    })
    .map(({ members, ...rest }) => ({ ...rest, members: members.map((member) => byId.get(member)) }));
});

/** Stops the run before it begins when the file has not enough for so many users of k6. */
export function enough(users) {
  if (!given) {
    throw new Error('SEED names no file: sotto-loadgen bench seed --out seed.json, then k6 run -e SEED=seed.json ...');
  }
  if (users > circles.length) {
    throw new Error(`${users} users need as many conversations with no common members, the file has ${circles.length}`);
  }
}

/** The conversation of the user of k6 with this number, from 1. */
export const circle = (number) => circles[number - 1];

/** Where REST requests go. */
export const baseUrl = (__ENV.BASE_URL || facts.base_url || '').replace(/\/$/, '');

function socketAddress() {
  const path = __ENV.WS_PATH || '/ws';
  const host = __ENV.WS_HOST || (__ENV.BASE_URL ? baseUrl.replace(/^http/, 'ws') : '');
  if (!host) return (facts.ws_url || baseUrl.replace(/^http/, 'ws')).replace(/(\/ws)?$/, path);
  return `${/^wss?:/.test(host) ? host : `ws://${host}`}${path}`;
}

/** Where sockets go. */
export const socketUrl = socketAddress();
