// One conversation and all devices of its members: who sent what when, what was acknowledged, what arrived where.

import { Counter, Rate, Trend } from 'k6/metrics';
import http from 'k6/http';

import { Link, errors } from './link.js';
import { message } from './message.js';
import { once } from './once.js';
import { baseUrl } from './seed.js';

const loss = new Rate('loss');
const duplicates = new Counter('duplicates');
const repeats = new Counter('repeats');
const sent = new Counter('messages_sent');
/** Goes up with each message and down with its verdict: what a broken-off round leaves is not taken for well. */
const unjudged = new Counter('unjudged');
const delivered = new Counter('deliveries');
const marks = new Counter('marks_seen');
const refused = new Counter('refused');
const acknowledgement = new Trend('ack_ms', true);
const delivery = new Trend('delivery_ms', true);

const RETRY_MS = 500;
/** Refusals that pass; of an out-of-order message the one before it has to be repeated first. */
const PASSING = ['rate_limited', 'unavailable', 'internal', 'out_of_order'];
/** The last message of each device, also in the round before: the next names it. */
const previous = new Map();

export class Talk {
  constructor({ id, members, roster_version }) {
    this.id = id;
    this.roster = roster_version;
    this.messages = new Map();
    this.posts = members.flatMap((person) => person.devices).map((device) => this.post(device));
    // Who talks: the first device of each. The others listen, and listen to what their own account says.
    const speaks = new Set(members.map((person) => person.devices[0].device_id));
    this.speakers = this.posts.filter((post) => speaks.has(post.device.device_id));
  }

  post(device) {
    const post = { device, seen: 0, live: 0, waiting: [] };
    post.link = new Link(device, {
      live: () => {
        post.live = 0;
        post.waiting.forEach((entry) => this.say(post, entry));
      },
      frame: (frame) => this.take(post, frame),
      gone: () => { post.gone = true; },
    });
    return post;
  }

  open() {
    this.posts.forEach((post) => post.link.open());
  }

  get live() {
    return this.posts.every((post) => post.link.live);
  }

  get hopeless() {
    return this.posts.some((post) => post.gone);
  }

  get settled() {
    return [...this.messages.values()].every((entry) => entry.seq && entry.arrived.size >= this.posts.length - 1);
  }

  /** A message leaves now, or, when its device is cut off, as soon as it can: its lateness counts. */
  send() {
    const post = this.speakers[Math.floor(Math.random() * this.speakers.length)];
    const device_id = post.device.device_id;
    const body = message(this.roster, previous.get(device_id));
    const entry = { body, from: device_id, intended: Date.now(), arrived: new Set() };
    previous.set(device_id, body.txn_id);
    this.messages.set(body.txn_id, entry);
    post.waiting.push(entry);
    sent.add(1);
    unjudged.add(1);
    if (post.link.live) this.say(post, entry);
  }

  say(post, entry) {
    post.link.say({ type: 'send', conversation_id: this.id, message: entry.body });
  }

  take(post, frame) {
    if (frame.type === 'event') this.arrive(post, frame.event, true);
    else if (frame.type === 'sync') this.catchUp(post, frame.conversations);
    else if (frame.type === 'marks') marks.add(1);
    else if (frame.type === 'sent') this.acknowledge(post, frame);
    else if (frame.type === 'refused') this.refuse(post, frame);
    else if (frame.type === 'error') errors.add(true, { operation: 'frame', code: frame.problem.code });
  }

  acknowledge(post, { txn_id, seq }) {
    const entry = this.messages.get(txn_id);
    if (!entry || entry.seq) return;
    entry.seq = seq;
    post.waiting = post.waiting.filter((other) => other !== entry);
    acknowledgement.add(Date.now() - entry.intended);
  }

  refuse(post, { txn_id, problem }) {
    refused.add(1, { code: problem.code });
    once(`a message was refused: ${problem.code}`);
    if (!PASSING.includes(problem.code)) {
      post.waiting = post.waiting.filter((entry) => entry.body.txn_id !== txn_id);
      return;
    }
    if (post.retry) return;
    post.retry = setTimeout(() => {
      post.retry = undefined;
      if (post.link.live) post.waiting.forEach((entry) => this.say(post, entry));
    }, problem.retry_after_ms || RETRY_MS);
  }

  catchUp(post, conversations) {
    for (const { conversation, events = [] } of conversations) {
      if (conversation.conversation_id !== this.id) continue;
      const from = post.seen;
      events.forEach((event) => this.arrive(post, event, false));
      const first = events.length ? events[0].seq : conversation.last_seq + 1;
      // What happened before this round is of no interest: only a device that was here already has a hole.
      if (from && first > from + 1) this.fill(post, from, first);
      post.seen = Math.max(post.seen, conversation.last_seq);
    }
  }

  fill(post, after, before) {
    const url = `${baseUrl}/api/conversations/${this.id}/events?after=${after}&limit=200`;
    const headers = { Authorization: `Bearer ${post.device.token}` };
    const params = { headers, tags: { name: '/api/conversations/{id}/events' } };
    http.asyncRequest('GET', url, null, params).then((answer) => {
      errors.add(answer.status !== 200, { operation: 'history' });
      if (answer.status !== 200) return;
      const { events } = answer.json();
      events.filter(({ seq }) => seq < before).forEach((event) => this.arrive(post, event, false));
      const last = events.length ? events[events.length - 1].seq : before;
      if (last + 1 < before) this.fill(post, last, before);
    });
  }

  /** What a catch-up gave may come live once more; but live nothing comes twice, and no message has two places. */
  arrive(post, event, live) {
    if (event.conversation_id !== this.id) return;
    const twice = live && event.seq <= post.live;
    if (live && !twice && event.seq <= post.seen) repeats.add(1);
    if (live) post.live = Math.max(post.live, event.seq);
    post.seen = Math.max(post.seen, event.seq);
    const entry = this.messages.get(event.body.txn_id);
    if (!entry) return;
    if (twice || (entry.place && entry.place !== event.seq)) duplicates.add(1);
    entry.place = event.seq;
    const device_id = post.device.device_id;
    if (device_id === entry.from || entry.arrived.has(device_id)) return;
    entry.arrived.add(device_id);
    delivered.add(1);
    delivery.add(Date.now() - entry.intended);
    post.link.say({ type: 'mark', conversation_id: this.id, delivered_seq: event.seq, read_seq: event.seq });
  }

  /** Not acknowledged in time is an error; acknowledged and not on every other device is a loss. */
  judge() {
    duplicates.add(0);
    for (const entry of this.messages.values()) {
      unjudged.add(-1);
      errors.add(!entry.seq, { operation: 'send' });
      if (!entry.seq) continue;
      for (const { device } of this.posts) {
        if (device.device_id !== entry.from) loss.add(!entry.arrived.has(device.device_id));
      }
    }
  }

  close() {
    this.posts.forEach((post) => {
      clearTimeout(post.retry);
      post.link.close();
    });
  }
}
