// What the crypto engine answers: the outcomes of crates/e2ee as they come through apps/web-crypto.
import type { Wire } from "./wire";

/** What to do next in a conversation. */
export type SendStep =
  | { type: "idle" }
  | { type: "fetch_roster"; value: RosterQuery }
  | { type: "query_keys"; value: Wire["QueryKeysRequest"] }
  | { type: "claim_keys"; value: Wire["ClaimKeysRequest"] }
  | { type: "post_envelopes"; value: Wire["SendEnvelopesRequest"] }
  | { type: "send"; value: Wire["SendMessage"] }
  | { type: "blocked"; value: BlockReason };

export type BlockReason = { type: "violated"; value: string[] } | { type: "not_a_member" };

export interface RosterQuery {
  conversation_id: string;
  since: number;
  chain_since: number;
}

/** A message to show, once. */
export interface Shown {
  conversation_id: string;
  seq: number;
  txn_id: string;
  sender_user_id: string;
  sender_device_id: string;
  created_at_ms: number;
  expires_at_ms: number | null;
  counter: number;
  body_json: string;
  key_origin: string;
  warnings: Warning[];
}

export type Warning =
  | { type: "hole"; missing: number }
  | { type: "swapped" }
  | { type: "roster_mismatch" }
  | { type: "sender_revoked" };

export type RefusalReason =
  | "malformed"
  | "wrong_sender"
  | "wrong_conversation"
  | "wrong_txn"
  | "replayed"
  | "not_a_member"
  | "unknown_device";

export type EventOutcome =
  | { type: "shown"; value: Shown }
  | { type: "undecryptable"; value: { conversation_id: string; seq: number; reason: string } }
  | { type: "refused"; value: { conversation_id: string; seq: number; reason: RefusalReason } }
  | { type: "membership"; value: { change: Wire["MembershipChange"] } }
  | {
      type: "removal";
      value: { conversation_id: string; seq: number; sender_user_id: string; target_seq: number };
    }
  | { type: "gone"; value: { conversation_id: string; seq: number; txn_id: string; reason: GoneReason } }
  | { type: "duplicate" }
  | { type: "needs_roster"; value: string }
  | { type: "needs_identity"; value: string };

export type GoneReason = Wire["GoneReason"];

export type InboxOutcome =
  | { type: "keys"; value: { conversation_id: string; events: EventOutcome[] } }
  | { type: "handled" }
  | { type: "self_signing_key" }
  | { type: "backup_key" }
  | { type: "recovery_key_changed" }
  | { type: "verifications"; value: { device_id: string; people: TrustChange[] } }
  | { type: "dropped"; value: string }
  | { type: "needs_identity"; value: string }
  | { type: "own_list_changed" }
  | { type: "joined"; value: string }
  | { type: "accepted"; value: string }
  | { type: "left"; value: string }
  | { type: "keys_low"; value: { remaining: number } }
  | { type: "fallback_used"; value: { key_id: string } }
  | { type: "gap"; value: { conversation_id: string; sender_device_id: string; dropped: number } }
  | { type: "login_seen"; value: { device_id: string; name: string } };

export type RefusedOutcome = "stored" | "again" | "failed";

export type Trust = "unverified" | "first_use" | "verified" | "violated";

/** Another device of this account told what was decided there. */
export interface TrustChange {
  user_id: string;
  trust: Trust;
}

/** Something that an honest server does not do, or that a person should know. */
export interface Alarm {
  type: string;
  user_id?: string;
  device_id?: string;
  conversation_id?: string;
}

/** What a linking asks for; requests to the server as they are. */
export type LinkAction =
  | { type: "open"; value: Wire["CreateRendezvousRequest"] }
  | { type: "claim"; value: Wire["ClaimCodeRequest"] }
  | { type: "show"; value: { qr: string; typed_code: string | null; life_ms: number } }
  | { type: "poll"; value: { after: string | null } }
  | { type: "put"; value: Wire["PutRendezvousRequest"] }
  | { type: "show_digits"; value: string }
  | { type: "ask_digits"; value: number }
  | {
      type: "ask_approval";
      value: { device: Wire["NewDevice"]; same_network: boolean | null; number: boolean };
    }
  | { type: "create_grant"; value: Wire["CreateGrantRequest"] }
  | { type: "export_history" }
  | { type: "read_own_identity"; value: Wire["QueryKeysRequest"] }
  | { type: "fetch_head"; value: Wire["LinkHeadRequest"] }
  | { type: "show_account"; value: string }
  | { type: "complete"; value: Wire["CompleteLinkRequest"] }
  | { type: "delete" }
  | { type: "linked"; value: { handed_over: boolean } }
  | { type: "entered"; value: { has_secrets: boolean; unreadable: boolean } }
  | { type: "failed"; value: { name: string; message: string; counts: boolean } };

/** What happened to a linking. */
export type LinkEvent =
  | { type: "opened"; value: Wire["CreateRendezvousResponse"] }
  | { type: "claimed"; value: string }
  | { type: "stored"; value: string }
  | { type: "slot"; value: Wire["Rendezvous"] }
  | { type: "typed"; value: string }
  | { type: "approved"; value: { number: string | null; history: boolean } }
  | { type: "granted"; value: Wire["GrantResponse"] }
  | { type: "own_identity"; value: Wire["UserIdentity"] }
  | { type: "head"; value: Wire["LinkHeadResponse"] }
  | { type: "refused"; value: Wire["ProblemCode"] }
  | { type: "gone" | "declined" | "no_history" | "completed" | "tick" };
