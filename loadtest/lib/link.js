// The connection of one device: says hello, resumes where it was, comes back when it is cut.

import { Counter, Rate, Trend } from 'k6/metrics';
import http from 'k6/http';

import { once } from './once.js';
import { baseUrl, socketUrl } from './seed.js';

// Newer k6 has dropped "experimental" from the name.
function websockets() {
  try {
    return require('k6/websockets');
  } catch (_) {
    return require('k6/experimental/websockets');
  }
}
const { WebSocket } = websockets();

/** Operations, and whether they failed. */
export const errors = new Rate('errors');
const connect = new Trend('connect_ms', true);
const closes = new Counter('closes');

const CODES = {
  1006: 'no connection, or cut without a word',
  4001: 'the node drains',
  4004: 'the token has expired',
  4501: 'the token or ticket is not valid',
  4503: 'a newer connection of the same device took over',
};
/** A connection that is not caught up by then has failed. */
const CONNECT_MS = 10_000;
const BACK_OFF_MS = { first: 100, most: 2_000 };

/** Sync tokens and inbox positions of devices, kept by this user of k6 as a device keeps them. */
const resumes = new Map();

export class Link {
  /**
   * device: { device_id, token }. on: live() after each catch-up, frame(frame) for every frame, gone(code) when it will
   * not come back. harmless: close codes that are the server's good right.
   */
  constructor(device, on, harmless = [4001]) {
    Object.assign(this, { device, on, harmless, live: false, over: false, attempts: 0, jar: new http.CookieJar() });
  }

  open() {
    if (this.over) return;
    this.heldBack = undefined;
    this.began = Date.now();
    if (__ENV.AUTH !== 'ticket') return this.dial([], { Authorization: `Bearer ${this.device.token}` });
    http
      .asyncRequest('POST', `${baseUrl}/api/ws-tickets`, null, {
        headers: { Authorization: `Bearer ${this.device.token}` },
        tags: { name: '/api/ws-tickets' },
      })
      .then((answer) => {
        if (answer.status === 201 || answer.status === 200) return this.dial([`ticket.${answer.json('ticket')}`], {});
        return this.lost(answer.status === 401 ? 4501 : 1006);
      });
  }

  dial(protocols, headers) {
    if (this.over) return;
    // The name keeps the address out of the metrics; a jar of its own is what spreads devices over the nodes.
    const params = { headers, jar: this.jar, tags: { name: 'socket' } };
    const socket = new WebSocket(socketUrl, ['sotto.v1', ...protocols], params);
    this.socket = socket;
    let ended = false;
    const end = (code) => {
      if (ended || this.socket !== socket) return;
      ended = true;
      this.lost(code);
    };
    this.deadline = setTimeout(() => {
      end(1006);
      socket.close();
    }, CONNECT_MS);
    socket.onopen = () => this.say({ type: 'hello', resume: resumes.get(this.device.device_id) || {} });
    socket.onmessage = ({ data }) => this.socket === socket && this.take(JSON.parse(data));
    socket.onclose = ({ code }) => end(code || 1006);
    // k6 tells the code of a close in the error before it, as text.
    socket.onerror = ({ error }) => end(Number(/close (\d{4})/.exec(error)?.[1] || 1006));
  }

  take(frame) {
    if (frame.type === 'caught_up') {
      clearTimeout(this.deadline);
      errors.add(false, { operation: 'connect' });
      connect.add(Date.now() - this.began);
      this.resume({ sync_token: frame.sync_token });
      this.live = true;
      this.attempts = 0;
      this.on.live();
    } else if (frame.type === 'inbox') {
      const seq = frame.items[frame.items.length - 1].seq;
      this.resume({ inbox_seq: seq });
      this.say({ type: 'inbox_ack', seq });
    } else if (frame.type === 'draining') {
      this.heldBack = frame.reconnect_after_ms;
    }
    this.on.frame(frame);
  }

  resume(more) {
    resumes.set(this.device.device_id, { ...resumes.get(this.device.device_id), ...more });
  }

  say(frame) {
    if (this.socket.readyState === 1) this.socket.send(JSON.stringify(frame));
  }

  /** Every end that we did not ask for and every connection that never came is an error. */
  lost(code) {
    clearTimeout(this.deadline);
    this.live = false;
    if (this.over) return;
    closes.add(1, { code: String(code) });
    once(`a socket ended with ${code}${CODES[code] ? `: ${CODES[code]}` : ''}`);
    if (!this.harmless.includes(code)) errors.add(true, { operation: 'connect', code: String(code) });
    if (code >= 4500 && code < 5000) {
      this.over = true;
      this.on.gone(code);
      return;
    }
    const most = Math.min(BACK_OFF_MS.most, BACK_OFF_MS.first * 2 ** this.attempts);
    this.attempts += 1;
    this.timer = setTimeout(() => this.open(), this.heldBack ?? most / 2 + (Math.random() * most) / 2);
  }

  close() {
    this.over = true;
    this.live = false;
    clearTimeout(this.deadline);
    clearTimeout(this.timer);
    if (this.socket) this.socket.close();
  }
}
