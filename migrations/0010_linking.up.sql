-- Attempts at linking by a typed code, or reported ones, that did not let anybody in. Five within an hour lock.
CREATE TABLE link_failures (
    user_id uuid NOT NULL REFERENCES users (id),
    rendezvous_id uuid NOT NULL,
    -- The account's device saw it fail; else it is a claimed code that has not led to a grant (yet).
    reported boolean NOT NULL,
    failed_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, rendezvous_id)
);
CREATE INDEX link_failures_newest ON link_failures (user_id, failed_at DESC);
