CREATE INDEX audit_log_user ON audit_log (user_id, created_at);
DROP INDEX audit_log_pages;
