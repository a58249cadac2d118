-- A person reads its own log page by page, newest first.
CREATE INDEX audit_log_pages ON audit_log (user_id, id DESC);
DROP INDEX audit_log_user;
