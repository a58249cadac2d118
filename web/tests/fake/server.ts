// A server in memory: as much of the API as two people need to talk, and switches for what can go wrong. It keeps the
// rules that the client leans on: one seq a message, refusals of stale rosters, the inbox until it is acknowledged.
import type { Fetch } from "../../src/core/http";
import type { Socket } from "../../src/core/socket";
import type { ClientFrame, Event, InboxItem, Problem, ServerFrame, Wire } from "../../src/core/wire";

export interface Account {
  username: string;
  identity: Wire["UserIdentity"];
  device: string;
  keys: [string, Wire["SignedOneTimeKey"]][];
  fallback: [string, Wire["SignedOneTimeKey"]][];
  inbox: InboxItem[];
  inboxSeq: number;
  acknowledged: number;
}

interface Room {
  id: string;
  kind: Wire["ConversationKind"];
  chain: Wire["MembershipChange"][];
  members: string[];
  /** Members who did not agree yet. */
  asked: Set<string>;
  version: number;
  events: Event[];
  marks: Map<string, Wire["MemberMarks"]>;
}

export const problem = (code: Wire["ProblemCode"], status: number): Problem => ({
  type: `urn:sotto:problem:${code}`,
  title: code,
  status,
  code,
});

/** Answers a call, or leaves it to others. */
export type Handler = (call: string, query: URLSearchParams, body: never, bearer: string) => unknown;

export class FakeServer {
  /** Further parts of the API; they come first. */
  readonly more: Handler[] = [];
  readonly accounts = new Map<string, Account>();
  readonly rooms = new Map<string, Room>();
  readonly sockets = new Set<FakeSocket>();
  /** Nothing comes through. */
  down = false;
  /** Sends are stored, and their answers get lost. */
  loseAnswers = false;
  /** Sends get lost on their way, and the socket with them. */
  loseSends = false;
  /** What the times of messages are counted from. */
  expireFrom: () => number = Date.now;
  /** Calls that are answered, and whose answers get lost. */
  losing: (call: string) => boolean = () => false;
  /** Envelopes get lost. */
  loseKeys = false;
  /** Sends are refused with this. */
  refuseSends: Wire["ProblemCode"] | undefined;
  /** Everything that devices said, and who. */
  readonly heard: [string, ClientFrame][] = [];
  /** Conversations are requests to those who did not begin them. */
  asks = false;
  readonly blocks = new Map<string, Set<string>>();
  /** Every send that came, as bytes. */
  readonly sends: string[] = [];
  #now = 1_700_000_000_000;

  readonly fetch: Fetch = async (input, init) => {
    if (this.down) throw new TypeError("network");
    const url = new URL(input);
    const body = (typeof init.body === "string" ? JSON.parse(init.body) : undefined) as never;
    const bearer = (init.headers as Record<string, string>)["authorization"]?.slice(7);
    const call = `${init.method} ${url.pathname}`;
    const answer = this.#route(call, url.searchParams, body, bearer);
    if (this.losing(call)) throw new TypeError("network");
    const refused = typeof answer === "object" && answer !== null && "code" in answer;
    const text = answer === undefined || answer === null ? "" : JSON.stringify(answer);
    return new Response(text || null, { status: refused ? (answer as Problem).status : text ? 200 : 204 });
  };

  readonly open = async (ticket: string): Promise<Socket> => {
    if (this.down) throw new TypeError("network");
    const socket = new FakeSocket(this, ticket);
    this.sockets.add(socket);
    return socket;
  };

  /** The cable is pulled. */
  cut(): void {
    this.down = true;
    for (const socket of this.sockets) socket.close();
  }

