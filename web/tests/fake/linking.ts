// The fake server's rendezvous, grants and histories. A device that is linked here has HTTP and no socket.
import { fromBase64, toBase64 } from "../../src/core/base64";
import type { Wire } from "../../src/core/wire";
import { sessionOf } from "./secrets";
import { type FakeServer, type Handler, problem } from "./server";

const NEW = "new:";

export class FakeLinking {
  /** Chunks of the one history, in base64. */
  readonly chunks = new Map<number, string>();
  chunkCount = 0;
  /** Chunks from here on are not given out yet. */
  givenUpTo = Number.POSITIVE_INFINITY;
  /** Chunks from here on are not taken yet. */
  takenUpTo = Number.POSITIVE_INFINITY;
  /** What is put at this step of the linking is given altered. */
  alteredStep = -1;
  /** Every chunk that was asked for and given. */
  readonly given: number[] = [];
  #slot: { data: string; token: number } | undefined;
  #grant: (Wire["CreateGrantRequest"] & { user: string }) | undefined;

  constructor(private readonly server: FakeServer) {
    server.more.push(this.#route);
  }

  readonly #route: Handler = (call, _query, body, bearer) => {
    const user = bearer.replace(NEW, "");
    if (call === "POST /auth/step-up") return { access_token: bearer, token_type: "Bearer", expires_in_ms: 300_000 };
    if (call === "POST /api/ws-tickets" && bearer.startsWith(NEW)) return problem("unavailable", 503);
    if (call === "GET /api/conversations") return { conversations: this.#conversations(user) };
    return this.#rendezvous(call, body) ?? this.#link(call, body, user) ?? this.#history(call, body);
  };

  /** What is in the log already comes as history only. */
  #conversations(user: string): Partial<Wire["Conversation"]>[] {
    const rooms = [...this.server.rooms.values()].filter((room) => room.members.includes(user));
    return rooms.map(({ id, kind, events }) => {
      const heads = { last_seq: events.length, start_seq: 1_000_000, read_seq: 0, roster_version: 1 };
      return { conversation_id: id, kind, state: "joined", role: "admin", ...heads };
    });
  }

  #altered(data: string): string {
    const bytes = fromBase64(data);
    if (bytes[1] !== this.alteredStep) return data;
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    return toBase64(bytes);
  }

  #rendezvous(call: string, body: never): unknown {
    const token = () => `${this.#slot?.token}`;
    if (call === "POST /api/rendezvous") {
      this.#slot = { data: (body as Wire["CreateRendezvousRequest"]).data ?? "", token: 1 };
      const rendezvous_id = "11111111-1111-4111-8111-111111111111";
      return { rendezvous_id, sequence_token: token(), expires_in_ms: 300_000, code: "7K3M9QX0" };
    }
    if (!call.includes("/api/rendezvous/")) return undefined;
    const slot = this.#slot;
    if (!slot) return problem("not_found", 404);
    if (call.startsWith("DELETE")) this.#slot = undefined;
    if (call.startsWith("PUT")) {
      slot.data = this.#altered((body as Wire["PutRendezvousRequest"]).data);
      slot.token += 1;
      return { sequence_token: token(), expires_in_ms: 300_000 };
    }
    return { sequence_token: String(slot.token), data: slot.data, expires_in_ms: 300_000, same_network: true };
  }

  #link(call: string, body: never, user: string): unknown {
    const grant = this.#grant;
    if (call === "POST /api/link/grants") {
      this.#grant = { ...(body as Wire["CreateGrantRequest"]), user };
      return { grant: btoa("g".repeat(32)).replace(/=/g, ""), expires_in_ms: 300_000 };
    }
    if (!grant) return undefined;
    const account = this.server.accounts.get(grant.user);
    const { device_keys, device_list } = grant;
    if (call === "POST /api/link/head") {
      return { device_keys, device_list, identity: account?.identity, username: account?.username };
    }
    if (call !== "POST /api/link/complete") return undefined;
    account?.identity.lists.push(device_list);
    account?.identity.device_keys.push(device_keys);
    return { ...sessionOf(grant.user, device_keys.device_id, true), access_token: NEW + grant.user };
  }

  #history(call: string, body: never): unknown {
    if (call === "POST /api/history") {
      this.chunkCount = (body as Wire["CreateHistoryRequest"]).chunks;
      return this.#progress();
    }
    if (!call.includes("/api/history/")) return undefined;
    const [, number] = call.match(/chunks\/(\d+)$/) ?? [];
    if (number === undefined) {
      if (call.startsWith("DELETE")) this.chunkCount = 0;
      return this.chunkCount > 0 || call.startsWith("DELETE") ? this.#progress() : problem("not_found", 404);
    }
    const index = Number(number);
    if (call.startsWith("PUT")) {
      if (index >= this.takenUpTo) return problem("unavailable", 503);
      this.chunks.set(index, (body as Wire["PutHistoryChunkRequest"]).data);
      return this.#progress();
    }
    const data = index < this.givenUpTo ? this.chunks.get(index) : undefined;
    if (data === undefined) return problem("not_found", 404);
    this.given.push(index);
    return { index, data };
  }

  #progress(): Wire["History"] {
    const [chunks, stored] = [this.chunkCount, this.chunks.size];
    return { history_id: "history", chunks, stored, bytes: 0, missing: [], expires_in_ms: 1_000_000 };
  }
}
