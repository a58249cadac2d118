-- Accounts, devices, keys. Signed objects are kept as the client sent them (jsonb keeps every value that is signed).

CREATE TABLE server_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    database_epoch uuid NOT NULL DEFAULT gen_random_uuid(),
    revocation_seq bigint NOT NULL DEFAULT 0,
    key_epoch bigint NOT NULL DEFAULT 1
);
INSERT INTO server_state DEFAULT VALUES;

CREATE TABLE users (
    id uuid PRIMARY KEY,
    username text NOT NULL,
    password_hash text NOT NULL,
    account_type text NOT NULL DEFAULT 'person' CHECK (account_type IN ('person', 'assistant')),
    master_key jsonb NOT NULL,
    self_signing_key jsonb NOT NULL,
    list_version bigint NOT NULL,
    list_hash text NOT NULL,
    recovery_bundle bytea NOT NULL,
    private_receipts boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    deleted_at timestamptz
);
CREATE UNIQUE INDEX users_username ON users (username) WHERE deleted_at IS NULL;

CREATE TABLE devices (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    name text NOT NULL,
    device_type text NOT NULL CHECK (device_type IN ('WEB', 'MOBILE', 'DESKTOP')),
    -- NULL while the device is unverified: it is in no roster.
    device_keys jsonb,
    verified boolean NOT NULL DEFAULT false,
    token_generation integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    probation_until timestamptz,
    last_seen_at timestamptz,
    revoked_at timestamptz,
    CHECK (verified = (device_keys IS NOT NULL))
);
CREATE INDEX devices_user ON devices (user_id);

-- An identity key belongs to one device for ever.
CREATE TABLE identity_keys_seen (
    key bytea PRIMARY KEY,
    device_id uuid NOT NULL
);

CREATE TABLE device_lists (
    user_id uuid NOT NULL REFERENCES users (id),
    version bigint NOT NULL,
    entry jsonb NOT NULL,
    hash text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, version)
);

CREATE TABLE refresh_tokens (
    token_hash bytea PRIMARY KEY,
    family_id uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    device_id uuid NOT NULL REFERENCES devices (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    -- First use; the successor is derived from the token, so a replay finds the same one.
    used_at timestamptz
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_device ON refresh_tokens (device_id);

-- One-use tokens (tickets, challenges) spent while Redis was away.
CREATE TABLE spent_tokens (
    jti uuid PRIMARY KEY,
    expires_at timestamptz NOT NULL
);

CREATE TABLE one_time_keys (
    device_id uuid NOT NULL REFERENCES devices (id),
    key_id text NOT NULL,
    key jsonb NOT NULL,
    uploaded_at timestamptz NOT NULL,
    PRIMARY KEY (device_id, key_id)
);
CREATE INDEX one_time_keys_oldest ON one_time_keys (device_id, uploaded_at, key_id);

CREATE TABLE fallback_keys (
    device_id uuid PRIMARY KEY REFERENCES devices (id),
    key_id text NOT NULL,
    key jsonb NOT NULL,
    used boolean NOT NULL DEFAULT false
);

-- 16-byte hashes of keys handed out, kept 90 days: a key is never served twice.
CREATE TABLE spent_keys (
    device_id uuid NOT NULL,
    key_hash bytea NOT NULL,
    spent_at timestamptz NOT NULL,
    PRIMARY KEY (device_id, key_hash)
);

CREATE TABLE key_claims (
    claimer_device_id uuid NOT NULL,
    claim_id uuid NOT NULL,
    device_id uuid NOT NULL,
    key_id text NOT NULL,
    key jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (claimer_device_id, claim_id, device_id)
);

CREATE TABLE link_grants (
    grant_hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    created_by uuid NOT NULL REFERENCES devices (id),
    device_id uuid NOT NULL,
    transcript bytea NOT NULL,
    device_keys jsonb NOT NULL,
    device_list jsonb NOT NULL,
    expires_at timestamptz NOT NULL,
    -- Set by the completion; the same request again within five minutes gets the same answer.
    completed_at timestamptz,
    request_hash bytea
);

CREATE TABLE blocks (
    user_id uuid NOT NULL REFERENCES users (id),
    blocked_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
);
CREATE INDEX blocks_blocked ON blocks (blocked_id);

-- The revocation feed: gapless seq from server_state under its row lock; nodes poll it every 5 s.
CREATE TABLE revocations (
    seq bigint PRIMARY KEY,
    user_id uuid NOT NULL,
    device_id uuid NOT NULL,
    revoked_at timestamptz NOT NULL
);

CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL,
    device_id uuid,
    action text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL
);
CREATE INDEX audit_log_user ON audit_log (user_id, created_at);