  #route(call: string, query: URLSearchParams, body: never, bearer = ""): unknown {
    const [, , area, id, rest, last] = call.split("/");
    for (const handler of this.more) {
      const answer = handler(call, query, body, bearer);
      if (answer !== undefined) return answer;
    }
    if (call === "POST /auth/register") return this.#register(body);
    if (call === "POST /api/ws-tickets") return { ticket: bearer, expires_in_ms: 30_000 };
    if (call.startsWith("GET /api/users/by-name/")) return this.#find(call.slice(23));
    if (call === "POST /api/keys/query") return this.#query(body);
    if (call === "POST /api/keys/claim")
      return { keys: (body as Wire["ClaimKeysRequest"]).devices.flatMap((device) => this.#claim(device)) };
    if (call === "POST /api/keys/digest") return { matches: true };
    if (call === "POST /api/keys/one-time") return { one_time_keys: 50 };
    if (call === "POST /api/conversations") return this.#create((body as Wire["CreateConversationRequest"]).change);
    if (area === "blocks") return this.#block(call, bearer, id);
    const room = area === "conversations" ? this.rooms.get(id ?? "") : undefined;
    if (!room?.members.includes(bearer)) return problem("not_found", 404);
    if (call.startsWith("DELETE ") && rest === "messages") return this.#remove(room, bearer, Number(last));
    if (rest === undefined) return this.#conversation(room, bearer);
    if (rest === "membership") return this.#change(room, (body as Wire["ChangeMembershipRequest"]).change);
    if (rest === "accept") {
      room.asked.delete(bearer);
      return this.#conversation(room, bearer);
    }
    if (rest === "decline") return this.#dismiss(room, bearer);
    if (rest === "roster") return this.#roster(room, query);
    if (rest === "events") {
      const after = Number(query.get("after"));
      return { events: room.events.filter(({ seq }) => seq > after), last_seq: room.events.length, start_seq: 1 };
    }
    return problem("not_found", 404);
  }

  #register(request: Wire["RegisterRequest"]): unknown {
    if ([...this.accounts.values()].some(({ username }) => username === request.username)) {
      return problem("username_taken", 409);
    }
    const { user_id, device_id } = request.device_keys;
    const identity = {
      user_id,
      master_key: request.master_key,
      self_signing_key: request.self_signing_key,
      lists: [request.device_list],
      device_keys: [request.device_keys],
    };
    const keys = Object.entries(request.one_time_keys) as Account["keys"];
    const fallback = Object.entries(request.fallback_key) as Account["keys"];
    const { username } = request;
    this.accounts.set(user_id, {
      username,
      identity,
      device: device_id,
      keys,
      fallback,
      inbox: [],
      inboxSeq: 0,
      acknowledged: 0,
    });
    const tokens = { access_token: user_id, token_type: "Bearer", expires_in_ms: 600_000, refresh_token: "r" };
    return { user_id, device_id, verified: true, ...tokens };
  }

