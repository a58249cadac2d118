ALTER TABLE devices ADD COLUMN last_seen_at timestamptz;
UPDATE devices d SET last_seen_at = s.at FROM last_seen s WHERE s.device_id = d.id;
DROP TABLE last_seen;
