DROP TABLE backup_sessions, backups;
