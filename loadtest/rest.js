// Signing in and the REST routes: every user of k6 plays the people of one conversation, one request after the other.
//
//   k6 run -e SEED=seed.json --vus 20 --duration 1m loadtest/rest.js
//
// LOGIN_EVERY  seconds between two sign-ins of a user of k6, 60; people without a password don't
// THINK        seconds between two rounds of a user of k6, 1
//
// One address may sign in 30 times at once and then every 6 s: more needs more addresses (k6 --local-ips) or an exempt
// one ([limits] of the server). SEED, KIND, BASE_URL: lib/seed.js. What is counted: README.md.

import { check, sleep } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';
import { Rate, Trend } from 'k6/metrics';

import { errors as mostErrors, loss as mostLoss, prompt, small } from './lib/limits.js';
import { message } from './lib/message.js';
import { once } from './lib/once.js';
import { baseUrl, circle, enough } from './lib/seed.js';

const LOGIN_EVERY_MS = Number(__ENV.LOGIN_EVERY || 60) * 1_000;
const THINK = Number(__ENV.THINK || 1);

const errors = new Rate('errors');
const loss = new Rate('loss');
/** Sign-ins are few among the requests: their password hash does not show in the p95 of all. */
const login = new Trend('login_ms', true);

export const options = {
  ...small,
  thresholds: { ...mostErrors, ...mostLoss, http_req_duration: prompt, http_reqs: ['count>0'] },
};

/** The parsed answer, or undefined when it is not what it has to be. `route` names it in the metrics. */
function call(method, route, path, { token, body, status = 200 } = {}) {
  const headers = {};
  if (body) headers['Content-Type'] = 'application/json';
  if (token) headers.Authorization = `Bearer ${token}`;
  const params = { headers, tags: { name: `${method} ${route}` }, timeout: '10s' };
  const answer = http.request(method, `${baseUrl}${path}`, body ? JSON.stringify(body) : null, params);
  const right = check(answer, { [`${method} ${route} ${status}`]: () => answer.status === status });
  errors.add(!right, { operation: route });
  if (!right) once(`${method} ${route} answered ${answer.status || answer.error}`);
  return right && answer.body ? answer.json() : undefined;
}

let signInAt = 0;

/** A new device signs in, takes its next tokens, and leaves: nothing piles up. */
function signIn(person) {
  if (!person.password || Date.now() < signInAt) return;
  signInAt = Date.now() + LOGIN_EVERY_MS;
  const { username, password } = person;
  const body = { username, password, new_device: { name: 'k6', device_type: 'WEB' } };
  const began = Date.now();
  const session = call('POST', '/auth/login', '/auth/login', { body });
  if (!session) return;
  login.add(Date.now() - began);
  const { refresh_token } = session;
  const next = call('POST', '/auth/refresh', '/auth/refresh', { body: { refresh_token } });
  if (next) call('POST', '/auth/logout', '/auth/logout', { token: next.access_token, status: 204 });
}

function look(token, id) {
  call('GET', '/api/account', '/api/account', { token });
  call('GET', '/api/devices', '/api/devices', { token });
  call('GET', '/api/conversations', '/api/conversations', { token });
  for (const part of ['', '/marks']) {
    call('GET', `/api/conversations/{id}${part}`, `/api/conversations/${id}${part}`, { token });
  }
  call('GET', '/api/inbox', '/api/inbox', { token });
}

/** What was acknowledged to one member has to be in the history of another at once. */
function writeAndRead(sender, reader, { id, roster_version }) {
  const route = '/api/conversations/{id}';
  const body = message(roster_version);
  const sent = call('POST', `${route}/messages`, `/api/conversations/${id}/messages`, { token: sender, body });
  if (!sent) return;
  const after = `/api/conversations/${id}/events?after=${sent.seq - 1}&limit=50`;
  const page = call('GET', `${route}/events`, after, { token: reader });
  loss.add(!page || !page.events.some((event) => event.seq === sent.seq && event.body.txn_id === body.txn_id));
  const marks = { delivered_seq: sent.seq, read_seq: sent.seq };
  call('POST', `${route}/marks`, `/api/conversations/${id}/marks`, { token: reader, body: marks, status: 202 });
}

export function setup() {
  enough(exec.instance.vusInitialized);
}

export default function () {
  const talk = circle(exec.vu.idInTest);
  const { id, members } = talk;
  const from = exec.vu.iterationInScenario % members.length;
  const [me, other] = [members[from], members[(from + 1) % members.length]];
  signIn(me);
  look(me.devices[0].token, id);
  writeAndRead(me.devices[0].token, other.devices[0].token, talk);
  sleep(THINK);
}
