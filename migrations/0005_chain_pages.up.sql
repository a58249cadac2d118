-- The chain is read in pages from any link on, and a conversation has each index once.
CREATE UNIQUE INDEX events_chain ON events (conversation_id, ((change->>'index')::bigint)) WHERE kind = 2;
DROP INDEX events_membership;