  #find(username: string): unknown {
    const found = [...this.accounts.values()].find((account) => account.username === username);
    if (!found) return problem("not_found", 404);
    const { user_id, master_key } = found.identity;
    return { user_id, username, account_type: "person", master_key };
  }

  #query({ users }: Wire["QueryKeysRequest"]): Wire["QueryKeysResponse"] {
    const identities = Object.keys(users).flatMap((id) => this.accounts.get(id)?.identity ?? []);
    return { identities };
  }

  #claim(device_id: string): Wire["ClaimedKey"][] {
    const account = [...this.accounts.values()].find(({ device }) => device === device_id);
    const [key_id, key] = account?.keys.shift() ?? account?.fallback[0] ?? [];
    return key_id && key ? [{ device_id, key_id, key }] : [];
  }

  #create(change: Wire["MembershipChange"]): unknown {
    const { action, conversation_id: id } = change;
    if (action.type !== "create") return problem("invalid_request", 400);
    const members = action.members.map(({ user_id }) => user_id);
    const asked = new Set(this.asks ? members.filter((user) => user !== change.actor_user_id) : []);
    const room: Room = {
      id,
      kind: action.kind,
      chain: [change],
      members,
      asked,
      version: 1,
      events: [],
      marks: new Map(),
    };
    this.rooms.set(id, room);
    this.#append(room, change.actor_user_id, change.actor_device_id, { type: "membership", change });
    for (const user of members) this.#put(user, { type: "conversation_joined", conversation_id: id });
    return { conversation_id: id, seq: 1, roster_version: 1 };
  }

  #remove(room: Room, user: string, seq: number): unknown {
    const target = room.events[seq - 1];
    if (target?.sender_user_id !== user || target.body.type !== "message") return problem("not_found", 404);
    target.body = { type: "gone", txn_id: target.body.txn_id, reason: "removed" };
    const { sender_device_id } = target;
    const { seq: at, created_at_ms } = this.#append(room, user, sender_device_id, { type: "removal", target_seq: seq });
    return { txn_id: target.body.txn_id, seq: at, created_at_ms };
  }

  #change(room: Room, change: Wire["MembershipChange"]): unknown {
    const { action, actor_user_id, actor_device_id, index } = change;
    if (index !== room.chain.length + 1) return problem("chain_conflict", 409);
    room.chain.push(change);
    room.version += 1;
    const added = action.type === "add" ? action.members.map(({ user_id }) => user_id) : [];
    room.members.push(...added);
    if (action.type === "remove") this.#dismiss(room, action.user_id);
    if (action.type === "leave") this.#dismiss(room, actor_user_id);
    const { seq } = this.#append(room, actor_user_id, actor_device_id, { type: "membership", change });
    for (const user of added) this.#put(user, { type: "conversation_joined", conversation_id: room.id });
    return { conversation_id: room.id, seq, roster_version: room.version };
  }

  #dismiss(room: Room, user: string): void {
    room.members = room.members.filter((member) => member !== user);
    this.#put(user, { type: "conversation_left", conversation_id: room.id });
  }

  #block(call: string, user: string, id = ""): unknown {
    const blocks = this.blocks.get(user) ?? new Set();
    this.blocks.set(user, blocks);
    if (call.startsWith("GET")) return { user_ids: [...blocks] };
    if (call.startsWith("PUT")) blocks.add(id);
    else blocks.delete(id);
    return undefined;
  }

  /** Everybody of the room hears this, whoever made it up. */
  tell(id: string, event: Event): void {
    for (const socket of this.#of(this.rooms.get(id)?.members ?? [])) socket.push({ type: "event", event });
  }

  /** Another identity in the place of this account's. */
  replace(user: string, identity: Partial<Wire["UserIdentity"]>): void {
    const account = this.accounts.get(user);
    if (account) account.identity = { ...account.identity, ...identity };
    for (const room of this.rooms.values()) {
      if (!room.members.includes(user)) continue;
      room.version += 1;
      const told: ServerFrame = { type: "roster_changed", conversation_id: room.id, roster_version: room.version };
      for (const socket of this.#of(room.members)) socket.push(told);
    }
  }

  #roster(room: Room, query: URLSearchParams): Wire["Roster"] {
    const chain = room.chain.filter(({ index }) => index > Number(query.get("chain_since")));
    const members = room.members.map((user_id) => ({
      user_id,
      username: this.accounts.get(user_id)?.username ?? "",
      role: "admin" as const,
      state: room.asked.has(user_id) ? ("requested" as const) : ("joined" as const),
      list_version: 1,
    }));
    const identities = room.members.flatMap((id) => this.accounts.get(id)?.identity ?? []);
    return { conversation_id: room.id, roster_version: room.version, members, identities, chain };
  }

  #append(room: Room, user: string, device: string, body: Wire["EventBody"]): Event {
    this.#now += 1_000;
    const seq = room.events.length + 1;
    const from = { sender_user_id: user, sender_device_id: device, created_at_ms: this.#now };
    const event = { conversation_id: room.id, seq, ...from, body };
    room.events.push(event);
    for (const socket of this.#of(room.members)) socket.push({ type: "event", event });
    return event;
  }

  #put(user: string, body: Wire["InboxBody"]): void {
    const account = this.accounts.get(user);
    if (!account) return;
    account.inboxSeq += 1;
    const item = { seq: account.inboxSeq, body };
    account.inbox.push(item);
    for (const socket of this.#of([user])) socket.push({ type: "inbox", items: [item] });
  }

  #of(users: string[]): FakeSocket[] {
    return [...this.sockets].filter((socket) => socket.live && users.includes(socket.user));
  }

  /** The roster moved on without anybody being told: the next send is refused. */
  bump(id: string): void {
    const room = this.rooms.get(id);
    if (room) room.version += 1;
  }

  /** What a socket's frame does. */
  hear(socket: FakeSocket, frame: ClientFrame): void {
    const account = this.accounts.get(socket.user);
    if (!account) return;
    this.heard.push([socket.user, frame]);
    if (frame.type === "hello") this.#catchUp(socket, account, frame.resume?.inbox_seq ?? 0);
    if (frame.type === "inbox_ack") {
      account.acknowledged = frame.seq;
      account.inbox = account.inbox.filter(({ seq }) => seq > frame.seq);
    }
    if (frame.type === "send") this.#send(socket, account, frame.conversation_id, frame.message);
    if (frame.type === "ping") socket.push({ type: "pong", nonce: frame.nonce ?? 0 });
    if (frame.type === "mark") this.#mark(socket, frame);
  }

  #catchUp(socket: FakeSocket, account: Account, inboxSeq: number): void {
    const items = account.inbox.filter(({ seq }) => seq > inboxSeq);
    if (items.length > 0) socket.push({ type: "inbox", items });
    const rooms = [...this.rooms.values()].filter((room) => room.members.includes(socket.user));
    const conversations = rooms.map((room) => ({
      conversation: this.#conversation(room, socket.user),
      marks: [...room.marks.values()],
      events: room.events.slice(-2),
    }));
    if (conversations.length > 0) socket.push({ type: "sync", conversations });
    socket.live = true;
    socket.push({ type: "caught_up", sync_token: "token" });
  }

  #conversation(room: Room, user: string): Wire["Conversation"] {
    return {
      conversation_id: room.id,
      kind: room.kind,
      state: room.asked.has(user) ? "requested" : "joined",
      role: "admin",
      last_seq: room.events.length,
      start_seq: 1,
      read_seq: room.marks.get(user)?.read_seq ?? 0,
      roster_version: room.version,
      membership_index: 1,
      created_at_ms: 0,
    };
  }

  #send(socket: FakeSocket, account: Account, id: string, message: Wire["SendMessage"]): void {
    const room = this.rooms.get(id);
    if (!room) return;
    const bytes = JSON.stringify(message);
    this.sends.push(bytes);
    if (this.loseSends) {
      socket.close();
      return;
    }
    const stored = room.events.find(({ body }) => body.type === "message" && body.txn_id === message.txn_id);
    const refuse = (code: Wire["ProblemCode"]) =>
      socket.push({ type: "refused", conversation_id: id, txn_id: message.txn_id, problem: problem(code, 409) });
    if (!stored && message.roster_version !== room.version) {
      refuse("stale_roster");
      return;
    }
    if (this.refuseSends) {
      refuse(this.refuseSends);
      return;
    }
    for (const { device_id, content } of stored || this.loseKeys ? [] : (message.envelopes ?? [])) {
      const to = [...this.accounts].find(([, { device }]) => device === device_id)?.[0] ?? "";
      const sender = { sender_user_id: socket.user, sender_device_id: account.device };
      this.#put(to, { type: "envelope", conversation_id: id, ...sender, content });
    }
    const lost = this.loseAnswers;
    // A lost answer comes with a lost socket: nothing of this message reaches the sender.
    if (lost) socket.close();
    const life = message.expires_in_ms;
    const expires = typeof life === "number" ? { expires_at_ms: this.expireFrom() + life } : {};
    const body = { type: "message" as const, txn_id: message.txn_id, content: message.content, ...expires };
    const event = stored ?? this.#append(room, socket.user, account.device, body);
    const { seq, created_at_ms } = event;
    if (!lost) socket.push({ type: "sent", conversation_id: id, txn_id: message.txn_id, seq, created_at_ms });
  }

  #mark(socket: FakeSocket, frame: Extract<ClientFrame, { type: "mark" }>): void {
    const room = this.rooms.get(frame.conversation_id);
    if (!room) return;
    const before = room.marks.get(socket.user) ?? { user_id: socket.user, delivered_seq: 0, read_seq: 0 };
    const read_seq = Math.max(before.read_seq, frame.read_seq ?? 0);
    const delivered_seq = Math.max(before.delivered_seq, frame.delivered_seq ?? 0, read_seq);
    const mark = { user_id: socket.user, delivered_seq, read_seq };
    room.marks.set(socket.user, mark);
    for (const other of this.#of(room.members)) {
      other.push({ type: "marks", conversation_id: room.id, marks: [mark] });
    }
  }
}

class FakeSocket implements Socket {
  code: number | undefined;
  readonly heardAt = performance.now();
  live = false;
  #queue: ServerFrame[] = [];
  #closed = false;
  #wake: () => void = () => {};

  constructor(
    private readonly server: FakeServer,
    readonly user: string,
  ) {}

  push(frame: ServerFrame): void {
    if (this.#closed) return;
    // As it comes over the wire: nobody shares objects.
    this.#queue.push(JSON.parse(JSON.stringify(frame)));
    this.#wake();
  }

  send(frame: ClientFrame): void {
    if (!this.#closed) this.server.hear(this, JSON.parse(JSON.stringify(frame)));
  }

  async next(most: number, waitMs: number): Promise<ServerFrame[] | "closed"> {
    if (this.#queue.length === 0 && !this.#closed) {
      await new Promise<void>((done) => {
        const timer = setTimeout(done, waitMs);
        this.#wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
    const run = this.#queue.splice(0, most);
    return run.length === 0 && this.#closed ? "closed" : run;
  }

  close(): void {
    this.#closed = true;
    this.live = false;
    this.server.sockets.delete(this);
    this.#wake();
  }
}
