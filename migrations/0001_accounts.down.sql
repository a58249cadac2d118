DROP TABLE audit_log, revocations, blocks, link_grants, key_claims, spent_keys, fallback_keys, one_time_keys,
    spent_tokens, refresh_tokens, device_lists, identity_keys_seen, devices, users, server_state;
