// What the core tells pages, and what they see of its state. Everything here crosses a message port.
import type { BlockReason, GoneReason, Trust, Warning } from "./outcomes";
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
  last?: Preview;
  /** Messages of others after `read_seq`. */
  unread: number;
  /** This account is out of it. */
  left?: boolean;
}

export interface Person {
  user_id: string;
  username: string;
  role: Wire["Role"];
}

export interface Preview {
  seq: number;
  body_json: string;
  sender_user_id: string;
  at_ms: number;
}

/** A message that can't be read, and why. */
export interface Unreadable {
  conversation_id: string;
  seq: number;
  reason: string;
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
}

/** What a linking shows to the person. */
export type LinkStep =
  | { step: "waiting" }
  | { step: "show"; code: string; lifeMs: number }
  | { step: "show_digits"; digits: string }
  | { step: "ask_digits"; count: number }
  | { step: "ask_approval"; name: string; platform: Wire["DeviceType"]; sameNetwork: boolean | null }
  | { step: "account"; username: string }
  | { step: "done" }
  | { step: "failed"; name: string };

/** A device that came into the account or signed in to it, and that nobody has looked at yet. */
export interface DeviceAlert {
  device_id: string;
  name: string;
  /** It is in the account's list and reads messages. */
  linked: boolean;
}

export type Told =
  | { type: "link"; step: LinkStep }
  | { type: "me"; me: Me | undefined }
  | { type: "connection"; connection: Connection }
  | { type: "conversation"; conversation: ConversationView }
  | { type: "shown"; message: StoredMessage; warnings: Warning[] }
  | { type: "queued"; message: Outgoing }
  | { type: "sent"; conversation_id: string; txn_id: string }
  | { type: "refused"; conversation_id: string; txn_id: string; code: ProblemCode }
  | { type: "blocked"; conversation_id: string; reason: BlockReason }
  | { type: "unreadable"; event: Unreadable }
  | { type: "gone"; conversation_id: string; seq: number; reason: GoneReason }
  | { type: "typing"; conversation_id: string; user_id: string; typing: boolean }
  | { type: "revoked" }
  | { type: "devices_changed" }
  | { type: "alerts"; alerts: DeviceAlert[] }
  /** Whether what comes can be stored. */
  | { type: "storing"; works: boolean }
  /** How far this device's clock is ahead of the server's, if that is worth a word. */
  | { type: "clock"; skewMs: number }
  /** Another tab answers from now on: what is shown has to be asked for again. */
  | { type: "moved" }
  | { type: "alarm"; alarm: string }
  | { type: "broken"; reason: "crashed" | "replaced" | "store" | "elsewhere" };

export type { Trust };
