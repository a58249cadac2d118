DROP TABLE link_failures;
