// Generated from openapi/ by tools/types.mjs; do not edit.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Unpadded standard base64 (RFC 4648 section 4), canonical form only. */
        Base64Bytes: string;
        ClientFrame: components["schemas"]["ClientFrameHello"] | components["schemas"]["ClientFrameInbox_ack"] | components["schemas"]["ClientFrameMark"] | components["schemas"]["ClientFramePing"] | components["schemas"]["ClientFramePresence"] | components["schemas"]["ClientFrameSend"] | components["schemas"]["ClientFrameTyping"] | components["schemas"]["ClientFrameWatch_presence"];
        ClientFrameHello: {
            /** @description Where to resume. */
            resume?: components["schemas"]["Resume"];
            /** @enum {string} */
            type: "hello";
        };
        ClientFrameInbox_ack: {
            /**
             * Format: int64
             * @description Position in the inbox.
             */
            seq: number;
            /** @enum {string} */
            type: "inbox_ack";
        };
        ClientFrameMark: {
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /**
             * Format: int64
             * @description Everything up to here is on this device. In a conversation of 50 members or more a device waits a random part
             *     of five milliseconds a member, at most of 30 s; what comes meanwhile goes with the same mark.
             */
            delivered_seq?: number | null;
            /**
             * Format: int64
             * @description Everything up to here is read.
             */
            read_seq?: number | null;
            /** @enum {string} */
            type: "mark";
        };
        ClientFramePing: {
            /**
             * Format: int64
             * @description Comes back.
             */
            nonce?: number;
            /** @enum {string} */
            type: "ping";
        };
        ClientFramePresence: {
            /** @description `true`: the person is there; `false`: not any more. A new connection counts as `true`. */
            active: boolean;
            /** @enum {string} */
            type: "presence";
        };
        ClientFrameSend: {
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /** @description The message, as in `POST /api/conversations/{conversation_id}/messages`. */
            message: components["schemas"]["SendMessage"];
            /** @enum {string} */
            type: "send";
        };
        ClientFrameTyping: {
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /** @enum {string} */
            type: "typing";
            /** @description `true` while it goes on, again before the 10 s are over; `false` when it stopped. */
            typing: boolean;
        };
        ClientFrameWatch_presence: {
            /** @enum {string} */
            type: "watch_presence";
            /** @description At most 250; replaces the list before. */
            user_ids: components["schemas"]["UserId"][];
        };
        /** @description A conversation as one of its members sees it. */
        Conversation: {
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /**
             * Format: int64
             * @description When it was made.
             */
            created_at_ms: number;
            /** @description Two people, or many. */
            kind: components["schemas"]["ConversationKind"];
            /**
             * Format: int64
             * @description Newest position of the log.
             */
            last_seq: number;
            /**
             * Format: int64
             * @description Newest link of the membership chain.
             */
            membership_index: number;
            /**
             * Format: int64
             * @description The caller's read mark.
             */
            read_seq: number;
            /**
             * Format: int64
             * @description Messages disappear after this time, milliseconds.
             */
            retention_ms?: number | null;
            /** @description The caller's role. */
            role: components["schemas"]["Role"];
            /**
             * Format: int64
             * @description The current roster.
             */
            roster_version: number;
            /**
             * Format: int64
             * @description Positions before this one are not for this device.
             */
            start_seq: number;
            /** @description Whether the caller agreed to be in. */
            state: components["schemas"]["MemberState"];
        };
        /**
         * Format: uuid
         * @description A conversation, direct or group. Chosen by the creating client, since the membership chain signs it.
         */
        ConversationId: string;
        /**
         * @description Two people, or many.
         * @enum {string}
         */
        ConversationKind: "direct" | "group";
        /** @description One conversation that changed since the device was last there. */
        ConversationSync: {
            /** @description The conversation now. */
            conversation: components["schemas"]["Conversation"];
            /**
             * @description The newest changed events in ascending order, at most 50. If the first is later than the device's own position
             *     plus one, the ones between come from `GET /api/conversations/{id}/events`.
             */
            events?: components["schemas"]["Event"][];
            /** @description Marks that changed, of members that show them. */
            marks?: components["schemas"]["MemberMarks"][];
        };
        /** @description A cross-signing public key (Matrix). `keys` holds exactly `ed25519:<public key>`. */
        CrossSigningKey: {
            /** @description Key id to public key. */
            keys: {
                [key: string]: string;
            };
            /** @description The self-signing key is signed by the master key. */
            signatures?: components["schemas"]["Signatures"];
            /** @description Exactly one. */
            usage: components["schemas"]["KeyUsage"][];
            /** @description The account. */
            user_id: components["schemas"]["UserId"];
        };
        /**
         * Format: uuid
         * @description A client installation. Chosen by the client, never used again after revocation.
         */
        DeviceId: string;
        /**
         * @description The public identity of a device, immutable (Matrix `device_keys`).
         *
         *     `keys` holds exactly `ed25519:<device_id>` and `curve25519:<device_id>`, each 32 bytes in unpadded base64.
         *     `signatures` holds the device's own and, once linked, the self-signing key's.
         */
        DeviceKeys: {
            /** @description Exactly `m.olm.v1.curve25519-aes-sha2` and `m.megolm.v1.aes-sha2`, in this order. */
            algorithms: string[];
            /** @description The device. */
            device_id: components["schemas"]["DeviceId"];
            /** @description Key id to public key. */
            keys: {
                [key: string]: string;
            };
            /** @description Who signed it. */
            signatures?: components["schemas"]["Signatures"];
            /** @description The account. */
            user_id: components["schemas"]["UserId"];
        };
        /**
         * @description One entry of a user's signed device list: a full snapshot, chained by hash.
         *
         *     Signed by the self-signing key and by the author. The hash of an entry is SHA-256 over its canonical JSON
         *     without `signatures`, in unpadded base64.
         */
        DeviceList: {
            /** @description Who extended the list. */
            author: components["schemas"]["ListAuthor"];
            /** @description Active devices, ordered by id. */
            devices: components["schemas"]["ListedDevice"][];
            /** @description Hash of the entry before; absent in entry 1. */
            prev_hash?: string | null;
            /** @description Devices revoked at any time, ordered by id. They never return. */
            revoked: components["schemas"]["ListedDevice"][];
            /** @description By the self-signing key and the author. */
            signatures?: components["schemas"]["Signatures"];
            /** @description The account. */
            user_id: components["schemas"]["UserId"];
            /**
             * Format: int64
             * @description 1, 2, 3, ...
             */
            version: number;
        };
        /** @description An Olm ciphertext on its way to one device. */
        EnvelopeUpload: {
            /** @description What it gets. */
            content: components["schemas"]["OlmContent"];
            /** @description A device of the roster. */
            device_id: components["schemas"]["DeviceId"];
        };
        /** @description One event of a conversation's log, at the position `seq`. */
        Event: {
            /** @description What it is. */
            body: components["schemas"]["EventBody"];
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /**
             * Format: int64
             * @description When it was stored.
             */
            created_at_ms: number;
            /** @description From which device. */
            sender_device_id: components["schemas"]["DeviceId"];
            /** @description Who sent it. */
            sender_user_id: components["schemas"]["UserId"];
            /**
             * Format: int64
             * @description 1, 2, 3, ... without holes. A database that was restored goes on far above all positions of before: take a hole
             *     that `GET .../events` does not fill as one that nobody will.
             */
            seq: number;
        };
        /** @description What an event is. */
        EventBody: {
            /** @description The ciphertext. */
            content: components["schemas"]["MegolmContent"];
            /**
             * Format: int64
             * @description The content is deleted at this time.
             */
            expires_at_ms?: number | null;
            /** @description The sender's own id of it. */
            txn_id: components["schemas"]["TxnId"];
            /** @enum {string} */
            type: "message";
        } | {
            /** @description The link. */
            change: components["schemas"]["MembershipChange"];
            /** @enum {string} */
            type: "membership";
        } | {
            /**
             * Format: int64
             * @description Position of the message.
             */
            target_seq: number;
            /** @enum {string} */
            type: "removal";
        } | {
            /** @description Why. */
            reason: components["schemas"]["GoneReason"];
            /** @description The sender's own id of it. */
            txn_id: components["schemas"]["TxnId"];
            /** @enum {string} */
            type: "gone";
        };
        /**
         * @description Why envelopes were dropped.
         * @enum {string}
         */
        GapReason: "sender_quota" | "inbox_full";
        /**
         * @description Why the content of a message is gone.
         * @enum {string}
         */
        GoneReason: "removed" | "expired";
        /** @description What an inbox item is. */
        InboxBody: {
            /** @description The ciphertext. */
            content: components["schemas"]["OlmContent"];
            /** @description The conversation that it came with. */
            conversation_id: components["schemas"]["ConversationId"];
            /** @description From which device. */
            sender_device_id: components["schemas"]["DeviceId"];
            /** @description Who sent it, as the server says; the ciphertext proves it. */
            sender_user_id: components["schemas"]["UserId"];
            /** @enum {string} */
            type: "envelope";
        } | {
            /** @description The conversation that they came with. */
            conversation_id: components["schemas"]["ConversationId"];
            /**
             * Format: int64
             * @description How many, apart from those that an earlier gap told of.
             */
            dropped: number;
            /** @description Why. */
            reason: components["schemas"]["GapReason"];
            /** @description From which device. */
            sender_device_id: components["schemas"]["DeviceId"];
            /** @description Whose they were. */
            sender_user_id: components["schemas"]["UserId"];
            /** @enum {string} */
            type: "gap";
        } | {
            /**
             * Format: int64
             * @description Its head.
             */
            list_version: number;
            /** @enum {string} */
            type: "device_list_changed";
        } | {
            /**
             * Format: int64
             * @description Version of the newest recovery public key, published still or not.
             */
            recovery_version: number;
            /** @enum {string} */
            type: "recovery_key_changed";
        } | {
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /** @enum {string} */
            type: "conversation_joined";
        } | {
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /** @enum {string} */
            type: "conversation_accepted";
        } | {
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /** @enum {string} */
            type: "conversation_left";
        } | {
            /**
             * Format: int64
             * @description How many are left.
             */
            remaining: number;
            /** @enum {string} */
            type: "one_time_keys_low";
        } | {
            /** @description The one that was handed out; after a restore it may be an older one. */
            key_id: string;
            /** @enum {string} */
            type: "fallback_key_used";
        } | {
            /** @description The device. */
            device_id: components["schemas"]["DeviceId"];
            /** @description Its name. */
            name: string;
            /** @enum {string} */
            type: "login_seen";
        };
        /** @description One item of a device's inbox, at the position `seq`. */
        InboxItem: {
            /** @description What it is. */
            body: components["schemas"]["InboxBody"];
            /**
             * Format: int64
             * @description 1, 2, 3, ... a device. A database that was restored goes on far above all positions of before.
             */
            seq: number;
        };
        /**
         * @description What a cross-signing key is for.
         * @enum {string}
         */
        KeyUsage: "master" | "self_signing";
        /** @description Who extended a device list. */
        ListAuthor: "master" | {
            /** @description A device that was active in the entry before. */
            device: components["schemas"]["DeviceId"];
        };
        /** @description A device as the signed list names it. */
        ListedDevice: {
            /** @description Its Curve25519 public key, unpadded base64. */
            curve25519: string;
            /** @description The device. */
            device_id: components["schemas"]["DeviceId"];
            /** @description Its Ed25519 public key, unpadded base64. */
            ed25519: string;
        };
        /** @description A Megolm ciphertext (`m.megolm.v1.aes-sha2`). */
        MegolmContent: {
            /** @description Always `m.megolm.v1.aes-sha2`. */
            algorithm: string;
            /** @description The Megolm message, at most 64 KiB. */
            ciphertext: components["schemas"]["Base64Bytes"];
            /** @description The session's Ed25519 public key, which is its id: 32 bytes. */
            session_id: components["schemas"]["Base64Bytes"];
        };
        /** @description A member's watermarks. They only rise. */
        MemberMarks: {
            /**
             * Format: int64
             * @description Everything up to here was delivered to at least one of its devices.
             */
            delivered_seq: number;
            /**
             * Format: int64
             * @description Everything up to here was read.
             */
            read_seq: number;
            /** @description The member. */
            user_id: components["schemas"]["UserId"];
        };
        /** @description What a change does. */
        MembershipAction: {
            /** @description Two people, or many. */
            kind: components["schemas"]["ConversationKind"];
            /** @description Ordered by user id. */
            members: components["schemas"]["NewMember"][];
            /** @enum {string} */
            type: "create";
        } | {
            /** @description Ordered by user id; nobody who is in already. */
            members: components["schemas"]["NewMember"][];
            /** @enum {string} */
            type: "add";
        } | {
            /** @enum {string} */
            type: "remove";
            /** @description Who goes. */
            user_id: components["schemas"]["UserId"];
        } | {
            /** @description The new one. */
            role: components["schemas"]["Role"];
            /** @enum {string} */
            type: "set_role";
            /** @description Whose role. */
            user_id: components["schemas"]["UserId"];
        } | {
            /** @enum {string} */
            type: "leave";
        } | {
            /**
             * Format: int64
             * @description 1 s to a year, milliseconds. Always there: `null` is signed as well.
             */
            retention_ms: number | null;
            /** @enum {string} */
            type: "set_retention";
        };
        /**
         * @description One link of the chain, signed by the acting device.
         *
         *     The hash of a link is SHA-256 over its canonical JSON without `signatures`, in unpadded base64.
         */
        MembershipChange: {
            /** @description What it does. */
            action: components["schemas"]["MembershipAction"];
            /** @description With which device. */
            actor_device_id: components["schemas"]["DeviceId"];
            /** @description Who acts. */
            actor_user_id: components["schemas"]["UserId"];
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /**
             * Format: int64
             * @description 1, 2, 3, ...
             */
            index: number;
            /** @description Hash of the link before; absent in link 1. */
            prev_hash?: string | null;
            /** @description By the acting device: `ed25519:<actor_device_id>`. */
            signatures?: components["schemas"]["Signatures"];
        };
        /**
         * @description Whether a member has agreed to be in.
         * @enum {string}
         */
        MemberState: "requested" | "joined";
        /** @description Somebody who comes in, with the identity that the acting member vouches for. */
        NewMember: {
            /** @description Its Ed25519 master key as the acting device knows it, unpadded base64. */
            master_key: string;
            /** @description What it may do. */
            role: components["schemas"]["Role"];
            /** @description The account. */
            user_id: components["schemas"]["UserId"];
        };
        /**
         * Format: uuid
         * @description One life of one server process.
         */
        NodeId: string;
        /** @description An Olm ciphertext (`m.olm.v1.curve25519-aes-sha2`). */
        OlmContent: {
            /** @description Always `m.olm.v1.curve25519-aes-sha2`. */
            algorithm: string;
            /** @description The Olm message, at most 8 KiB. */
            body: components["schemas"]["Base64Bytes"];
            /** @description The sender's Curve25519 identity key: 32 bytes. */
            sender_key: components["schemas"]["Base64Bytes"];
            /**
             * Format: int32
             * @description 0: pre-key message, 1: message of an established session.
             */
            type: number;
        };
        /** @description An RFC 9457 problem document (`application/problem+json`). */
        Problem: {
            /** @description The stable code. */
            code: components["schemas"]["ProblemCode"];
            /** @description What was wrong in this very case, for developers. */
            detail?: string | null;
            /** @description With `stale_roster`: the identities that changed since the refused version, with their signed lists. */
            identities?: components["schemas"]["UserIdentity"][] | null;
            /** @description With `key_conflict`: the ids that are stored. */
            key_ids?: string[] | null;
            /** @description Names the request in the server's log. */
            request_id?: string | null;
            /**
             * Format: int64
             * @description With `rate_limited`, `linking_locked`, `node_full`, `unavailable`, `linking_unavailable`: when to try again, milliseconds.
             */
            retry_after_ms?: number | null;
            /**
             * Format: int64
             * @description With `stale_roster`: the current version.
             */
            roster_version?: number | null;
            /**
             * Format: int64
             * @description With `duplicate_txn`: the position at which the id is stored.
             */
            seq?: number | null;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description A short sentence, the same for every problem of this code. */
            title: string;
            /** @description `urn:sotto:problem:<code>`. */
            type: string;
        };
        /**
         * @description What went wrong, stable across versions.
         * @enum {string}
         */
        ProblemCode: "malformed_json" | "invalid_request" | "invalid_key" | "invalid_signature" | "unauthorized" | "token_expired" | "wrong_credentials" | "refresh_rejected" | "device_revoked" | "device_unverified" | "step_up_required" | "device_on_probation" | "forbidden" | "foreign_origin" | "blocked" | "grant_rejected" | "not_found" | "method_not_allowed" | "request_timeout" | "already_exists" | "username_taken" | "stale_roster" | "out_of_order" | "duplicate_txn" | "chain_conflict" | "key_conflict" | "sequence_conflict" | "recovery_key_replaced" | "limit_reached" | "payload_too_large" | "uri_too_long" | "unsupported_media_type" | "unknown_recipient" | "upgrade_required" | "rate_limited" | "linking_locked" | "headers_too_large" | "internal" | "unavailable" | "linking_unavailable" | "node_full";
        /** @description Where a device resumes. */
        Resume: {
            /**
             * Format: int64
             * @description The newest inbox position that the device stored; what is up to it is deleted.
             */
            inbox_seq?: number;
            /** @description The newest `sync_token` that the device stored; absent for everything. */
            sync_token?: string | null;
        };
        /**
         * @description What a member may do.
         * @enum {string}
         */
        Role: "member" | "admin";
        /** @description A send: `POST /api/conversations/{conversation_id}/messages`, or inside the `send` frame. */
        SendMessage: {
            /** @description The message. */
            content: components["schemas"]["MegolmContent"];
            /** @description Key shares for devices that lack the session, at most 500. */
            envelopes?: components["schemas"]["EnvelopeUpload"][];
            /**
             * Format: int64
             * @description The content is deleted this long after it was stored, milliseconds; the conversation's retention is the most.
             */
            expires_in_ms?: number | null;
            prev_txn_id?: components["schemas"]["TxnId"] | null;
            /**
             * Format: int64
             * @description The roster that it was encrypted for.
             */
            roster_version: number;
            /** @description The client's own id of it. Retry an unknown outcome with the same bytes. */
            txn_id: components["schemas"]["TxnId"];
        };
        ServerFrame: components["schemas"]["ServerFrameBroadcast"] | components["schemas"]["ServerFrameCaught_up"] | components["schemas"]["ServerFrameDraining"] | components["schemas"]["ServerFrameError"] | components["schemas"]["ServerFrameEvent"] | components["schemas"]["ServerFrameInbox"] | components["schemas"]["ServerFrameMarks"] | components["schemas"]["ServerFramePong"] | components["schemas"]["ServerFramePresence"] | components["schemas"]["ServerFrameRefused"] | components["schemas"]["ServerFrameRoster_changed"] | components["schemas"]["ServerFrameSent"] | components["schemas"]["ServerFrameSync"] | components["schemas"]["ServerFrameTyping"] | components["schemas"]["ServerFrameWelcome"];
        ServerFrameBroadcast: {
            /** @description What was posted. */
            message: string;
            /** @enum {string} */
            type: "broadcast";
        };
        ServerFrameCaught_up: {
            /** @description For the next `hello`. Store it after everything before it is stored. */
            sync_token: string;
            /** @enum {string} */
            type: "caught_up";
        };
        ServerFrameDraining: {
            /**
             * Format: int64
             * @description Spread over the drain time.
             */
            reconnect_after_ms: number;
            /** @enum {string} */
            type: "draining";
        };
        ServerFrameError: {
            /** @description Why. */
            problem: components["schemas"]["Problem"];
            /** @enum {string} */
            type: "error";
        };
        ServerFrameEvent: {
            /** @description The event. */
            event: components["schemas"]["Event"];
            /** @enum {string} */
            type: "event";
        };
        ServerFrameInbox: {
            /** @description In ascending order. */
            items: components["schemas"]["InboxItem"][];
            /** @enum {string} */
            type: "inbox";
        };
        ServerFrameMarks: {
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /** @description Each member once. */
            marks: components["schemas"]["MemberMarks"][];
            /** @enum {string} */
            type: "marks";
        };
        ServerFramePong: {
            /**
             * Format: int64
             * @description What the ping said.
             */
            nonce: number;
            /** @enum {string} */
            type: "pong";
        };
        ServerFramePresence: {
            /**
             * Format: int64
             * @description When one last was, to the minute.
             */
            last_seen_at_ms?: number | null;
            /** @description Whether any device is connected and active. */
            online: boolean;
            /** @enum {string} */
            type: "presence";
            /** @description The person. */
            user_id: components["schemas"]["UserId"];
        };
        ServerFrameRefused: {
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /** @description Why. */
            problem: components["schemas"]["Problem"];
            /** @description The client's own id of it. */
            txn_id: components["schemas"]["TxnId"];
            /** @enum {string} */
            type: "refused";
        };
        ServerFrameRoster_changed: {
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /**
             * Format: int64
             * @description The current roster.
             */
            roster_version: number;
            /** @enum {string} */
            type: "roster_changed";
        };
        ServerFrameSent: {
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /**
             * Format: int64
             * @description When it was stored.
             */
            created_at_ms: number;
            /**
             * Format: int64
             * @description Its position.
             */
            seq: number;
            /** @description The client's own id of it. */
            txn_id: components["schemas"]["TxnId"];
            /** @enum {string} */
            type: "sent";
        };
        ServerFrameSync: {
            /** @description At most 200. */
            conversations: components["schemas"]["ConversationSync"][];
            /** @enum {string} */
            type: "sync";
        };
        ServerFrameTyping: {
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /** @enum {string} */
            type: "typing";
            /** @description `true`: for the next 10 s, unless it is said again; `false`: it stopped. */
            typing: boolean;
            /** @description The member. */
            user_id: components["schemas"]["UserId"];
        };
        ServerFrameWelcome: {
            /** @description The process that holds it. */
            node_id: components["schemas"]["NodeId"];
            /**
             * Format: int64
             * @description The node pings this often, milliseconds.
             */
            ping_interval_ms: number;
            /**
             * Format: int64
             * @description The server's clock.
             */
            server_time_ms: number;
            /** @description This connection. */
            session_id: components["schemas"]["SessionId"];
            /** @enum {string} */
            type: "welcome";
            /** @description Whether the device is signed by its account; if not it gets notices of the account only. */
            verified: boolean;
        };
        /**
         * Format: uuid
         * @description One live WebSocket connection of a device.
         */
        SessionId: string;
        /**
         * @description Signatures: user id to key id to signature.
         *
         *     Key ids are `ed25519:<device id>` for a key of a device and `ed25519:<public key>` for a cross-signing key; a
         *     signature is 64 bytes, Ed25519 over the canonical JSON of the object without `signatures`, in unpadded base64.
         * @example {
         *       "6fd7d4c8-3a1f-4a5e-9d0c-0a8a1d0f4b11": {
         *         "ed25519:0c6f2c0e-8f0a-4c7c-8c53-5f1f3f0e7a22": "<64 bytes, unpadded base64>"
         *       }
         *     }
         */
        Signatures: {
            [key: string]: {
                [key: string]: string;
            };
        };
        /**
         * Format: uuid
         * @description A client's own id of one send: the idempotency key within (conversation, device).
         */
        TxnId: string;
        /**
         * Format: uuid
         * @description An account. Chosen by the registering client (it is part of what its keys sign), never changes.
         */
        UserId: string;
        /** @description Everything a client needs to check a user's devices. */
        UserIdentity: {
            /** @description Keys of the devices active at the list's head. */
            device_keys: components["schemas"]["DeviceKeys"][];
            /** @description Entries of the device list after the version that the caller knows, oldest first. */
            lists: components["schemas"]["DeviceList"][];
            /** @description Its master key. */
            master_key: components["schemas"]["CrossSigningKey"];
            /** @description Its self-signing key, signed by the master key. */
            self_signing_key: components["schemas"]["CrossSigningKey"];
            /** @description The account. */
            user_id: components["schemas"]["UserId"];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
