-- The feed tells of log-outs too: tokens of the device before this generation are void, the device itself lives on.
ALTER TABLE revocations ADD COLUMN before_generation integer NOT NULL DEFAULT 2147483647;
