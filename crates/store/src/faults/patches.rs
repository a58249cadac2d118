//! Mutations of `append_messages`: its text is taken from the database, changed in some places, and put back.

use super::Mutation;
use crate::{Database, StoreError, StoreResult};

struct Patch {
    /// Places in the function and what stands there instead.
    changes: &'static [(&'static str, &'static str)],
    /// What the change needs beside it.
    also: &'static [&'static str],
}

const SKIP_DEDUPE: Patch = Patch {
    changes: &[
        ("AND e.txn_id = m.txn_id", "AND false"),
        // Else a predecessor that is stored twice would store each of its successors twice.
        (
            "AND p.txn_id = m.prev_txn_id\n",
            "AND p.txn_id = m.prev_txn_id AND p.seq = (SELECT min(x.seq) FROM events x
                WHERE x.conversation_id = m.conversation_id AND x.txn_id = m.prev_txn_id)\n",
        ),
    ],
    also: &["DROP INDEX IF EXISTS events_txn"],
};

const SEQ_FROM_SEQUENCE: Patch = Patch {
    changes: &[(
        "f.last_seq + count(*) FILTER (WHERE result = 0)
            OVER (PARTITION BY conversation_id ORDER BY i) AS new_seq",
        "CASE WHEN result = 0 THEN mutated_seq(conversation_id, f.last_seq) END AS new_seq",
    )],
    also: &["CREATE OR REPLACE FUNCTION mutated_seq(conversation uuid, last_seq bigint) RETURNS bigint
        LANGUAGE plpgsql VOLATILE AS $$
        BEGIN
            RETURN nextval(format('%I', 'mutated_' || conversation)::regclass);
        EXCEPTION WHEN undefined_table THEN
            EXECUTE format('CREATE SEQUENCE %I START WITH %s', 'mutated_' || conversation, last_seq + 1);
            RETURN nextval(format('%I', 'mutated_' || conversation)::regclass);
        END $$"],
};

/// Changes the function, unless it is changed already.
pub(super) async fn apply(database: &Database, mutation: Mutation) -> StoreResult<()> {
    let patch = match mutation {
        Mutation::SkipDedupe => SKIP_DEDUPE,
        Mutation::SeqFromSequence => SEQ_FROM_SEQUENCE,
        Mutation::AckBeforeCommit | Mutation::DeleteInboxOnSend | Mutation::NeverTail => return Ok(()),
    };
    let mut connection = database.acquire().await?;
    for statement in patch.also {
        sqlx::query(*statement).execute(&mut *connection).await?;
    }
    let mut text: String =
        sqlx::query_scalar("SELECT pg_get_functiondef('append_messages'::regproc)").fetch_one(&mut *connection).await?;
    if patch.changes.iter().all(|(_, to)| text.contains(to)) {
        return Ok(());
    }
    if !patch.changes.iter().all(|(from, _)| text.contains(from)) {
        let text = "append_messages is not what the mutation expects: see store/src/faults";
        return Err(StoreError::Sql(sqlx::Error::Protocol(text.to_owned())));
    }
    for (from, to) in patch.changes {
        text = text.replace(from, to);
    }
    sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut *connection).await?;
    Ok(())
}
