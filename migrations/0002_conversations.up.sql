-- Conversations, their logs, inboxes and outboxes. Positions are allocated under a row lock: no sequences.

CREATE TABLE conversations (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('direct', 'group')),
    -- '<smaller user id>:<larger user id>' of a direct conversation: one for each pair.
    direct_key text UNIQUE,
    -- One of the two people of a direct conversation blocked the other.
    blocked boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    roster_version bigint NOT NULL DEFAULT 1,
    -- Head and folded state of the membership chain (sotto-identity's MembershipState).
    membership_index bigint NOT NULL,
    membership_state jsonb NOT NULL,
    retention_ms bigint,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id()
) WITH (fillfactor = 70);

CREATE TABLE members (
    conversation_id uuid NOT NULL REFERENCES conversations (id),
    user_id uuid NOT NULL REFERENCES users (id),
    role text NOT NULL CHECK (role IN ('member', 'admin')),
    state text NOT NULL CHECK (state IN ('requested', 'joined')),
    -- Positions before this one are not for this member.
    start_seq bigint NOT NULL,
    -- The roster_version at which this member came, went, or its devices changed.
    roster_changed_version bigint NOT NULL,
    left_at timestamptz,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (conversation_id, user_id)
);
CREATE INDEX members_user ON members (user_id, conversation_id) WHERE left_at IS NULL;

-- Devices linked after their account came into the conversation start later than the member.
CREATE TABLE device_starts (
    conversation_id uuid NOT NULL REFERENCES conversations (id),
    device_id uuid NOT NULL REFERENCES devices (id),
    start_seq bigint NOT NULL,
    PRIMARY KEY (conversation_id, device_id)
);

CREATE TABLE marks (
    conversation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    delivered_seq bigint NOT NULL DEFAULT 0,
    read_seq bigint NOT NULL DEFAULT 0,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (conversation_id, user_id)
) WITH (fillfactor = 60);

CREATE TABLE events (
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    kind smallint NOT NULL, -- 1 message, 2 membership, 3 removal
    sender_user_id uuid NOT NULL,
    sender_device_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    -- message; session_id and ciphertext are NULL once the content is gone
    txn_id uuid,
    body_hash bytea,
    session_id bytea,
    ciphertext bytea,
    expires_at timestamptz,
    gone smallint, -- 1 removed, 2 expired
    -- membership
    change jsonb,
    -- removal
    target_seq bigint,
    PRIMARY KEY (conversation_id, seq)
);
-- The idempotency key. Rows outlive their content, so a retry never stores a message twice.
CREATE UNIQUE INDEX events_txn ON events (conversation_id, sender_device_id, txn_id) WHERE txn_id IS NOT NULL;
CREATE INDEX events_membership ON events (conversation_id, seq) WHERE kind = 2;
CREATE INDEX events_expiry ON events (expires_at) WHERE expires_at IS NOT NULL AND gone IS NULL;

-- Counters apart from devices, so that a send never waits for a device's row.
CREATE TABLE inboxes (
    device_id uuid PRIMARY KEY,
    last_seq bigint NOT NULL DEFAULT 0,
    acked_seq bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 60);

CREATE TABLE inbox_items (
    device_id uuid NOT NULL,
    seq bigint NOT NULL,
    created_at timestamptz NOT NULL,
    -- An envelope: who sent it and the Olm ciphertext. NULL for notices and gaps.
    conversation_id uuid,
    sender_user_id uuid,
    sender_device_id uuid,
    message_type smallint,
    sender_key bytea,
    body bytea,
    -- A gap: how many envelopes of this sender were dropped.
    dropped bigint,
    -- A notice, as protocol::events::InboxBody without envelopes and gaps.
    notice jsonb,
    PRIMARY KEY (device_id, seq)
);
CREATE INDEX inbox_items_sender ON inbox_items (device_id, sender_device_id) WHERE sender_device_id IS NOT NULL;

-- Idempotency of envelopes sent ahead of a message, kept a day.
CREATE TABLE envelope_sends (
    device_id uuid NOT NULL,
    txn_id uuid NOT NULL,
    stored bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (device_id, txn_id)
);

-- One row a writing transaction. Nodes tail it by xid when they may have missed a publish; kept 60 s.
CREATE TABLE wake_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    conversation_ids uuid[] NOT NULL,
    -- Inboxes that grew.
    device_ids uuid[] NOT NULL
);
CREATE INDEX wake_outbox_xid ON wake_outbox (xid);

-- One row a batch of messages; consumed by the notification workers only.
CREATE TABLE push_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    conversation_ids uuid[] NOT NULL,
    seqs bigint[] NOT NULL,
    locked_until timestamptz,
    attempts integer NOT NULL DEFAULT 0
);
