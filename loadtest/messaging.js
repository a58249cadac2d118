// Messages over sockets: every user of k6 plays one conversation with all devices of its members.
//
//   k6 run -e SEED=seed.json --vus 20 --duration 1m loadtest/messaging.js
//
// RATE      messages a second in each conversation, 2
// ROUND     seconds until a conversation hangs up and starts anew, 20
// PATIENCE  seconds that the last messages have to arrive, 10; k6 cuts a round off 30 s after the end of the run
// AUTH      token (header) or ticket (subprotocol)
//
// SEED, KIND, BASE_URL, WS_HOST: lib/seed.js. What is counted: README.md.

import exec from 'k6/execution';

import { errors, loss, prompt, small } from './lib/limits.js';
import { circle, enough } from './lib/seed.js';
import { Talk } from './lib/talk.js';
import { until, wait } from './lib/wait.js';

const RATE = Number(__ENV.RATE || 2);
const ROUND_MS = Number(__ENV.ROUND || 20) * 1_000;
const PATIENCE_MS = Math.min(Number(__ENV.PATIENCE || 10), 25) * 1_000;
/** Between a round that could not begin and the next. */
const PAUSE_MS = 1_000;

export const options = {
  ...small,
  thresholds: {
    ...errors,
    ...loss,
    ack_ms: prompt,
    delivery_ms: prompt,
    duplicates: ['count<1'],
    deliveries: ['count>0'],
    unjudged: ['count<1'],
  },
};

export function setup() {
  enough(exec.instance.vusInitialized);
}

export default async function () {
  const talk = new Talk(circle(exec.vu.idInTest));
  talk.open();
  await until(() => talk.live || talk.hopeless, PATIENCE_MS);
  if (!talk.live) {
    talk.close();
    await wait(PAUSE_MS);
    return;
  }
  const every = 1_000 / RATE;
  const start = Date.now();
  let next = start + Math.random() * every;
  while (next < start + ROUND_MS && exec.scenario.progress < 1) {
    await wait(Math.max(0, next - Date.now()));
    talk.send();
    next += every;
  }
  await until(() => talk.settled, PATIENCE_MS);
  talk.judge();
  talk.close();
}
