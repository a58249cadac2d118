// What the core tells pages, and what they see of its state. Everything here crosses a message port.
import type { BlockReason, GoneReason, Trust, Warning } from "./outcomes";
import type { PeopleTold } from "./people-told";
import type { Outgoing, StoredMessage } from "./store";
import type { ProblemCode, Wire } from "./wire";

/** A conversation as the list shows it. */
export interface ConversationView {
  conversation_id: string;
  kind: Wire["ConversationKind"];
  state: Wire["MemberState"];
  members: Person[];
  /** How far everybody's marks are. */
  marks: Record<string, Wire["MemberMarks"]>;
  /** What this person has read. */
  read_seq: number;
  /** How much of that the server was told. */
  told_read_seq?: number;
  /** The newest thing that somebody else said. */
  heard_seq?: number;
  last?: Preview;
  /** Messages of others after `read_seq`. */
  unread: number;
  /** Where this person is named in them. */
  mentions?: number[];
  /** Kept on this device alone: it makes no noise here. */
  muted?: boolean;
  /** The newest timer of the log: so long after they are stored messages disappear; absent: they stay. */
  timer?: { seq: number; after_ms?: number | undefined };
  /** After this time messages disappear whatever the timer says: an admin decided that, by the signed chain. */
  retention_ms?: number;
  /** What the person began to write here. */
  draft?: Draft;
  /** This account is out of it. */
  left?: boolean;
  /** A group's name as a member wrote it last, and where. */
  name?: { text: string; seq: number };
  /** When something happened that is no message. */
  stirred_at_ms?: number;
}

export interface Person {
  user_id: string;
  username: string;
  role: Wire["Role"];
  /** Was asked to be in and has not answered. */
  asked?: boolean;
}

export interface Draft {
  text: string;
  /** The message that it answers. */
  answers?: string | undefined;
}

/** A message of one's own that is to be deleted for everybody. */
export interface Removal {
  conversation_id: string;
  txn_id: string;
  /** Until then it can be called off. */
  due_ms: number;
}

export interface Preview {
  seq: number;
  txn_id: string;
  body_json: string;
  sender_user_id: string;
  at_ms: number;
}

export type Connection = "connecting" | "catching_up" | "online" | "offline";

/** Who this device is; absent: nobody is signed in here. */
export interface Me {
  user_id: string;
  device_id: string;
  username: string;
  /** It is in its account's list and gets messages. */
  linked: boolean;
  /** Its tokens are gone: the password is asked for. */
  signed_out: boolean;
  /** And the server says that it is out of its account for good. */
  revoked: boolean;
  /** There are words of a recovery key that the person has not proved to have. */
  unseen_words: boolean;
}

/** What a linking shows to the person. `trouble`: the code of what keeps it up; it is tried again. */
export type LinkStep = LinkScreen & { trouble?: string };

type LinkScreen =
  | { step: "waiting" }
  /** `code`: what a device without a camera types; on the existing device only. */
  | { step: "show"; qr: Uint8Array<ArrayBuffer>; code: string | undefined; lifeMs: number }
  | { step: "show_digits"; digits: string }
  | { step: "ask_digits"; count: number }
  | {
      step: "ask_approval";
      name: string;
      platform: Wire["DeviceType"];
      sameNetwork: boolean | null;
      /** The person types the three digits that the new device shows. */
      number: boolean;
    }
  | { step: "account"; username: string }
  /** Chunks of the history on their way to the new device. */
  | { step: "history"; done: number; of: number }
  /** `history`: whether it was handed over, if it was wanted. `unreadable`: this device could not read what it was sent. */
  | { step: "done"; history: boolean | undefined; unreadable?: boolean }
  | { step: "failed"; name: string };

/** `late`: the other device is away. `failed`: it goes on at the next start. */
export type HistoryState = "running" | "late" | "failed" | "done";

/** A device that came into the account or signed in to it, and that nobody has looked at yet. */
export interface DeviceAlert {
  device_id: string;
  name: string;
  /** It is in the account's list and reads messages. */
  linked: boolean;
}

/** `unloaded`: a file of the app is missing, as without a connection. */
export type BrokenReason = "crashed" | "replaced" | "store" | "elsewhere" | "unloaded";

export type Told =
  | PeopleTold
  | { type: "link"; step: LinkStep }
  | { type: "history"; done: number; of: number; state: HistoryState }
  | { type: "me"; me: Me | undefined }
  | { type: "connection"; connection: Connection }
  | { type: "conversation"; conversation: ConversationView }
  | { type: "shown"; message: StoredMessage; warnings: Warning[] }
  | { type: "queued"; message: Outgoing }
  /** It is out of the queue for good: its person wants so. */
  | { type: "dropped"; conversation_id: string; txn_id: string }
  | { type: "sent"; conversation_id: string; txn_id: string }
  | { type: "refused"; conversation_id: string; txn_id: string; code: ProblemCode }
  | { type: "blocked"; conversation_id: string; reason: BlockReason }
  /** It has a place and no text that can be read. */
  | { type: "unreadable"; message: StoredMessage }
  /** Its content is gone; `row` takes its place, if anything does. */
  | { type: "gone"; conversation_id: string; seq: number; reason: GoneReason; row: StoredMessage | undefined }
  /** All messages that are to be deleted. */
  | { type: "removals"; removals: Removal[] }
  | { type: "typing"; conversation_id: string; user_id: string; typing: boolean }
  | { type: "devices_changed" }
  /** Recovery words came, or were proved to be written down. */
  | { type: "words" }
  /** On another device of this account. */
  | { type: "recovery_key_changed" }
  | { type: "alerts"; alerts: DeviceAlert[] }
  /** Whether what comes can be stored. */
  | { type: "storing"; works: boolean }
  /** How far this device's clock is ahead of the server's, if that is worth a word. */
  | { type: "clock"; skewMs: number }
  /** Another tab answers from now on: what is shown has to be asked for again. */
  | { type: "moved" }
  | { type: "alarm"; alarm: string }
  | { type: "broken"; reason: BrokenReason };

export type { Trust };
