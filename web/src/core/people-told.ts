// People, blocks and what happened in conversations, as pages see them. Everything here crosses a message port.
import type { Trust, TrustChange } from "./outcomes";
import type { Wire } from "./wire";

/** What this device knows of a person. Keys are unpadded base64; trust is what the engine says, never more. */
export interface PersonView {
  user_id: string;
  /** As the server names them. */
  username?: string;
  trust: Trust;
  /** Two people compared the pinned key, also while another one is offered. */
  compared: boolean;
  pinned?: Key;
  /** What the server offers instead of the pinned key: nothing is sent until a person decides. */
  offered?: Key;
  devices: number;
}

/** A master key, and the safety number of the two people with it. */
export interface Key {
  key: string;
  number: string;
}

/** Something that happened in a conversation and is no message. */
export interface Line {
  /** It is shown after this position of the log. */
  seq: number;
  at_ms: number;
  body: LineBody;
}

export type LineBody =
  | { type: "created"; by: string; index: number }
  | { type: "added"; by: string; who: string[]; more: number; index: number }
  | { type: "removed"; by: string; who: string; index: number }
  | { type: "left"; by: string; index: number }
  | { type: "role"; by: string; who: string; role: Wire["Role"]; index: number }
  | { type: "timer"; by: string; ms: number | null; index: number }
  | { type: "named"; by: string; name: string }
  | { type: "out" }
  /** On another device of this account. */
  | { type: "verified"; who: string; verified: boolean }
  | { type: "key_changed"; who: string; compared: boolean }
  | { type: "key_accepted"; who: string; compared: boolean };

export interface FoundPerson {
  user_id: string;
  username: string;
}

/** What a page needs to begin. */
export interface PeopleSnapshot {
  people: PersonView[];
  lines: [string, Line[]][];
  blocks: string[];
}

export type PeopleTold =
  | { type: "person"; person: PersonView }
  | { type: "lines"; conversation_id: string; lines: Line[] }
  /** Whom another device of this account verified, or not any more. */
  | { type: "decided_elsewhere"; people: TrustChange[] }
  | { type: "blocks"; user_ids: string[] };

/** What a page can ask about people and groups. */
export interface PeopleApi {
  /** Somebody of this exact name. Errors: `not_found`, `Oneself`. */
  findPerson(username: string): Promise<FoundPerson>;
  createGroup(name: string, userIds: string[]): Promise<string>;
  addMembers(conversationId: string, userIds: string[]): Promise<void>;
  removeMember(conversationId: string, userId: string): Promise<void>;
  setRole(conversationId: string, userId: string, role: Wire["Role"]): Promise<void>;
  leaveGroup(conversationId: string): Promise<void>;
  renameGroup(conversationId: string, name: string): Promise<void>;
  /** The page shows this conversation: who is in is looked at anew. */
  lookAt(conversationId: string): Promise<void>;
  /** The bytes of a code for the other person to scan. */
  verificationQr(userId: string): Promise<Uint8Array | undefined>;
  /** The other person's code was scanned. Errors: `Qr`, `OtherPerson`, `KeysDiffer`, `Unknown`. */
  verifyByQr(userId: string, qr: Uint8Array): Promise<void>;
  /** Two people compared the number of this key. Errors: `KeysDiffer`. */
  markVerified(userId: string, key: string): Promise<void>;
  takeBackVerification(userId: string): Promise<void>;
  /** The person goes on with the key that was shown, compared or not. Errors: `KeysDiffer`. */
  acceptKey(userId: string, key: string, compared: boolean): Promise<void>;
  block(userId: string): Promise<void>;
  unblock(userId: string): Promise<void>;
}
