-- SHA-256 of the id of the rendezvous that a grant was given at; empty for grants of before.
ALTER TABLE link_grants ADD COLUMN rendezvous_hash bytea NOT NULL DEFAULT '\x';
