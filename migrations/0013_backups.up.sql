-- The recovery key's public half and the key backup that is sealed to it. Versions only rise, also when nothing is left.
CREATE TABLE backups (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    recovery_key jsonb,
    recovery_version bigint NOT NULL DEFAULT 0,
    descriptor jsonb,
    version bigint NOT NULL DEFAULT 0,
    sessions bigint NOT NULL DEFAULT 0,
    created_at timestamptz
);

CREATE TABLE backup_sessions (
    user_id uuid NOT NULL REFERENCES users (id),
    conversation_id uuid NOT NULL,
    session_id bytea NOT NULL,
    -- A session that begins earlier replaces one that begins later.
    first_index bigint NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (user_id, conversation_id, session_id)
);
