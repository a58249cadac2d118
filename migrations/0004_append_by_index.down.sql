DROP FUNCTION append_messages(uuid[], integer[], integer[], uuid[], uuid[], uuid[], uuid[], bigint[], bytea[], bytea[], bytea[],
    bigint[], integer[], uuid[], smallint[], bytea[], bytea[], timestamptz, bigint, bigint, boolean);
