-- The one function that stores messages: a whole batch a call, autocommitted.
--
-- VOLATILE PL/pgSQL under READ COMMITTED on purpose: each statement inside takes its own snapshot, so the statement
-- that dedupes and numbers sees everything committed before the conversation locks were had. As CTEs of one statement
-- they would share a snapshot taken before the wait, and let retries through.
--
-- Lock order: conversations, inboxes, each by id.

CREATE FUNCTION append_messages(
    -- One element a message. Messages of one (conversation, device) stand in their sending order, and no transaction
    -- id occurs twice.
    p_conversation uuid[], p_user uuid[], p_device uuid[], p_txn uuid[], p_prev uuid[], p_roster bigint[],
    p_hash bytea[], p_session bytea[], p_ciphertext bytea[], p_expires_ms bigint[],
    -- One element an envelope; e_message is the 1-based index of its message.
    e_message integer[], e_device uuid[], e_type smallint[], e_key bytea[], e_body bytea[],
    p_now timestamptz, p_sender_quota bigint, p_inbox_quota bigint,
    -- Wait for locked conversations (the waiting lane) or answer `busy` (the fast lanes).
    p_wait boolean,
    -- One element a message: 0 stored, 1 stored before, 2 stored before with other bytes, 3 busy, 4 not a member,
    -- 5 revoked, 6 stale roster, 7 predecessor missing, 8 blocked, 9 unknown recipient.
    OUT outcome smallint[], OUT seq bigint[], OUT current_roster bigint[], OUT stored_at timestamptz[],
    OUT expires timestamptz[],
    -- One element an envelope: its inbox position; NULL if not stored.
    OUT inbox_seq bigint[]
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    locked uuid[];
    strangers integer[];
    touched uuid[];
    touched_seq bigint[];
    woken uuid[];
BEGIN
    IF p_wait THEN
        SELECT array_agg(l.id) INTO locked FROM (
            SELECT c.id FROM conversations c WHERE c.id = ANY (p_conversation) ORDER BY c.id FOR NO KEY UPDATE
        ) l;
    ELSE
        SELECT array_agg(l.id) INTO locked FROM (
            SELECT c.id FROM conversations c WHERE c.id = ANY (p_conversation) ORDER BY c.id
            FOR NO KEY UPDATE SKIP LOCKED
        ) l;
    END IF;

    IF cardinality(e_message) > 0 THEN
        SELECT array_agg(DISTINCT e.message) INTO strangers
        FROM unnest(e_message, e_device) AS e (message, device_id)
        LEFT JOIN devices d ON d.id = e.device_id AND d.verified AND d.revoked_at IS NULL
        LEFT JOIN members m ON m.conversation_id = p_conversation[e.message] AND m.user_id = d.user_id
            AND m.left_at IS NULL
        WHERE m.user_id IS NULL;
    END IF;

    WITH message AS (
        SELECT * FROM unnest(p_conversation, p_user, p_device, p_txn, p_prev, p_roster, p_hash, p_session,
            p_ciphertext, p_expires_ms) WITH ORDINALITY
            AS t (conversation_id, user_id, device_id, txn_id, prev_txn_id, roster, hash, session_id, ciphertext,
                expires_ms, i)
    ), judged AS (
        SELECT m.*, c.last_seq, c.roster_version, c.retention_ms, e.seq AS known_seq, e.created_at AS known_at,
            CASE
                WHEN e.seq IS NOT NULL AND e.body_hash = m.hash THEN 1
                WHEN e.seq IS NOT NULL THEN 2
                WHEN c.id IS NULL THEN 4
                WHEN c.id <> ALL (coalesce(locked, '{}')) THEN 3
                WHEN d.id IS NULL THEN 5
                WHEN mb.user_id IS NULL THEN 4
                WHEN c.blocked THEN 8
                WHEN m.roster <> c.roster_version THEN 6
                WHEN m.i = ANY (strangers) THEN 9
                ELSE 0
            END AS own,
            (m.prev_txn_id IS NULL OR p.seq IS NOT NULL) AS rooted,
            coalesce(m.prev_txn_id = lag(m.txn_id) OVER (PARTITION BY m.conversation_id, m.device_id ORDER BY m.i),
                false) AS follows
        FROM message m
        LEFT JOIN conversations c ON c.id = m.conversation_id
        LEFT JOIN members mb ON mb.conversation_id = m.conversation_id AND mb.user_id = m.user_id
            AND mb.left_at IS NULL
        LEFT JOIN devices d ON d.id = m.device_id AND d.user_id = m.user_id AND d.verified AND d.revoked_at IS NULL
        LEFT JOIN events e ON e.conversation_id = m.conversation_id AND e.sender_device_id = m.device_id
            AND e.txn_id = m.txn_id
        LEFT JOIN events p ON p.conversation_id = m.conversation_id AND p.sender_device_id = m.device_id
            AND p.txn_id = m.prev_txn_id
    ), runs AS (
        -- A run: messages of one sender, each naming the one before it in this batch.
        SELECT j.*, count(*) FILTER (WHERE NOT follows OR rooted)
            OVER (PARTITION BY conversation_id, device_id ORDER BY i) AS run
        FROM judged j
    ), decided AS (
        SELECT r.*,
            bool_and(own IN (0, 1) AND (follows OR rooted))
                OVER (PARTITION BY conversation_id, device_id, run ORDER BY i) AS whole
        FROM runs r
    ), final AS (
        SELECT d.*, CASE WHEN own <> 0 THEN own WHEN whole THEN 0 ELSE 7 END AS result
        FROM decided d
    ), numbered AS (
        SELECT f.*, f.last_seq + count(*) FILTER (WHERE result = 0)
            OVER (PARTITION BY conversation_id ORDER BY i) AS new_seq,
            p_now + least(expires_ms, retention_ms) * interval '1 millisecond' AS expires_at
        FROM final f
    ), inserted AS (
        INSERT INTO events (conversation_id, seq, kind, sender_user_id, sender_device_id, created_at, txn_id,
            body_hash, session_id, ciphertext, expires_at)
        SELECT conversation_id, new_seq, 1, user_id, device_id, p_now, txn_id, hash, session_id, ciphertext, expires_at
        FROM numbered WHERE result = 0
    ), heads AS (
        SELECT conversation_id, max(new_seq) AS head FROM numbered WHERE result = 0 GROUP BY conversation_id
    ), advanced AS (
        UPDATE conversations c SET last_seq = h.head, changed_xid = pg_current_xact_id()
        FROM heads h WHERE c.id = h.conversation_id
    )
    SELECT array_agg(n.result::smallint ORDER BY n.i),
        array_agg(CASE WHEN n.result = 0 THEN n.new_seq ELSE n.known_seq END ORDER BY n.i),
        array_agg(n.roster_version ORDER BY n.i),
        array_agg(CASE WHEN n.result = 0 THEN p_now ELSE n.known_at END ORDER BY n.i),
        array_agg(CASE WHEN n.result = 0 THEN n.expires_at END ORDER BY n.i),
        array_agg(n.conversation_id ORDER BY n.i) FILTER (WHERE n.result = 0),
        array_agg(n.new_seq ORDER BY n.i) FILTER (WHERE n.result = 0)
    INTO outcome, seq, current_roster, stored_at, expires, touched, touched_seq
    FROM numbered n;

    IF touched IS NULL THEN
        RETURN;
    END IF;

    IF cardinality(e_message) > 0 THEN
        inbox_seq := push_envelopes(
            p_conversation, p_user, p_device,
            array(SELECT outcome[i] = 0 FROM generate_subscripts(outcome, 1) i ORDER BY i),
            e_message, e_device, e_type, e_key, e_body, p_now, p_sender_quota, p_inbox_quota);
        SELECT array_agg(DISTINCT e.device_id) INTO woken
        FROM unnest(e_message, e_device) AS e (message, device_id) WHERE outcome[e.message] = 0;
    END IF;

    INSERT INTO wake_outbox (conversation_ids, device_ids)
    VALUES (array(SELECT DISTINCT t.id FROM unnest(touched) AS t (id)), coalesce(woken, '{}'));
    INSERT INTO push_outbox (conversation_ids, seqs) VALUES (touched, touched_seq);
END
$$;

-- Puts envelopes into inboxes; what exceeds a quota becomes one gap notice a sender. Answers inbox positions, one
-- element an envelope, NULL where not stored. The caller holds the locks of the conversations.
CREATE FUNCTION push_envelopes(
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

-- Envelopes ahead of a message, or requests for keys. p_txn makes a retry harmless.
-- outcome as in append_messages; stored counts the envelopes that found room.
CREATE FUNCTION append_envelopes(
    p_conversation uuid, p_user uuid, p_device uuid, p_txn uuid, p_roster bigint,
    e_device uuid[], e_type smallint[], e_key bytea[], e_body bytea[],
    p_now timestamptz, p_sender_quota bigint, p_inbox_quota bigint,
    OUT outcome smallint, OUT current_roster bigint, OUT stored bigint
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    positions bigint[];
    is_blocked boolean;
BEGIN
    SELECT c.roster_version, c.blocked INTO current_roster, is_blocked
    FROM conversations c WHERE c.id = p_conversation FOR NO KEY UPDATE;
    SELECT s.stored INTO stored FROM envelope_sends s WHERE s.device_id = p_device AND s.txn_id = p_txn;

    outcome := CASE
        WHEN stored IS NOT NULL THEN 1
        WHEN current_roster IS NULL THEN 4
        WHEN NOT EXISTS (SELECT 1 FROM devices d WHERE d.id = p_device AND d.user_id = p_user AND d.verified
            AND d.revoked_at IS NULL) THEN 5
        WHEN NOT EXISTS (SELECT 1 FROM members m WHERE m.conversation_id = p_conversation AND m.user_id = p_user
            AND m.left_at IS NULL) THEN 4
        WHEN is_blocked THEN 8
        WHEN p_roster <> current_roster THEN 6
        WHEN EXISTS (
            SELECT 1 FROM unnest(e_device) AS e (device_id)
            LEFT JOIN devices d ON d.id = e.device_id AND d.verified AND d.revoked_at IS NULL
            LEFT JOIN members m ON m.conversation_id = p_conversation AND m.user_id = d.user_id AND m.left_at IS NULL
            WHERE m.user_id IS NULL) THEN 9
        ELSE 0
    END;
    IF outcome <> 0 THEN
        RETURN;
    END IF;

    positions := push_envelopes(ARRAY[p_conversation], ARRAY[p_user], ARRAY[p_device], ARRAY[true],
        array_fill(1, ARRAY[cardinality(e_device)]), e_device, e_type, e_key, e_body, p_now, p_sender_quota,
        p_inbox_quota);
    SELECT count(*) INTO stored FROM unnest(positions) AS p (position) WHERE p.position IS NOT NULL;
    INSERT INTO envelope_sends (device_id, txn_id, stored, created_at) VALUES (p_device, p_txn, stored, p_now);
    INSERT INTO wake_outbox (conversation_ids, device_ids) VALUES ('{}', e_device);
END
$$;
