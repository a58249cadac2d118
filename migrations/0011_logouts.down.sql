DELETE FROM revocations WHERE before_generation < 2147483647;
ALTER TABLE revocations DROP COLUMN before_generation;
