-- Histories that a device hands over to one that was linked: ciphertext, for a few days. See docs/adr/0009.
CREATE TABLE histories (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    created_by uuid NOT NULL REFERENCES devices (id),
    chunks integer NOT NULL,
    stored integer NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX histories_user ON histories (user_id);
CREATE INDEX histories_creator ON histories (created_by);
CREATE INDEX histories_expiry ON histories (expires_at);

CREATE TABLE history_chunks (
    history_id uuid NOT NULL REFERENCES histories (id) ON DELETE CASCADE,
    index integer NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (history_id, index)
);
-- Ciphertext does not get smaller.
ALTER TABLE history_chunks ALTER COLUMN body SET STORAGE EXTERNAL;
