-- Puts envelopes into inboxes; what exceeds a quota becomes one gap notice a sender. Answers inbox positions, one
-- element an envelope, NULL where not stored. The caller holds the locks of the conversations.
CREATE OR REPLACE FUNCTION push_envelopes(
    p_conversation uuid[], p_user uuid[], p_device uuid[], p_accepted boolean[],
    e_message integer[], e_device uuid[], e_type smallint[], e_key bytea[], e_body bytea[],
    p_now timestamptz, p_sender_quota bigint, p_inbox_quota bigint
) RETURNS bigint[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    positions bigint[];
BEGIN
    PERFORM 1 FROM inboxes b WHERE b.device_id = ANY (e_device) ORDER BY b.device_id FOR NO KEY UPDATE;

    WITH envelope AS (
        SELECT e.*, p_conversation[e.message] AS conversation_id, p_user[e.message] AS sender_user_id,
            p_device[e.message] AS sender_device_id
        FROM unnest(e_message, e_device, e_type, e_key, e_body) WITH ORDINALITY
            AS e (message, device_id, message_type, sender_key, body, i)
        WHERE p_accepted[e.message]
    ), waiting AS (
        SELECT pair.device_id, pair.sender_device_id,
            (SELECT count(*) FROM inbox_items it
                WHERE it.device_id = pair.device_id AND it.sender_device_id = pair.sender_device_id) AS items
        FROM (SELECT DISTINCT device_id, sender_device_id FROM envelope) pair
    ), ranked AS (
        SELECT e.*, b.last_seq,
            w.items + row_number() OVER (PARTITION BY e.device_id, e.sender_device_id ORDER BY e.i) > p_sender_quota
                AS over_sender,
            b.last_seq - b.acked_seq + row_number() OVER (PARTITION BY e.device_id ORDER BY e.i) > p_inbox_quota
                AS over_inbox
        FROM envelope e
        JOIN waiting w USING (device_id, sender_device_id)
        JOIN inboxes b ON b.device_id = e.device_id
    ), noted AS (
        -- The newest gap of this sender that waits already takes the further ones.
        UPDATE inbox_items it SET dropped = it.dropped + g.dropped
        FROM (
            SELECT device_id, sender_device_id, conversation_id, count(*) AS dropped
            FROM ranked WHERE over_sender OR over_inbox GROUP BY device_id, sender_device_id, conversation_id
        ) g
        WHERE it.device_id = g.device_id AND it.sender_device_id = g.sender_device_id
            AND it.conversation_id = g.conversation_id AND it.dropped IS NOT NULL
        RETURNING it.device_id, it.sender_device_id, it.conversation_id
    ), gaps AS (
        SELECT r.device_id, r.sender_device_id, r.sender_user_id, r.conversation_id, count(*) AS dropped,
            bool_or(r.over_inbox) AS inbox_full, min(r.last_seq) AS last_seq
        FROM ranked r
        WHERE (r.over_sender OR r.over_inbox) AND NOT EXISTS (
            SELECT 1 FROM noted n WHERE n.device_id = r.device_id AND n.sender_device_id = r.sender_device_id
                AND n.conversation_id = r.conversation_id)
        GROUP BY r.device_id, r.sender_device_id, r.sender_user_id, r.conversation_id
    ), items AS (
        SELECT device_id, i, last_seq, conversation_id, sender_user_id, sender_device_id, message_type, sender_key,
            body, NULL::bigint AS dropped, NULL::jsonb AS notice
        FROM ranked WHERE NOT over_sender AND NOT over_inbox
        UNION ALL
        SELECT device_id, 9223372036854775807, last_seq, conversation_id, sender_user_id, sender_device_id, NULL, NULL,
            NULL, dropped, jsonb_build_object('inbox_full', inbox_full)
        FROM gaps
    ), placed AS (
        SELECT it.*, it.last_seq + row_number() OVER (PARTITION BY it.device_id ORDER BY it.i, it.sender_device_id)
            AS new_seq
        FROM items it
    ), inserted AS (
        INSERT INTO inbox_items (device_id, seq, created_at, conversation_id, sender_user_id, sender_device_id,
            message_type, sender_key, body, dropped, notice)
        SELECT device_id, new_seq, p_now, conversation_id, sender_user_id, sender_device_id, message_type, sender_key,
            body, dropped, notice
        FROM placed
    ), advanced AS (
        UPDATE inboxes b SET last_seq = h.head
        FROM (SELECT device_id, max(new_seq) AS head FROM placed GROUP BY device_id) h
        WHERE b.device_id = h.device_id
    )
    SELECT array_agg(pl.new_seq ORDER BY e.i) INTO positions
    FROM unnest(e_device) WITH ORDINALITY AS e (device_id, i)
    LEFT JOIN placed pl ON pl.i = e.i AND pl.device_id = e.device_id;
    RETURN positions;
END
$$;

UPDATE inbox_items SET dropped = dropped + grown WHERE grown IS NOT NULL;
ALTER TABLE inbox_items DROP COLUMN grown;
