-- When devices were last there, apart from them: a device's row is wide, and thousands come back at once.
CREATE TABLE last_seen (
    device_id uuid PRIMARY KEY,
    at timestamptz NOT NULL -- whole minutes
) WITH (fillfactor = 60);
INSERT INTO last_seen (device_id, at)
SELECT id, date_trunc('minute', last_seen_at) FROM devices WHERE last_seen_at IS NOT NULL AND revoked_at IS NULL;
ALTER TABLE devices DROP COLUMN last_seen_at;
