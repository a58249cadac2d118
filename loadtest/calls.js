// What call signalling will ride on: sockets that answer at once, and small frames relayed from person to person.
//
//   k6 run -e WS_HOST=localhost:8080 -e JWT_TOKEN=... --vus 1 --duration 30s loadtest/calls.js
//   k6 run -e SEED=seed.json --vus 20 --duration 1m loadtest/calls.js
//
// AWAITED: the server has no /calls and no call frames (ring, answer, candidates, hang-up) yet. Until it has, this
// opens /ws, measures pings, and, with SEED, relays `typing` there and back between two people, which takes the way
// that an offer and its answer will take: socket, node, Redis, node, sockets. WS_PATH=/calls changes the endpoint.
//
// JWT_TOKEN  an access token, or several with commas between. One device has one live socket: users of k6 who share a
//            token cut each other off (4503), which is right, so give a token for each, or SEED
// WS_HOST    host:port or ws(s)://host:port
// ROUND      seconds until a session ends and the next begins, 10
//
// SEED, BASE_URL: lib/seed.js. What is counted: README.md.

import exec from 'k6/execution';
import { Rate, Trend } from 'k6/metrics';

import { errors, loss as mostLoss, prompt, small } from './lib/limits.js';
import { Link } from './lib/link.js';
import { circle, enough, given, socketUrl } from './lib/seed.js';
import { until, wait } from './lib/wait.js';

const ROUND_MS = Number(__ENV.ROUND || 10) * 1_000;
const PAUSE_MS = 1_000;
const EVERY_MS = 250;
/** A signal that takes longer is lost: nobody waits for it. */
const PATIENCE_MS = 5_000;
const REPLACED = 4503;
const tokens = (__ENV.JWT_TOKEN || '').split(',').filter(Boolean);

const loss = new Rate('loss');
const ping = new Trend('ping_ms', true);
const relay = new Trend('relay_ms', true);

export const options = {
  ...small,
  thresholds: {
    ...errors,
    ...mostLoss,
    ping_ms: prompt,
    ...(given && { relay_ms: prompt }),
    ws_msgs_received: ['count>0'],
  },
};

export function setup() {
  if (given) enough(exec.instance.vusInitialized);
  else if (!tokens.length) throw new Error('neither SEED nor JWT_TOKEN: nobody to connect as');
  if (!/^wss?:\/\/[^/]/.test(socketUrl)) throw new Error('WS_HOST is missing: host:port');
  if (!given && exec.instance.vusInitialized > tokens.length) {
    console.warn('fewer tokens than users: they cut each other off, as devices that connect twice are');
  }
}

/** A device of a call: notes pongs and what others signal. */
class Party {
  constructor(device, user_id, harmless) {
    Object.assign(this, { user_id, nonce: 0, pings: new Map(), heard: new Map() });
    const frame = (frame) => this.take(frame);
    this.link = new Link(device, { live: () => {}, frame, gone: () => { this.gone = true; } }, harmless);
  }

  take(frame) {
    if (frame.type === 'pong' && this.pings.has(frame.nonce)) {
      ping.add(Date.now() - this.pings.get(frame.nonce));
      this.pings.delete(frame.nonce);
      loss.add(false);
    } else if (frame.type === 'typing') {
      this.heard.set(frame.user_id, { typing: frame.typing, at: Date.now() });
    }
  }

  ask() {
    this.nonce += 1;
    this.pings.set(this.nonce, Date.now());
    this.link.say({ type: 'ping', nonce: this.nonce });
  }
}

/** From one device to all of the other person's: each has to ring. */
async function signal(conversation_id, from, to, typing) {
  const began = Date.now();
  const has = (party) => party.heard.get(from.user_id)?.typing === typing;
  from.link.say({ type: 'typing', conversation_id, typing });
  await until(() => to.every(has), PATIENCE_MS);
  for (const party of to) {
    loss.add(!has(party));
    if (has(party)) relay.add(party.heard.get(from.user_id).at - began);
  }
}

function cast() {
  if (!given) {
    const token = tokens[(exec.vu.idInTest - 1) % tokens.length];
    return { parties: [new Party({ device_id: token, token }, 'me', [4001, REPLACED])] };
  }
  const { id, members } = circle(exec.vu.idInTest);
  const [callers, callees] = members.map(({ user_id, devices }) => devices.map((device) => new Party(device, user_id)));
  return { id, callers, callees, parties: [...callers, ...callees] };
}

export default async function () {
  const end = Date.now() + ROUND_MS;
  const { id, callers, callees, parties } = cast();
  const here = () => parties.every((party) => party.link.live);
  const lost = () => parties.some((party) => party.gone);
  const over = () => lost() || Date.now() >= end || exec.scenario.progress >= 1;
  parties.forEach((party) => party.link.open());
  for (let typing = true; !over(); typing = !typing) {
    if (!(await until(() => here() || over(), PATIENCE_MS)) || !here()) continue;
    parties.forEach((party) => party.ask());
    if (callers) {
      await signal(id, callers[0], callees, typing);
      await signal(id, callees[0], callers, typing);
    }
    await wait(EVERY_MS);
  }
  await until(() => lost() || parties.every((party) => !party.pings.size), PATIENCE_MS);
  // A ping on the way when a newer connection took over is nobody's loss.
  for (const party of parties.filter((party) => !party.gone)) party.pings.forEach(() => loss.add(true));
  parties.forEach((party) => party.link.close());
  // Who was cut off or never let in does not hammer.
  if (lost()) await wait(Math.max(PAUSE_MS, end - Date.now()));
}
