CREATE INDEX events_membership ON events (conversation_id, seq) WHERE kind = 2;
DROP INDEX events_chain;
