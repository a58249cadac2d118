-- append_messages again, several times faster: conversations are named once and locked with what is needed of them,
-- every look-up goes by index whatever the statistics of a young table say, and numbering is a loop that can be read.
-- See docs/adr/0006. The function of 0003 stays for nodes of the release before; a later migration drops it.
--
-- Stores a whole batch a call, autocommitted.
--
-- VOLATILE PL/pgSQL under READ COMMITTED on purpose: each statement inside takes its own snapshot, so the one that
-- dedupes sees everything committed before the conversation locks were had. In one statement they would share a
-- snapshot taken before the wait, and let retries through.
--
-- Lock order: conversations, inboxes, each by id.

CREATE FUNCTION append_messages(
    -- The conversations of the batch, each once, ordered by id.
    p_conversations uuid[],
    -- One element a message, in sending order; no transaction id of a (conversation, device) occurs twice.
    -- m_conversation is the 1-based place of its conversation; m_after the place of the message in this batch that it
    -- names as its predecessor, or 0.
    m_conversation integer[], m_after integer[], m_user uuid[], m_device uuid[], m_txn uuid[], m_prev uuid[],
    m_roster bigint[], m_hash bytea[], m_session bytea[], m_ciphertext bytea[], m_expires_ms bigint[],
    -- One element an envelope; e_message is the 1-based place of its message.
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
    -- One element a conversation.
    c_place tid[];
    c_head bigint[];
    c_last bigint[];
    c_roster bigint[];
    c_blocked boolean[];
    c_retention bigint[];
    -- One element a message: its predecessor is stored already, or there is none.
    rooted boolean[];
    strangers integer[];
    woken uuid[];
    k integer;
BEGIN
    IF p_wait THEN
        SELECT array_agg(c.ctid ORDER BY u.k), array_agg(coalesce(c.last_seq, -1) ORDER BY u.k),
            array_agg(coalesce(c.roster_version, 0) ORDER BY u.k), array_agg(coalesce(c.blocked, false) ORDER BY u.k),
            array_agg(coalesce(c.retention_ms, 9223372036854775807) ORDER BY u.k)
        INTO c_place, c_head, c_roster, c_blocked, c_retention
        FROM unnest(p_conversations) WITH ORDINALITY AS u (id, k) LEFT JOIN LATERAL (
            SELECT o.ctid, o.last_seq, o.roster_version, o.blocked, o.retention_ms FROM conversations o
            WHERE o.id = u.id FOR NO KEY UPDATE
        ) c ON true;
    ELSE
        SELECT array_agg(c.ctid ORDER BY u.k), array_agg(coalesce(c.last_seq, -1) ORDER BY u.k),
            array_agg(coalesce(c.roster_version, 0) ORDER BY u.k), array_agg(coalesce(c.blocked, false) ORDER BY u.k),
            array_agg(coalesce(c.retention_ms, 9223372036854775807) ORDER BY u.k)
        INTO c_place, c_head, c_roster, c_blocked, c_retention
        FROM unnest(p_conversations) WITH ORDINALITY AS u (id, k) LEFT JOIN LATERAL (
            SELECT o.ctid, o.last_seq, o.roster_version, o.blocked, o.retention_ms FROM conversations o
            WHERE o.id = u.id FOR NO KEY UPDATE SKIP LOCKED
        ) c ON true;
    END IF;

    IF cardinality(e_message) > 0 THEN
        SELECT array_agg(DISTINCT e.message) INTO strangers
        FROM unnest(e_message, e_device) AS e (message, device_id)
        LEFT JOIN LATERAL (
            SELECT o.user_id FROM devices o
            WHERE o.id = e.device_id AND o.verified AND o.revoked_at IS NULL LIMIT 1
        ) d ON true
        LEFT JOIN LATERAL (
            SELECT o.user_id FROM members o
            WHERE o.conversation_id = p_conversations[m_conversation[e.message]] AND o.user_id = d.user_id
                AND o.left_at IS NULL LIMIT 1
        ) mb ON true
        WHERE mb.user_id IS NULL;
    END IF;

    -- LATERAL with LIMIT: each look-up is a look-up in an index, whatever the planner thinks of the table.
    SELECT array_agg(
            CASE
                WHEN known.seq IS NOT NULL AND known.body_hash = m.hash THEN 1
                WHEN known.seq IS NOT NULL THEN 2
                -- Busy or unknown: told apart here, where it is rare.
                WHEN c_head[m.k] < 0 THEN
                    CASE WHEN EXISTS (SELECT FROM conversations o WHERE o.id = p_conversations[m.k]) THEN 3 ELSE 4 END
                WHEN d.id IS NULL THEN 5
                WHEN mb.user_id IS NULL THEN 4
                WHEN c_blocked[m.k] THEN 8
                WHEN m.roster <> c_roster[m.k] THEN 6
                WHEN m.i = ANY (strangers) THEN 9
                ELSE 0
            END::smallint ORDER BY m.i),
        array_agg(known.seq ORDER BY m.i), array_agg(known.created_at ORDER BY m.i),
        array_agg(m.prev IS NULL OR before.seq IS NOT NULL ORDER BY m.i)
    INTO outcome, seq, stored_at, rooted
    FROM unnest(m_conversation, m_user, m_device, m_txn, m_prev, m_roster, m_hash) WITH ORDINALITY
        AS m (k, user_id, device_id, txn_id, prev, roster, hash, i)
    LEFT JOIN LATERAL (
        SELECT o.id FROM devices o
        WHERE o.id = m.device_id AND o.user_id = m.user_id AND o.verified AND o.revoked_at IS NULL LIMIT 1
    ) d ON true
    LEFT JOIN LATERAL (
        SELECT o.user_id FROM members o
        WHERE o.conversation_id = p_conversations[m.k] AND o.user_id = m.user_id AND o.left_at IS NULL LIMIT 1
    ) mb ON true
    LEFT JOIN LATERAL (
        SELECT o.seq, o.created_at, o.body_hash FROM events o
        WHERE o.conversation_id = p_conversations[m.k] AND o.sender_device_id = m.device_id AND o.txn_id = m.txn_id
        LIMIT 1
    ) known ON true
    LEFT JOIN LATERAL (
        SELECT o.seq FROM events o
        WHERE o.conversation_id = p_conversations[m.k] AND o.sender_device_id = m.device_id AND o.txn_id = m.prev
        LIMIT 1
    ) before ON true;

    c_last := c_head;
    expires := array_fill(NULL::timestamptz, ARRAY[cardinality(outcome)]);
    FOR i IN 1 .. cardinality(outcome) LOOP
        k := m_conversation[i];
        current_roster[i] := c_roster[k];
        IF outcome[i] = 0 THEN
            IF rooted[i] OR (m_after[i] > 0 AND outcome[m_after[i]] IN (0, 1)) THEN
                c_last[k] := c_last[k] + 1;
                seq[i] := c_last[k];
                stored_at[i] := p_now;
                expires[i] := p_now + nullif(least(m_expires_ms[i], c_retention[k]), 9223372036854775807)
                    * interval '1 millisecond';
            ELSE
                outcome[i] := 7;
            END IF;
        END IF;
    END LOOP;

    IF NOT 0 = ANY (outcome) THEN
        RETURN;
    END IF;

    INSERT INTO events (conversation_id, seq, kind, sender_user_id, sender_device_id, created_at, txn_id, body_hash,
        session_id, ciphertext, expires_at)
    SELECT p_conversations[m.k], m.seq, 1, m.user_id, m.device_id, p_now, m.txn_id, m.hash, m.session_id, m.ciphertext,
        m.expires_at
    FROM unnest(m_conversation, m_user, m_device, m_txn, m_hash, m_session, m_ciphertext, outcome, seq, expires)
        AS m (k, user_id, device_id, txn_id, hash, session_id, ciphertext, outcome, seq, expires_at)
    WHERE m.outcome = 0;

    -- Locked since above, so each row still stands where it was found.
    UPDATE conversations o SET last_seq = c.last, changed_xid = pg_current_xact_id()
    FROM unnest(c_place, c_head, c_last) AS c (place, head, last)
    WHERE o.ctid = c.place AND c.last > c.head;

    IF cardinality(e_message) > 0 THEN
        inbox_seq := push_envelopes(
            array(SELECT p_conversations[m.k] FROM unnest(m_conversation) WITH ORDINALITY AS m (k, i) ORDER BY m.i),
            m_user, m_device, array(SELECT o = 0 FROM unnest(outcome) WITH ORDINALITY AS x (o, i) ORDER BY x.i),
            e_message, e_device, e_type, e_key, e_body, p_now, p_sender_quota, p_inbox_quota);
        SELECT array_agg(DISTINCT e.device_id) INTO woken
        FROM unnest(e_message, e_device) AS e (message, device_id) WHERE outcome[e.message] = 0;
    END IF;

    WITH woken_nodes AS (
        INSERT INTO wake_outbox (conversation_ids, device_ids)
        SELECT array_agg(c.id), coalesce(woken, '{}')
        FROM unnest(p_conversations, c_head, c_last) AS c (id, head, last) WHERE c.last > c.head
    )
    INSERT INTO push_outbox (conversation_ids, seqs)
    SELECT array_agg(p_conversations[m.k]), array_agg(m.seq)
    FROM unnest(m_conversation, outcome, seq) AS m (k, outcome, seq) WHERE m.outcome = 0;
END
$$;
