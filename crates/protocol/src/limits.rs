//! Limits that clients and servers share. Operators can lower most of them in the configuration, not raise these.

/// Largest ciphertext of one event, bytes.
pub const MAX_EVENT_BYTES: usize = 64 * 1024;
/// Largest body of a send (event and envelopes), bytes of JSON.
pub const MAX_SEND_BODY_BYTES: usize = 512 * 1024;
/// Largest body of every other request, bytes of JSON.
pub const MAX_BODY_BYTES: usize = 256 * 1024;
/// Largest WebSocket frame that a node reads, bytes. A `send` frame wraps a send body.
pub const MAX_FRAME_BYTES: usize = MAX_SEND_BODY_BYTES + 1024;
/// Deepest nesting of JSON that a node parses.
pub const MAX_JSON_DEPTH: usize = 32;
/// Envelopes in one page of `POST /api/conversations/{id}/envelopes`, and in one send.
pub const MAX_ENVELOPES_PER_PAGE: usize = 500;
/// Largest Olm ciphertext in an envelope, bytes.
pub const MAX_ENVELOPE_BYTES: usize = 8 * 1024;
/// Members of a group, by default; the configuration can change it up to `MAX_GROUP_MEMBERS_CEILING`.
pub const MAX_GROUP_MEMBERS: usize = 1_000;
/// The most that the configuration may allow.
pub const MAX_GROUP_MEMBERS_CEILING: usize = 10_000;
/// Conversations of one user.
pub const MAX_MEMBERSHIPS_PER_USER: usize = 2_000;
/// Active devices of one user.
pub const MAX_DEVICES_PER_USER: usize = 20;
/// Unverified devices of one user; a further login replaces the oldest.
pub const MAX_UNVERIFIED_DEVICES_PER_USER: usize = 3;
/// One-time keys in one upload.
pub const MAX_ONE_TIME_KEYS_PER_UPLOAD: usize = 50;
/// One-time keys kept for a device.
pub const MAX_ONE_TIME_KEYS_STORED: usize = 100;
/// At this many one-time keys left the owner is told.
pub const ONE_TIME_KEYS_LOW_WATER: i64 = 20;
/// Devices in one claim.
pub const MAX_CLAIM_DEVICES: usize = 500;
/// Users in one key query.
pub const MAX_QUERY_USERS: usize = 250;
/// Events in one page of history.
pub const MAX_EVENTS_PER_PAGE: i64 = 200;
/// Events of one conversation in one sync page.
pub const MAX_SYNC_EVENTS_PER_CONVERSATION: i64 = 50;
/// Links of a membership chain in one page of a roster.
pub const MAX_CHAIN_LINKS_PER_PAGE: i64 = 200;
/// JSON of the links in such a page, bytes; a longer link stands alone.
pub const MAX_CHAIN_PAGE_BYTES: i64 = 512 * 1024;
/// Conversations in one sync page.
pub const MAX_SYNC_CONVERSATIONS_PER_PAGE: i64 = 200;
/// Inbox items in one page.
pub const MAX_INBOX_ITEMS_PER_PAGE: i64 = 200;
/// Undelivered envelopes that one sender device may have waiting in one inbox; beyond it they become a gap notice.
pub const MAX_INBOX_ITEMS_PER_SENDER: i64 = 200;
/// Undelivered items in one inbox; beyond it envelopes become a gap notice.
pub const MAX_INBOX_ITEMS: i64 = 20_000;
/// Length of a username, characters.
pub const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 3..=32;
/// Length of a password, characters.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=256;
/// Length of a device's name, characters.
pub const MAX_DEVICE_NAME_CHARS: usize = 64;
/// Largest encrypted recovery bundle, bytes.
pub const MAX_RECOVERY_BUNDLE_BYTES: usize = 16 * 1024;
/// Longest retention of a conversation with disappearing messages, milliseconds (one year).
pub const MAX_RETENTION_MS: i64 = 365 * 24 * 3600 * 1000;
/// Shortest retention, milliseconds.
pub const MIN_RETENTION_MS: i64 = 1_000;
/// Most that the slot of a rendezvous holds, bytes.
pub const MAX_RENDEZVOUS_BYTES: usize = 4_096;
/// Rendezvous open at once in the whole cluster; further ones are refused, none is ended for another.
pub const MAX_OPEN_RENDEZVOUS: u64 = 10_000;
/// Members from which on a group's delivered marks are spread.
pub const MARK_SPREAD_MEMBERS: usize = 50;
/// The longest that a device keeps a delivered mark back, milliseconds.
pub const MAX_MARK_SPREAD_MS: u64 = 30_000;
/// Life of a rendezvous, fixed when it is made, milliseconds.
pub const RENDEZVOUS_TTL_MS: u64 = 5 * 60 * 1000;
/// Writes into one rendezvous: linking takes six.
pub const MAX_RENDEZVOUS_WRITES: u32 = 32;
/// Longest that a read of a rendezvous is held, milliseconds.
pub const MAX_RENDEZVOUS_WAIT_MS: u64 = 25_000;
/// Chunks of one history that is handed over.
pub const MAX_HISTORY_CHUNKS: u32 = 4_096;
/// Largest chunk, bytes.
pub const MAX_HISTORY_CHUNK_BYTES: usize = 256 * 1024;
/// Histories of one account that are kept at once.
pub const MAX_HISTORIES_PER_USER: i64 = 3;
/// Their ciphertext together, bytes.
pub const MAX_HISTORY_BYTES_PER_USER: i64 = 512 * 1024 * 1024;
/// Missing chunks that are named at once.
pub const MAX_HISTORY_MISSING: i64 = 1_000;
/// Sessions in one page of the key backup, up or down.
pub const MAX_BACKUP_SESSIONS_PER_PAGE: i64 = 200;
/// Largest encrypted session in the key backup, bytes.
pub const MAX_BACKUP_SESSION_BYTES: usize = 2 * 1024;
/// Sessions in the key backup of one account.
pub const MAX_BACKUP_SESSIONS: i64 = 200_000;
/// Entries in one page of an account's audit log.
pub const MAX_AUDIT_ENTRIES_PER_PAGE: i64 = 100;
/// Length of a code to be typed, characters of Crockford's base 32.
pub const LINK_CODE_CHARS: usize = 8;
/// Failures within an hour after which an account links nobody for an hour.
pub const MAX_LINK_FAILURES: i64 = 5;

/// Time over which the devices of a conversation with so many members spread a delivered mark, milliseconds: five a
/// member. Each waits a random part of it, since all of a big group would answer one message at the same moment; what
/// comes while it waits goes with the same mark.
#[must_use]
pub const fn mark_spread_ms(members: usize) -> u64 {
    if members < MARK_SPREAD_MEMBERS {
        return 0;
    }
    let spread = 5 * members as u64;
    if spread < MAX_MARK_SPREAD_MS { spread } else { MAX_MARK_SPREAD_MS }
}
