ALTER TABLE link_grants DROP COLUMN rendezvous_hash;
