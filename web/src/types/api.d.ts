// Generated from openapi/ by tools/types.mjs; do not edit.

export interface paths {
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The keys that verify access tokens, newest first. */
        get: operations["get_jwks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Gets the caller's account. */
        get: operations["get_account"];
        put?: never;
        post?: never;
        /** Deletes the account: all devices end and the name is free again. */
        delete: operations["delete_account"];
        options?: never;
        head?: never;
        /** Changes name and settings. */
        patch: operations["update_account"];
        trace?: never;
    };
    "/api/account/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists what was done to the account: sign-ins, devices that came and went, recovery. */
        get: operations["list_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/account/identity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replaces the account's master key: its device list begins anew with the calling device alone, contacts are warned. */
        post: operations["reset_identity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/account/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replaces the password; unverified devices, which the old one let in, are out. */
        post: operations["change_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Gets the recovery key's public half, and what the key backup is encrypted with. */
        get: operations["get_backup"];
        /**
         * Begins a key backup; the one before is void.
         * @description No fresh authentication is needed if there is none, or if a device left the account since it was begun.
         */
        put: operations["put_backup"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backup/{version}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the sessions of the key backup. */
        get: operations["list_backup_sessions"];
        put?: never;
        /** Stores sessions in the key backup; one that begins earlier replaces one that begins later. */
        post: operations["put_backup_sessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/blocks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the people that the caller blocked. */
        get: operations["list_blocks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/blocks/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Blocks a person; again is harmless. */
        put: operations["block_user"];
        post?: never;
        /** Lifts a block; again is harmless. */
        delete: operations["unblock_user"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the conversations that the caller is in. */
        get: operations["list_conversations"];
        put?: never;
        /**
         * Makes a conversation from link 1 of its membership chain.
         * @description A pair of people has one direct conversation: when it exists, it is the answer.
         */
        post: operations["create_conversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{conversation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Gets one conversation. */
        get: operations["get_conversation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{conversation_id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Accepts a message request: receipts, presence and typing are shown from now on. */
        post: operations["accept_conversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{conversation_id}/decline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Declines a message request: the caller is out of the conversation, and the others are not told why. */
        post: operations["decline_conversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{conversation_id}/envelopes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends envelopes ahead of a message (key shares for big groups), or requests for keys. */
        post: operations["send_envelopes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{conversation_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reads a page of a conversation's log, ascending, as far as it is for this device. */
        get: operations["list_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{conversation_id}/marks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the marks of members that show them. */
        get: operations["list_marks"];
        put?: never;
        /**
         * Raises the caller's marks; stored within a quarter of a second, shown then or, where many are connected, up to 1.5 s
         *     later.
         */
        post: operations["raise_marks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{conversation_id}/membership": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Adds, removes, leaves, changes a role or the retention: the next link of the chain. */
        post: operations["change_membership"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{conversation_id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends a message: acknowledged after the commit, in the order of `prev_txn_id`, for exactly the current roster.
         * @description `unavailable` leaves the outcome unknown: send the same bytes again.
         */
        post: operations["send_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{conversation_id}/messages/{seq}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Deletes the content of one of the caller's own messages, for everybody. */
        delete: operations["remove_message"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{conversation_id}/roster": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Gets who and which devices to encrypt for.
         * @description While the answer has `chain_next` it holds links only: ask again with that as `chain_since`.
         */
        get: operations["get_roster"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the account's devices that are not revoked. */
        get: operations["list_devices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/devices/{device_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Renames a device. */
        patch: operations["rename_device"];
        trace?: never;
    };
    "/api/devices/{device_id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revokes a device for ever: another one with a fresh authentication, oneself without. */
        post: operations["revoke_device"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins a history, which other devices of the account may fetch. */
        post: operations["create_history"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/history/{history_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells how far a history is, and what is missing. */
        get: operations["get_history"];
        put?: never;
        post?: never;
        /** Deletes a history, once the new device has it. */
        delete: operations["delete_history"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/history/{history_id}/chunks/{index}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Gets a chunk. */
        get: operations["get_history_chunk"];
        /** Uploads a chunk; the same again changes nothing. */
        put: operations["put_history_chunk"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reads a page of the calling device's inbox. */
        get: operations["list_inbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inbox/ack": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Deletes what the calling device has decrypted and stored. */
        post: operations["ack_inbox"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a one-time key of each device, or its fallback key; each one-time key is given once. */
        post: operations["claim_keys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys/digest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Compares the calling device's outstanding one-time keys with the stored ones. */
        post: operations["compare_keys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys/one-time": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stores one-time keys and the fallback key of the calling device, all or nothing. */
        post: operations["upload_keys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives identities of people that the caller shares a conversation with; strangers are absent. */
        post: operations["query_keys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/link/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Brings the new device in; the same request again within five minutes gives the same refresh token. */
        post: operations["complete_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/link/failures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reports that the other side failed a check; five within an hour lock linking for an hour. */
        post: operations["report_link_failure"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/link/grants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Grants a new device to come in, by a device of the account. */
        post: operations["create_grant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/link/head": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives what the new device checks before it completes; the grant is the credential. */
        post: operations["get_link_head"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/recovery": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Gives the encrypted recovery bundle, to a device that is signed or not. */
        get: operations["get_recovery"];
        /** Replaces the recovery bundle; the old recovery key opens nothing any more. */
        put: operations["put_recovery"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/recovery/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes the calling unverified device a full one, by an entry that the master key signed. */
        post: operations["complete_recovery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/recovery/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Publishes the recovery key's public half.
         * @description A further one comes with the bundle under the new recovery key, and with a fresh authentication.
         */
        put: operations["put_recovery_key"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/rendezvous": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Opens a rendezvous: by a device of an account (fresh), or by a new one without a token. */
        post: operations["create_rendezvous"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/rendezvous/{rendezvous_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reads a rendezvous; with `after` the answer waits for what the other side writes. */
        get: operations["get_rendezvous"];
        /** Writes into a rendezvous, if nobody else has meanwhile; the same write again answers the same. */
        put: operations["put_rendezvous"];
        post?: never;
        /** Ends a rendezvous: it is not found from then on. */
        delete: operations["end_rendezvous"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/rendezvous/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Turns a typed code into the rendezvous that it stands for, once. */
        post: operations["claim_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/by-name/{username}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Finds the person with exactly this name. */
        get: operations["get_user_by_name"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ws-tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a one-use ticket for a socket, for clients that can't set headers. */
        post: operations["create_ticket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/challenges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a challenge, which a known device signs to sign in again. */
        post: operations["create_challenge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Signs in by password.
         * @description With `known_device` as that device; otherwise as a new one, which can only be linked or recover.
         */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Logs the device out, on all nodes within two seconds.
         * @description With the entry of the list that leaves it out, it is revoked for ever. Without one its tokens end: a linked device can
         *     sign in again by its key, an unverified one is gone.
         */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/logout-others": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revokes all other devices of the account, by one entry of the list. */
        post: operations["logout_others"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchanges a refresh token for the next one and an access token.
         * @description A replay within 60 s gives the same next one; any later use of a used token ends all that followed from it.
         */
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes an account with its first device. */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/step-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Proves the password again, for actions that need a fresh authentication. */
        post: operations["step_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the node and what it needs are. */
        get: operations["get_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process runs at all. */
        get: operations["get_liveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the node should get clients. */
        get: operations["get_readiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A device's connection: sync, sends, marks, typing, presence.
         * @description A bad credential is told by a close code after the upgrade, because a browser cannot read the status of a refused
         *     one.
         */
        get: operations["open_socket"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description `GET /api/account`. */
        Account: {
            /** @description Who is behind it. */
            account_type: components["schemas"]["AccountType"];
            /**
             * Format: int64
             * @description When it was made.
             */
            created_at_ms: number;
            /** @description The device that asks. */
            device_id: components["schemas"]["DeviceId"];
            /**
             * Format: int64
             * @description Head of the device list.
             */
            list_version: number;
            /** @description Whether read marks and presence are kept from others. */
            private_receipts: boolean;
            /** @description The account. */
            user_id: components["schemas"]["UserId"];
            /** @description The current username. */
            username: string;
            /** @description Whether that device is signed by the account. */
            verified: boolean;
        };
        /**
         * @description Who is behind an account.
         * @enum {string}
         */
        AccountType: "person" | "assistant";
        /** @description One thing that was done. */
        AuditEntry: {
            about_device_id?: components["schemas"]["DeviceId"] | null;
            /** @description Its name now. */
            about_device_name?: string | null;
            /**
             * @description What: `registered`, `login`, `logout`, `link_granted`, `device_linked`, `linking_locked`, `device_revoked`,
             *     `password_changed`, `recovery_replaced`, `recovered`, `backup_replaced`, `identity_reset`, `refresh_reused`; there
             *     may come more.
             */
            action: string;
            /**
             * Format: int64
             * @description Names the entry; later ones are higher.
             */
            audit_id: number;
            /**
             * Format: int64
             * @description When.
             */
            created_at_ms: number;
            device_id?: components["schemas"]["DeviceId"] | null;
            /** @description Its name now. */
            device_name?: string | null;
        };
        /** @description `GET /api/account/audit?before=`. */
        AuditPage: {
            /** @description Newest first, at most 100. */
            entries: components["schemas"]["AuditEntry"][];
            /**
             * Format: int64
             * @description `before` of the next page; absent in the last one.
             */
            next?: number | null;
        };
        /** @description `GET /api/backup`. */
        Backup: {
            descriptor?: components["schemas"]["BackupDescriptor"] | null;
            recovery_key?: components["schemas"]["RecoveryPublicKey"] | null;
            /**
             * Format: int64
             * @description Version of the newest recovery public key, published still or not; 0: there never was one.
             */
            recovery_version: number;
            /**
             * Format: int64
             * @description Sessions stored.
             */
            sessions: number;
            /**
             * Format: int64
             * @description Version of the newest descriptor, void or not; 0: there never was one.
             */
            version: number;
        };
        /** @description How many sessions are stored now. */
        BackupCount: {
            /**
             * Format: int64
             * @description Sessions.
             */
            sessions: number;
        };
        /**
         * @description What a backup is encrypted with. A further version voids the one before.
         *
         *     Signed like an entry of the device list, by the self-signing key and a device that is active at the list's head; or by
         *     the master key alone.
         */
        BackupDescriptor: {
            /** @description `sotto.backup.v1`. */
            algorithm: string;
            /** @description Who made it. */
            author: components["schemas"]["ListAuthor"];
            /**
             * @description SHA-256 over `sotto-backup-key-id-v1` and the backup key, 32 bytes: a device that holds a key knows whether it is
             *     this one.
             */
            key_hash: components["schemas"]["Base64Bytes"];
            /**
             * Format: int64
             * @description Version of the recovery public key that the backup key is sealed to.
             */
            recovery_version: number;
            /** @description The backup key, sealed; at most 1 KiB. */
            sealed_key: components["schemas"]["Base64Bytes"];
            /** @description By the self-signing key and the author, or by the master key. */
            signatures?: components["schemas"]["Signatures"];
            /** @description The account. */
            user_id: components["schemas"]["UserId"];
            /**
             * Format: int64
             * @description 1, 2, 3, ...
             */
            version: number;
        };
        /** @description `GET /api/backup/{version}/sessions?after=`. */
        BackupPage: {
            /** @description `after` of the next page; absent in the last one. */
            next?: string | null;
            /** @description At most 200. */
            sessions: components["schemas"]["BackupSession"][];
        };
        /** @description A message key's session in the backup. */
        BackupSession: {
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /** @description Ciphertext, 1 byte to 2 KiB. */
            data: components["schemas"]["Base64Bytes"];
            /**
             * Format: int32
             * @description The index from which on it decrypts: a lower one replaces what is stored.
             */
            first_index: number;
            /** @description The Megolm session, 32 bytes. */
            session_id: components["schemas"]["Base64Bytes"];
        };
        /** @description Unpadded standard base64 (RFC 4648 section 4), canonical form only. */
        Base64Bytes: string;
        /** @description `GET /api/blocks`. */
        BlockList: {
            /** @description Accounts that the caller blocked. */
            user_ids: components["schemas"]["UserId"][];
        };
        /** @description Answer to `POST /auth/challenges`. */
        ChallengeResponse: {
            /** @description To be signed by the device. */
            challenge: string;
            /**
             * Format: int64
             * @description How long it may be used, milliseconds.
             */
            expires_in_ms: number;
        };
        /** @description `POST /api/conversations/{conversation_id}/membership`: the next link of the chain. */
        ChangeMembershipRequest: {
            /** @description The next link. */
            change: components["schemas"]["MembershipChange"];
        };
        /** @description `POST /api/account/password` (step-up). */
        ChangePasswordRequest: {
            /** @description 8 to 256 characters. */
            new_password: string;
        };
        /** @description `POST /api/rendezvous/claim`: a typed code becomes the id, once. */
        ClaimCodeRequest: {
            /** @description 8 characters of Crockford's base 32; hyphens, spaces and case say nothing, `O` is 0, `I` and `L` are 1. */
            code: string;
        };
        /** @description Where the code leads. */
        ClaimCodeResponse: {
            /**
             * Format: int64
             * @description How long it lives still, milliseconds.
             */
            expires_in_ms: number;
            /** @description The rendezvous. */
            rendezvous_id: components["schemas"]["RendezvousId"];
        };
        /** @description A claimed key. */
        ClaimedKey: {
            /** @description Whose it is. */
            device_id: components["schemas"]["DeviceId"];
            /** @description The key; a fallback key says so inside what is signed. */
            key: components["schemas"]["SignedOneTimeKey"];
            /** @description `signed_curve25519:<id>`. */
            key_id: string;
        };
        /** @description `POST /api/keys/claim`: takes one one-time key of each device. */
        ClaimKeysRequest: {
            /** @description Idempotency key: the same claim again within ten minutes gives the same keys. */
            claim_id: components["schemas"]["TxnId"];
            /** @description At most 500. */
            devices: components["schemas"]["DeviceId"][];
        };
        /** @description Keys claimed. A device that is revoked, unknown or foreign, or has neither kind of key, is absent. */
        ClaimKeysResponse: {
            /** @description One for each device found. */
            keys: components["schemas"]["ClaimedKey"][];
        };
        /** @description `POST /api/link/complete`, by the new device. The same request again within 5 minutes gives the same answer. */
        CompleteLinkRequest: {
            /** @description Name and type of the device. */
            device: components["schemas"]["NewDevice"];
            /** @description Exactly one. */
            fallback_key: components["schemas"]["OneTimeKeys"];
            /** @description The grant. */
            grant: components["schemas"]["Base64Bytes"];
            /** @description At most 50. */
            one_time_keys: components["schemas"]["OneTimeKeys"];
            /** @description Ed25519 by the new device over the bytes of the grant followed by the bytes of T. */
            signature: components["schemas"]["Base64Bytes"];
            /** @description The account. */
            user_id: components["schemas"]["UserId"];
        };
        /** @description `POST /api/recovery/complete` (step-up): an unverified device becomes a full one. */
        CompleteRecoveryRequest: {
            /** @description Signed by the device and the self-signing key. */
            device_keys: components["schemas"]["DeviceKeys"];
            /** @description The next entry of the device list, authored by the master key. */
            device_list: components["schemas"]["DeviceList"];
            /** @description Exactly one. */
            fallback_key: components["schemas"]["OneTimeKeys"];
            /** @description At most 50. */
            one_time_keys: components["schemas"]["OneTimeKeys"];
        };
        /**
         * @description Whether a dependency answers.
         * @enum {string}
         */
        Connectivity: "connected" | "disconnected";
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
        /** @description `GET /api/conversations`: a page, ordered by id. */
        Conversations: {
            /** @description At most 200. */
            conversations: components["schemas"]["Conversation"][];
            next?: components["schemas"]["ConversationId"] | null;
        };
        /** @description `POST /api/conversations`. */
        CreateConversationRequest: {
            /** @description Link 1 of the membership chain. */
            change: components["schemas"]["MembershipChange"];
        };
        /** @description `POST /api/link/grants` (step-up), by the existing device. */
        CreateGrantRequest: {
            /** @description The new device's keys, signed by itself and by the self-signing key. */
            device_keys: components["schemas"]["DeviceKeys"];
            /** @description The next entry of the device list, with the new device. */
            device_list: components["schemas"]["DeviceList"];
            /** @description Where the two devices met: SHA-256 of the 16 bytes of the rendezvous' id, 32 bytes. */
            rendezvous_hash: components["schemas"]["Base64Bytes"];
            /** @description T: SHA-256 of the linking transcript, 32 bytes. */
            transcript: components["schemas"]["Base64Bytes"];
        };
        /** @description `POST /api/history`, by a device that is not on probation. */
        CreateHistoryRequest: {
            /**
             * Format: int32
             * @description How many chunks it may have, 1 to 4,096: who does not know yet says the most.
             */
            chunks: number;
        };
        /** @description `POST /api/rendezvous`: by a device of an account with its token (step-up), or by a new one without. */
        CreateRendezvousRequest: {
            /** @description What the slot holds at first, at most 4,096 bytes; nothing by default. */
            data?: components["schemas"]["Base64Bytes"];
            /** @description Whether a code to be typed is wanted, besides the id that a QR code carries. */
            with_code?: boolean;
        };
        /** @description An open rendezvous. */
        CreateRendezvousResponse: {
            /** @description With `with_code`: 8 characters of Crockford's base 32, which lead to the id once. */
            code?: string | null;
            /**
             * Format: int64
             * @description How long it lives, milliseconds. No write makes it longer.
             */
            expires_in_ms: number;
            /** @description 128 random bits: who knows it may read and write. */
            rendezvous_id: components["schemas"]["RendezvousId"];
            /** @description Names what the slot holds now. */
            sequence_token: string;
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
        /** @description A device in `GET /api/devices`. */
        Device: {
            /**
             * Format: int64
             * @description When it was linked or signed in.
             */
            created_at_ms: number;
            /** @description Whether it is the one that asks. */
            current: boolean;
            /** @description The device. */
            device_id: components["schemas"]["DeviceId"];
            /** @description What kind of installation it is. */
            device_type: components["schemas"]["DeviceType"];
            /**
             * Format: int64
             * @description When it was last connected or asked something, to the minute.
             */
            last_seen_at_ms?: number | null;
            /** @description Its name. */
            name: string;
            /** @description Whether the account signed it; unverified ones get no ciphertext. */
            verified: boolean;
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
        /** @description `GET /api/devices`. */
        Devices: {
            /** @description Devices of the account that are not revoked, oldest first. */
            devices: components["schemas"]["Device"][];
        };
        /**
         * @description What kind of installation it is.
         * @enum {string}
         */
        DeviceType: "WEB" | "MOBILE" | "DESKTOP";
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
        /** @description `GET /api/conversations/{conversation_id}/events?after=|before=&limit=`. */
        EventPage: {
            /** @description In ascending order of `seq`, at most 200. */
            events: components["schemas"]["Event"][];
            /**
             * Format: int64
             * @description Newest position of the log.
             */
            last_seq: number;
            /**
             * Format: int64
             * @description Positions before this one are not for this device.
             */
            start_seq: number;
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
        /** @description A grant: 256 random bits, single use, bound to the new device's Ed25519 key. */
        GrantResponse: {
            /**
             * Format: int64
             * @description How long it lives, milliseconds.
             */
            expires_in_ms: number;
            /** @description The grant. */
            grant: components["schemas"]["Base64Bytes"];
        };
        /** @description `GET /health`: 200 while the node serves (Redis may be missing), 503 without PostgreSQL. */
        Health: {
            /** @description PostgreSQL. */
            database: components["schemas"]["Connectivity"];
            /** @description The node that answers. */
            node: string;
            /** @description The notification queue (it lives in PostgreSQL). */
            queue: components["schemas"]["Connectivity"];
            /** @description Redis. */
            redis: components["schemas"]["Connectivity"];
            /** @description `ok`, `degraded` (Redis is missing: slower, nothing lost), `draining` or `down`. */
            status: components["schemas"]["HealthStatus"];
        };
        /**
         * @description Health in one word.
         * @enum {string}
         */
        HealthStatus: "ok" | "degraded" | "draining" | "down";
        /** @description How far a history is, for both sides: what is missing is uploaded again, whoever asks. */
        History: {
            /**
             * Format: int64
             * @description Their ciphertext, bytes.
             */
            bytes: number;
            /**
             * Format: int32
             * @description How many chunks it may have.
             */
            chunks: number;
            /**
             * Format: int64
             * @description How long it is kept still, milliseconds.
             */
            expires_in_ms: number;
            /** @description Names it; only devices of the account may use it. */
            history_id: components["schemas"]["HistoryId"];
            /** @description The first thousand chunks that are missing, counted from 0. */
            missing: number[];
            /**
             * Format: int32
             * @description How many are stored.
             */
            stored: number;
        };
        /** @description `GET /api/history/{history_id}/chunks/{index}`. */
        HistoryChunk: {
            /** @description Ciphertext. */
            data: components["schemas"]["Base64Bytes"];
            /**
             * Format: int32
             * @description Its place, from 0.
             */
            index: number;
        };
        /**
         * Format: uuid
         * @description A history that is handed over to a new device, in chunks.
         */
        HistoryId: string;
        /** @description How far it is after an upload. */
        HistoryProgress: {
            /**
             * Format: int32
             * @description How many it may have.
             */
            chunks: number;
            /**
             * Format: int32
             * @description How many chunks are stored.
             */
            stored: number;
        };
        /** @description `POST /api/inbox/ack`: everything up to `seq` is stored by the device and deleted here. */
        InboxAckRequest: {
            /**
             * Format: int64
             * @description The position.
             */
            seq: number;
        };
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
        /** @description `GET /api/inbox?after=`. */
        InboxPage: {
            /** @description In ascending order of `seq`, at most 200. */
            items: components["schemas"]["InboxItem"][];
            /**
             * Format: int64
             * @description Newest position of the inbox.
             */
            last_seq: number;
        };
        /** @description An Ed25519 public key (RFC 8037). */
        Jwk: {
            /** @description Always `EdDSA`. */
            alg: string;
            /** @description Always `Ed25519`. */
            crv: string;
            /** @description What the `kid` of a token's header names. */
            kid: string;
            /** @description Always `OKP`. */
            kty: string;
            /** @description Always `sig`. */
            use: string;
            /** @description The public key, 32 bytes, base64url without padding. */
            x: string;
        };
        /** @description A set of JSON Web Keys (RFC 7517). */
        Jwks: {
            /** @description The keys. */
            keys: components["schemas"]["Jwk"][];
        };
        /** @description `POST /api/keys/digest`: compares the device's outstanding keys with the server's. */
        KeysDigestRequest: {
            /** @description SHA-256 over the outstanding one-time key ids, sorted by bytes, each followed by a line feed. */
            digest: components["schemas"]["Base64Bytes"];
        };
        /** @description Answer to a digest. */
        KeysDigestResponse: {
            /** @description If not: the ids that the server holds. The device drops its other private keys that it never saw used and refills. */
            key_ids?: string[] | null;
            /** @description Both sides hold the same set. */
            matches: boolean;
        };
        /**
         * @description What a cross-signing key is for.
         * @enum {string}
         */
        KeyUsage: "master" | "self_signing";
        /** @description Proof that a login comes from a device that the account knows. */
        KnownDevice: {
            /** @description From `POST /auth/challenges`, at most 60 s old, one use. */
            challenge: string;
            /** @description The device. */
            device_id: components["schemas"]["DeviceId"];
            /** @description Ed25519 by the device over the UTF-8 bytes of `sotto-login:` and the challenge. */
            signature: components["schemas"]["Base64Bytes"];
        };
        /** @description `POST /api/link/failures`, by the account's device: the other side failed a check (code, signature, digits). */
        LinkFailureRequest: {
            /** @description Where it happened; counted once. */
            rendezvous_id: components["schemas"]["RendezvousId"];
        };
        /** @description `POST /api/link/head`: what the new device checks before it completes. The grant is the credential. */
        LinkHeadRequest: {
            /** @description The grant. */
            grant: components["schemas"]["Base64Bytes"];
        };
        /** @description The account that the grant leads into. */
        LinkHeadResponse: {
            /** @description The new device's keys with the self-signing signature. */
            device_keys: components["schemas"]["DeviceKeys"];
            /** @description The entry that completion will append. */
            device_list: components["schemas"]["DeviceList"];
            /** @description The account's keys and the whole device list. */
            identity: components["schemas"]["UserIdentity"];
            /** @description The current username. */
            username: string;
        };
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
        /** @description `POST /auth/login`. */
        LoginRequest: {
            known_device?: components["schemas"]["KnownDevice"] | null;
            new_device?: components["schemas"]["NewDevice"] | null;
            /** @description The password. */
            password: string;
            /** @description The current username. */
            username: string;
        };
        /** @description `POST /auth/logout-others` (step-up): all other devices of the account are revoked. */
        LogoutOthersRequest: {
            device_list?: components["schemas"]["DeviceList"] | null;
        };
        /** @description Answer to `POST /auth/logout-others`. */
        LogoutOthersResponse: {
            /** @description One for each device that is out. */
            receipts: components["schemas"]["RevocationReceipt"][];
        };
        /** @description `POST /auth/logout`; the body may be absent. */
        LogoutRequest: {
            device_list?: components["schemas"]["DeviceList"] | null;
        };
        /** @description `POST /api/conversations/{conversation_id}/marks`. */
        MarkRequest: {
            /**
             * Format: int64
             * @description Everything up to here is on this device.
             */
            delivered_seq?: number | null;
            /**
             * Format: int64
             * @description Everything up to here is read; lower than known is ignored.
             */
            read_seq?: number | null;
        };
        /** @description `GET /api/conversations/{conversation_id}/marks`. */
        Marks: {
            /** @description Members that show their marks to the caller. */
            marks: components["schemas"]["MemberMarks"][];
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
        /** @description A member. */
        Member: {
            /**
             * Format: int64
             * @description Head of its device list.
             */
            list_version: number;
            /** @description What it may do. */
            role: components["schemas"]["Role"];
            /** @description Whether it agreed to be in. */
            state: components["schemas"]["MemberState"];
            /** @description The account. */
            user_id: components["schemas"]["UserId"];
            /** @description The current username. */
            username: string;
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
        /** @description Answer to a change of membership. */
        MembershipResponse: {
            /** @description The conversation. For a direct one that existed already it is the one that exists. */
            conversation_id: components["schemas"]["ConversationId"];
            /**
             * Format: int64
             * @description The roster from now on.
             */
            roster_version: number;
            /**
             * Format: int64
             * @description Position of the event in the log.
             */
            seq: number;
        };
        /**
         * @description Whether a member has agreed to be in.
         * @enum {string}
         */
        MemberState: "requested" | "joined";
        /** @description Name and type of a device, told by itself. */
        NewDevice: {
            /** @description What kind of installation it is. */
            device_type: components["schemas"]["DeviceType"];
            /** @description 1 to 64 characters. */
            name: string;
        };
        /** @description Somebody who comes in, with the identity that the acting member vouches for. */
        NewMember: {
            /** @description Its Ed25519 master key as the acting device knows it, unpadded base64. */
            master_key: string;
            /** @description What it may do. */
            role: components["schemas"]["Role"];
            /** @description The account. */
            user_id: components["schemas"]["UserId"];
        };
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
        /** @description How many one-time keys are stored now. */
        OneTimeKeyCount: {
            /**
             * Format: int64
             * @description Keys that can still be claimed.
             */
            one_time_keys: number;
        };
        /**
         * @description One-time or fallback keys: key id to key.
         *
         *     A key id is `signed_curve25519:` and 1 to 32 of `A-Z a-z 0-9 + / _ -`, chosen by the device and never used
         *     again.
         */
        OneTimeKeys: {
            [key: string]: components["schemas"]["SignedOneTimeKey"];
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
        /**
         * @description `PUT /api/backup`: begins a backup; the sessions of the one before are deleted, which needs a fresh authentication
         *     (step-up) unless a device left the account since it was begun.
         */
        PutBackupRequest: {
            /** @description The new descriptor. */
            descriptor: components["schemas"]["BackupDescriptor"];
        };
        /** @description `POST /api/backup/{version}/sessions`. */
        PutBackupSessionsRequest: {
            /** @description At most 200, each session once. */
            sessions: components["schemas"]["BackupSession"][];
        };
        /** @description `PUT /api/history/{history_id}/chunks/{index}`: the same again changes nothing. */
        PutHistoryChunkRequest: {
            /** @description Ciphertext, 1 byte to 256 KiB. */
            data: components["schemas"]["Base64Bytes"];
        };
        /**
         * @description `PUT /api/recovery/key`: publishes the recovery key's public half. A further one (step-up) comes with the bundle under
         *     the new recovery key, in one step: the old key opens nothing any more, and the backup that was sealed to it is gone.
         */
        PutRecoveryKeyRequest: {
            recovery_bundle?: components["schemas"]["Base64Bytes"] | null;
            /** @description The public half; its version follows the one before. */
            recovery_key: components["schemas"]["RecoveryPublicKey"];
        };
        /** @description `PUT /api/recovery` (step-up): a new recovery key's bundle voids the old one. */
        PutRecoveryRequest: {
            /** @description Secrets encrypted under the recovery key, at most 16 KiB. */
            recovery_bundle: components["schemas"]["Base64Bytes"];
        };
        /** @description `PUT /api/rendezvous/{rendezvous_id}`: replaces what the slot holds. */
        PutRendezvousRequest: {
            /** @description At most 4,096 bytes. */
            data: components["schemas"]["Base64Bytes"];
            /** @description Names what is replaced: the newest token that the writer has seen. */
            sequence_token: string;
        };
        /** @description The slot was written. */
        PutRendezvousResponse: {
            /**
             * Format: int64
             * @description How long it lives still, milliseconds.
             */
            expires_in_ms: number;
            /** @description Names what the slot holds now. */
            sequence_token: string;
        };
        /** @description `POST /api/keys/query`: identities of people that the caller shares a conversation with (or itself). */
        QueryKeysRequest: {
            /** @description User to the `list_version` that the caller knows, 0 for none; at most 250. */
            users: {
                [key: string]: number;
            };
        };
        /** @description Identities; users that don't exist and strangers are absent alike. */
        QueryKeysResponse: {
            /** @description One for each user found. */
            identities: components["schemas"]["UserIdentity"][];
        };
        /**
         * @description The public half of what the recovery key opens: backup keys are sealed to it by devices that do not know the recovery
         *     key. Signed by the master key.
         */
        RecoveryPublicKey: {
            /** @description X25519 public key, unpadded base64. */
            curve25519: string;
            /** @description By the master key. */
            signatures?: components["schemas"]["Signatures"];
            /** @description The account. */
            user_id: components["schemas"]["UserId"];
            /**
             * Format: int64
             * @description 1, 2, 3, ...: one more with every recovery key. Clients refuse a lower one than they have seen.
             */
            version: number;
        };
        /** @description `GET /api/recovery` (step-up): for a device of the account, verified or not. */
        RecoveryResponse: {
            /** @description The account's keys and the whole device list. */
            identity: components["schemas"]["UserIdentity"];
            /** @description Secrets encrypted under the recovery key. */
            recovery_bundle: components["schemas"]["Base64Bytes"];
        };
        /** @description `POST /auth/refresh`. */
        RefreshRequest: {
            /** @description The newest refresh token. A replay within 60 s of its first use gives the same successor. */
            refresh_token: string;
        };
        /** @description `POST /auth/register`: an account with its first device. */
        RegisterRequest: {
            /** @description `person`; an assistant can't register here (`forbidden`). */
            account_type?: components["schemas"]["AccountType"];
            /** @description Name and type of the first device. */
            device: components["schemas"]["NewDevice"];
            /** @description Signed by the device and the self-signing key; its `device_id` is a fresh UUID chosen by the client. */
            device_keys: components["schemas"]["DeviceKeys"];
            /** @description Entry 1 of the device list, authored by the master key. */
            device_list: components["schemas"]["DeviceList"];
            /** @description Exactly one. */
            fallback_key: components["schemas"]["OneTimeKeys"];
            /** @description The account's identity; its `user_id` is a fresh UUID (version 4 or 7) chosen by the client. */
            master_key: components["schemas"]["CrossSigningKey"];
            /** @description At most 50. */
            one_time_keys: components["schemas"]["OneTimeKeys"];
            /** @description 8 to 256 characters. */
            password: string;
            /** @description Secrets encrypted under the recovery key, opaque to the server. */
            recovery_bundle: components["schemas"]["Base64Bytes"];
            /** @description Signed by the master key. */
            self_signing_key: components["schemas"]["CrossSigningKey"];
            /** @description 3 to 32 of `a-z 0-9 _ . -`, starting with a letter. Can change later. */
            username: string;
        };
        /** @description `PATCH /api/devices/{device_id}`. */
        RenameDeviceRequest: {
            /** @description 1 to 64 characters. */
            name: string;
        };
        /** @description `GET /api/rendezvous/{rendezvous_id}?after=&wait_ms=`. */
        Rendezvous: {
            /** @description What it holds. */
            data: components["schemas"]["Base64Bytes"];
            /**
             * Format: int64
             * @description How long it lives still, milliseconds.
             */
            expires_in_ms: number;
            /** @description For the account's device only, once both have been heard of: whether they come from the same network. */
            same_network?: boolean | null;
            /** @description Names what the slot holds; equal to `after` when nothing came within `wait_ms`. */
            sequence_token: string;
        };
        /**
         * Format: uuid
         * @description A rendezvous of two devices: 128 random bits, all of them, and a secret of those two.
         */
        RendezvousId: string;
        /**
         * @description `POST /api/account/identity` (step-up): for who lost the recovery key, or thinks that somebody else has it. All other
         *     devices are out, contacts are warned and have to accept the new master key.
         */
        ResetIdentityRequest: {
            /** @description The calling device's keys, the same as before, signed by itself and the new self-signing key. */
            device_keys: components["schemas"]["DeviceKeys"];
            /** @description Entry 1 of a new list, authored by the new master key, with the calling device alone. */
            device_list: components["schemas"]["DeviceList"];
            /** @description The new master key, never used before. */
            master_key: components["schemas"]["CrossSigningKey"];
            /** @description Secrets encrypted under a new recovery key. */
            recovery_bundle: components["schemas"]["Base64Bytes"];
            recovery_key?: components["schemas"]["RecoveryPublicKey"] | null;
            /** @description The new self-signing key, signed by it. */
            self_signing_key: components["schemas"]["CrossSigningKey"];
        };
        /** @description The account has the new identity. */
        ResetIdentityResponse: {
            /**
             * Format: int64
             * @description Conversations whose roster moved on.
             */
            conversations_bumped: number;
            /**
             * Format: int64
             * @description Head of the new list: 1.
             */
            list_version: number;
            /** @description One for each device that is out. */
            receipts: components["schemas"]["RevocationReceipt"][];
        };
        /** @description What a revocation did. */
        RevocationReceipt: {
            /**
             * Format: int64
             * @description Conversations whose roster moved on: their members are told, and refused until they know.
             */
            conversations_bumped: number;
            /** @description The device. */
            device_id: components["schemas"]["DeviceId"];
            /**
             * Format: int64
             * @description Further devices of the account that are told.
             */
            devices_told: number;
            /**
             * Format: int64
             * @description Fallback keys destroyed: one or none.
             */
            fallback_keys_deleted: number;
            /**
             * Format: int64
             * @description Envelopes and notices destroyed.
             */
            inbox_items_deleted: number;
            /**
             * Format: int64
             * @description Head of the device list now.
             */
            list_version: number;
            /**
             * Format: int64
             * @description One-time keys destroyed.
             */
            one_time_keys_deleted: number;
            /**
             * Format: int64
             * @description Refresh tokens destroyed; access tokens are refused from now on.
             */
            refresh_tokens_deleted: number;
            /**
             * Format: int64
             * @description When.
             */
            revoked_at_ms: number;
            /**
             * Format: int64
             * @description Sockets of the device that were open, on whatever node, and are closed.
             */
            sockets_closed: number;
            /**
             * @description Some may be open still, since Redis is away or a node has not answered within two seconds. They are closed within
             *     ten, and get nothing more.
             */
            sockets_pending: boolean;
        };
        /** @description `POST /api/devices/{device_id}/revoke` (step-up, but for the device itself). */
        RevokeDeviceRequest: {
            device_list?: components["schemas"]["DeviceList"] | null;
        };
        /**
         * @description What a member may do.
         * @enum {string}
         */
        Role: "member" | "admin";
        /**
         * @description `GET /api/conversations/{conversation_id}/roster?since=&chain_since=`: who and which devices to encrypt for.
         *
         *     A long chain comes in pages. Each page but the last has `chain_next` and holds links only; a client puts the links
         *     of all pages together before it looks at the members, which the last page has.
         */
        Roster: {
            /** @description Links of the membership chain after `chain_since`, oldest first, at most 200 and about 512 KiB. */
            chain: components["schemas"]["MembershipChange"][];
            /**
             * Format: int64
             * @description There are more links: ask again, with this as `chain_since` and the same `since`. Absent on the last page.
             */
            chain_next?: number | null;
            /** @description The conversation. */
            conversation_id: components["schemas"]["ConversationId"];
            /**
             * @description Identities that changed after `since` (all with `since=0`), each with its list entries; empty before the last
             *     page.
             */
            identities: components["schemas"]["UserIdentity"][];
            /** @description Everybody who is in now; empty before the last page. */
            members: components["schemas"]["Member"][];
            /**
             * Format: int64
             * @description The version that a send names.
             */
            roster_version: number;
        };
        /** @description `POST /api/conversations/{conversation_id}/envelopes`: key shares ahead of a message, or requests for keys. */
        SendEnvelopesRequest: {
            /** @description At most 500. */
            envelopes: components["schemas"]["EnvelopeUpload"][];
            /**
             * Format: int64
             * @description The roster that they were encrypted for.
             */
            roster_version: number;
            /** @description Idempotency key. */
            txn_id: components["schemas"]["TxnId"];
        };
        /** @description Answer to envelopes. */
        SendEnvelopesResponse: {
            /**
             * Format: int64
             * @description How many were put into inboxes; the others met a full inbox, whose device gets a gap notice.
             */
            stored: number;
        };
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
        /** @description The acknowledgement: the message is committed. */
        SendResponse: {
            /**
             * Format: int64
             * @description When it was stored.
             */
            created_at_ms: number;
            /**
             * Format: int64
             * @description Its position in the log.
             */
            seq: number;
            /** @description The client's own id of it. */
            txn_id: components["schemas"]["TxnId"];
        };
        /** @description Answer to registering, login and linking. */
        SessionResponse: components["schemas"]["TokenPair"] & {
            /** @description The device. */
            device_id: components["schemas"]["DeviceId"];
            /** @description The account. */
            user_id: components["schemas"]["UserId"];
            /** @description Whether the device is signed by the account. */
            verified: boolean;
        };
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
        /** @description A one-time or fallback key, signed by its device (Matrix `signed_curve25519`). */
        SignedOneTimeKey: {
            /** @description `true` on a fallback key, absent on a one-time key; part of what is signed. */
            fallback?: boolean | null;
            /** @description Curve25519 public key, unpadded base64. */
            key: string;
            /** @description The device's signature. */
            signatures: components["schemas"]["Signatures"];
        };
        /** @description `POST /auth/step-up`: a fresh authentication of the same device, good for 5 minutes. */
        StepUpRequest: {
            /** @description The password. */
            password: string;
        };
        /** @description An access token that carries the time of the fresh authentication. */
        StepUpResponse: {
            /** @description EdDSA JWT, 10 minutes. */
            access_token: string;
            /**
             * Format: int64
             * @description How long the access token lives, milliseconds.
             */
            expires_in_ms: number;
            /**
             * Format: int64
             * @description How long it counts as fresh, milliseconds.
             */
            fresh_for_ms: number;
        };
        /** @description `POST /api/ws-tickets`. */
        TicketResponse: {
            /**
             * Format: int64
             * @description How long it may be used, milliseconds.
             */
            expires_in_ms: number;
            /** @description One use: `/ws?ticket=` or the subprotocol `ticket.<ticket>`. */
            ticket: string;
        };
        /** @description Tokens of one device. */
        TokenPair: {
            /** @description EdDSA JWT, 10 minutes. */
            access_token: string;
            /**
             * Format: int64
             * @description How long the access token lives, milliseconds.
             */
            expires_in_ms: number;
            /** @description Opaque; each refresh gives the next one. */
            refresh_token: string;
            /** @description Always `Bearer`. */
            token_type: string;
        };
        /**
         * Format: uuid
         * @description A client's own id of one send: the idempotency key within (conversation, device).
         */
        TxnId: string;
        /** @description `PATCH /api/account`: only what is present changes. */
        UpdateAccountRequest: {
            /** @description Keep read marks and presence from others (and theirs from this account). */
            private_receipts?: boolean | null;
            /** @description A new username. */
            username?: string | null;
        };
        /** @description `POST /api/keys/one-time`: all or nothing; the same id with the same bytes again is accepted. */
        UploadKeysRequest: {
            /** @description At most one; replaces the fallback key stored. */
            fallback_key?: components["schemas"]["OneTimeKeys"];
            /** @description At most 50, `signed_curve25519:<id>`. */
            one_time_keys?: components["schemas"]["OneTimeKeys"];
        };
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
        /** @description `GET /api/users/by-name/{username}`: exact names only. */
        UserSummary: {
            /** @description Who is behind it. */
            account_type: components["schemas"]["AccountType"];
            /**
             * @description The account's identity, which the first link of a conversation with it has to name. Its devices and their keys
             *     are told to nobody before that.
             */
            master_key: components["schemas"]["CrossSigningKey"];
            /** @description The account. */
            user_id: components["schemas"]["UserId"];
            /** @description The current username. */
            username: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_jwks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Jwks"];
                };
            };
        };
    };
    get_account: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_account: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `step_up_required`: A fresh authentication is needed. `device_on_probation`: A device linked recently can't do this yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_account: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateAccountRequest"];
            };
        };
        responses: {
            /** @description The account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `username_taken`: The username is taken */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_audit: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                before?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reset_identity: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResetIdentityRequest"];
            };
        };
        responses: {
            /** @description The account has the new identity */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResetIdentityResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape. `invalid_key`: A key is not acceptable. `invalid_signature`: A signature does not verify */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `step_up_required`: A fresh authentication is needed. `device_on_probation`: A device linked recently can't do this yet. `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `chain_conflict`: The signed chain has a newer entry. `limit_reached`: A limit is reached */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePasswordRequest"];
            };
        };
        responses: {
            /** @description The password is changed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `step_up_required`: A fresh authentication is needed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_backup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Backup"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_backup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutBackupRequest"];
            };
        };
        responses: {
            /** @description It takes sessions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Backup"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape. `invalid_key`: A key is not acceptable. `invalid_signature`: A signature does not verify */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `step_up_required`: A fresh authentication is needed. `device_on_probation`: A device linked recently can't do this yet. `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `chain_conflict`: The signed chain has a newer entry. `recovery_key_replaced`: The recovery key was replaced */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_backup_sessions: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                /** @description Version of its descriptor. */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupPage"];
                };
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `chain_conflict`: The signed chain has a newer entry */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_backup_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Version of its descriptor. */
                version: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutBackupSessionsRequest"];
            };
        };
        responses: {
            /** @description They are stored */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupCount"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `chain_conflict`: The signed chain has a newer entry. `limit_reached`: A limit is reached */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_blocks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The people */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlockList"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    block_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The person. */
                user_id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person is blocked */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unblock_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The person. */
                user_id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person is not blocked */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_conversations: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                after?: components["schemas"]["ConversationId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, ordered by id */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversations"];
                };
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateConversationRequest"];
            };
        };
        responses: {
            /** @description The conversation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MembershipResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape. `invalid_signature`: A signature does not verify */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `forbidden`: Not allowed. `blocked`: One of the two people blocked the other */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `already_exists`: It exists already. `chain_conflict`: The signed chain has a newer entry. `limit_reached`: A limit is reached */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The conversation. */
                conversation_id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The conversation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accept_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The conversation. */
                conversation_id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The conversation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    decline_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The conversation. */
                conversation_id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller is out */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    send_envelopes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The conversation. */
                conversation_id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendEnvelopesRequest"];
            };
        };
        responses: {
            /** @description How many found room */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SendEnvelopesResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `blocked`: One of the two people blocked the other */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `already_exists`: It exists already. `stale_roster`: The roster changed; encrypt again for the current one */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unknown_recipient`: An envelope is for a device outside the roster */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_events: {
        parameters: {
            query?: {
                /** @description Events after this position; 0, the default, begins at the first for this device. Not together with `before`. */
                after?: number;
                /** @description The newest events before this position. */
                before?: number;
                /** @description 1 to 200; 100 unless given. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The conversation. */
                conversation_id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_marks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The conversation. */
                conversation_id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The marks */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Marks"];
                };
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    raise_marks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The conversation. */
                conversation_id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MarkRequest"];
            };
        };
        responses: {
            /** @description They will be raised */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_membership: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The conversation. */
                conversation_id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeMembershipRequest"];
            };
        };
        responses: {
            /** @description The change is in the log */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MembershipResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape. `invalid_signature`: A signature does not verify */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `forbidden`: Not allowed. `blocked`: One of the two people blocked the other */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `chain_conflict`: The signed chain has a newer entry. `limit_reached`: A limit is reached */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    send_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The conversation. */
                conversation_id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendMessage"];
            };
        };
        responses: {
            /** @description Committed at this position */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SendResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `blocked`: One of the two people blocked the other */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `stale_roster`: The roster changed; encrypt again for the current one. `out_of_order`: The message before this one is not stored. `duplicate_txn`: The transaction id was used for another message */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unknown_recipient`: An envelope is for a device outside the roster */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The conversation. */
                conversation_id: components["schemas"]["ConversationId"];
                /** @description Its position */
                seq: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The removal's position */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SendResponse"];
                };
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_roster: {
        parameters: {
            query?: {
                /** @description Links of the membership chain after this index; 0, the default, from the first on. */
                chain_since?: number;
                /** @description Identities that changed after this roster version; 0, the default, for all. */
                since?: number;
            };
            header?: never;
            path: {
                /** @description The conversation. */
                conversation_id: components["schemas"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The roster */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Roster"];
                };
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_devices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The devices, oldest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Devices"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rename_device: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The device. */
                device_id: components["schemas"]["DeviceId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RenameDeviceRequest"];
            };
        };
        responses: {
            /** @description The device */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_device: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The device. */
                device_id: components["schemas"]["DeviceId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RevokeDeviceRequest"];
            };
        };
        responses: {
            /** @description The device is out */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevocationReceipt"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape. `invalid_key`: A key is not acceptable. `invalid_signature`: A signature does not verify */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `step_up_required`: A fresh authentication is needed. `device_on_probation`: A device linked recently can't do this yet. `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `chain_conflict`: The signed chain has a newer entry. `limit_reached`: A limit is reached */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_history: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateHistoryRequest"];
            };
        };
        responses: {
            /** @description Its chunks can be uploaded */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `device_on_probation`: A device linked recently can't do this yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `limit_reached`: A limit is reached */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_history: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The history. */
                history_id: components["schemas"]["HistoryId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How far it is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_history: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The history. */
                history_id: components["schemas"]["HistoryId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_history_chunk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The history. */
                history_id: components["schemas"]["HistoryId"];
                /** @description Its place, from 0. */
                index: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The chunk */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryChunk"];
                };
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_history_chunk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The history. */
                history_id: components["schemas"]["HistoryId"];
                /** @description Its place, from 0. */
                index: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutHistoryChunkRequest"];
            };
        };
        responses: {
            /** @description It is stored */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryProgress"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `already_exists`: It exists already. `limit_reached`: A limit is reached */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_inbox: {
        parameters: {
            query?: {
                /** @description Items after this position. */
                after?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, at most 200 items */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InboxPage"];
                };
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ack_inbox: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InboxAckRequest"];
            };
        };
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    claim_keys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClaimKeysRequest"];
            };
        };
        responses: {
            /** @description The keys */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClaimKeysResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    compare_keys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeysDigestRequest"];
            };
        };
        responses: {
            /** @description Whether they are the same */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeysDigestResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    upload_keys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UploadKeysRequest"];
            };
        };
        responses: {
            /** @description How many are stored now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OneTimeKeyCount"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape. `invalid_key`: A key is not acceptable. `invalid_signature`: A signature does not verify */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `key_conflict`: A key id is stored with another key. `limit_reached`: A limit is reached */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    query_keys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QueryKeysRequest"];
            };
        };
        responses: {
            /** @description The identities found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueryKeysResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    complete_link: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompleteLinkRequest"];
            };
        };
        responses: {
            /** @description The tokens of the new device */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape. `invalid_key`: A key is not acceptable. `invalid_signature`: A signature does not verify */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed. `grant_rejected`: The link grant is not valid */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `already_exists`: It exists already. `chain_conflict`: The signed chain has a newer entry. `limit_reached`: A limit is reached */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    report_link_failure: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkFailureRequest"];
            };
        };
        responses: {
            /** @description It is counted, once a rendezvous */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. `linking_locked`: Linking failed too often; it is locked for an hour */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_grant: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateGrantRequest"];
            };
        };
        responses: {
            /** @description The grant, for one use within five minutes */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GrantResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape. `invalid_key`: A key is not acceptable. `invalid_signature`: A signature does not verify */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `step_up_required`: A fresh authentication is needed. `device_on_probation`: A device linked recently can't do this yet. `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `already_exists`: It exists already. `chain_conflict`: The signed chain has a newer entry. `limit_reached`: A limit is reached */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. `linking_locked`: Linking failed too often; it is locked for an hour */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_link_head: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LinkHeadRequest"];
            };
        };
        responses: {
            /** @description The account that the grant leads into */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkHeadResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `grant_rejected`: The link grant is not valid */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_recovery: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bundle and the account's identity */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryResponse"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `step_up_required`: A fresh authentication is needed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_recovery: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutRecoveryRequest"];
            };
        };
        responses: {
            /** @description The bundle is replaced */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `step_up_required`: A fresh authentication is needed. `device_on_probation`: A device linked recently can't do this yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    complete_recovery: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompleteRecoveryRequest"];
            };
        };
        responses: {
            /** @description The tokens of the full device */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape. `invalid_key`: A key is not acceptable. `invalid_signature`: A signature does not verify */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `step_up_required`: A fresh authentication is needed. `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `already_exists`: It exists already. `chain_conflict`: The signed chain has a newer entry. `limit_reached`: A limit is reached */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_recovery_key: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutRecoveryKeyRequest"];
            };
        };
        responses: {
            /** @description It is published; what the old one opened is void */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape. `invalid_key`: A key is not acceptable. `invalid_signature`: A signature does not verify */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `step_up_required`: A fresh authentication is needed. `device_on_probation`: A device linked recently can't do this yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `chain_conflict`: The signed chain has a newer entry */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_rendezvous: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateRendezvousRequest"];
            };
        };
        responses: {
            /** @description It is open, for five minutes */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreateRendezvousResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `step_up_required`: A fresh authentication is needed. `device_on_probation`: A device linked recently can't do this yet. `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. `linking_locked`: Linking failed too often; it is locked for an hour */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now. `linking_unavailable`: Devices can't be linked right now; everything else works */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_rendezvous: {
        parameters: {
            query?: {
                /** @description The newest `sequence_token` that the caller has seen: the answer waits until there is another. */
                after?: string;
                /** @description How long it waits, milliseconds, at most 25,000, which is the default. */
                wait_ms?: number;
            };
            header?: never;
            path: {
                /** @description The rendezvous. */
                rendezvous_id: components["schemas"]["RendezvousId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What it holds, old or new */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rendezvous"];
                };
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now. `linking_unavailable`: Devices can't be linked right now; everything else works */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_rendezvous: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The rendezvous. */
                rendezvous_id: components["schemas"]["RendezvousId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutRendezvousRequest"];
            };
        };
        responses: {
            /** @description It is written */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PutRendezvousResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `sequence_conflict`: The slot was written by the other side */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now. `linking_unavailable`: Devices can't be linked right now; everything else works */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end_rendezvous: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The rendezvous. */
                rendezvous_id: components["schemas"]["RendezvousId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is over */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now. `linking_unavailable`: Devices can't be linked right now; everything else works */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    claim_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClaimCodeRequest"];
            };
        };
        responses: {
            /** @description The rendezvous */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClaimCodeResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests. `linking_locked`: Linking failed too often; it is locked for an hour */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now. `linking_unavailable`: Devices can't be linked right now; everything else works */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_user_by_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The whole name */
                username: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserSummary"];
                };
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_ticket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A ticket */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TicketResponse"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_challenge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The challenge */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChallengeResponse"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginRequest"];
            };
        };
        responses: {
            /** @description The tokens of the device */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `wrong_credentials`: Username or password is wrong. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["LogoutRequest"] | null;
            };
        };
        responses: {
            /** @description The tokens are void */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape. `invalid_key`: A key is not acceptable. `invalid_signature`: A signature does not verify */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `chain_conflict`: The signed chain has a newer entry. `limit_reached`: A limit is reached */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logout_others: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LogoutOthersRequest"];
            };
        };
        responses: {
            /** @description They are out */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogoutOthersResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape. `invalid_key`: A key is not acceptable. `invalid_signature`: A signature does not verify */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_unverified`: This device is not linked to its account yet. `step_up_required`: A fresh authentication is needed. `device_on_probation`: A device linked recently can't do this yet. `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `chain_conflict`: The signed chain has a newer entry. `limit_reached`: A limit is reached */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            /** @description The next tokens */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenPair"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `refresh_rejected`: The refresh token is not valid any more. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterRequest"];
            };
        };
        responses: {
            /** @description The account and the tokens of its first device */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape. `invalid_key`: A key is not acceptable. `invalid_signature`: A signature does not verify */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `already_exists`: It exists already. `username_taken`: The username is taken. `chain_conflict`: The signed chain has a newer entry. `limit_reached`: A limit is reached */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    step_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StepUpRequest"];
            };
        };
        responses: {
            /** @description A fresh access token */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StepUpResponse"];
                };
            };
            /** @description `malformed_json`: The body is not well-formed JSON. `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: A valid access token is needed. `token_expired`: The access token has expired. `wrong_credentials`: Username or password is wrong. `device_revoked`: This device was revoked */
            401: {
                headers: {
                    /** @description `Bearer` */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request took too long */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal`: The server failed */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It serves, perhaps degraded (Redis is missing) or draining */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description PostgreSQL is missing */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    get_liveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_readiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It should */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description It drains, or PostgreSQL is missing */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    open_socket: {
        parameters: {
            query?: {
                /** @description From POST /api/ws-tickets, one use. */
                ticket?: string;
                /** @description An access token; operators can switch this off. */
                token?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Frames as in asyncapi.json, subprotocol sotto.v1. */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: The request does not have the documented shape */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `foreign_origin`: Requests from this origin are not accepted */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `upgrade_required`: A WebSocket upgrade is needed */
            426: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `rate_limited`: Too many requests */
            429: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unavailable`: The service is not available right now. `node_full`: This node takes no new connections */
            503: {
                headers: {
                    /** @description `retry_after_ms` of the problem in seconds, rounded up; absent where the problem has none */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
