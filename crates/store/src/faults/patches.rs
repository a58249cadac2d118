//! Mutations of `append_messages`: its text is taken from the database, changed in one place, and put back.

use super::Mutation;
use crate::{Database, StoreError, StoreResult};

struct Patch {
    /// A place in the function.
    from: &'static str,
    /// What stands there instead.
    to: &'static str,
    /// What the change needs beside it.
    also: &'static [&'static str],
}

const SKIP_DEDUPE: Patch = Patch {
    from: "o.txn_id = m.txn_id\n",
    to: "o.txn_id <> m.txn_id AND false\n",
    also: &["DROP INDEX IF EXISTS events_txn"],
};

const SEQ_FROM_SEQUENCE: Patch = Patch {
    from: "c_last[k] := c_last[k] + 1;",
    to: "c_last[k] := mutated_seq(p_conversations[k], c_last[k]);",
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
    // A function of the release before may still be there.
    let texts: Vec<String> =
        sqlx::query_scalar("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'append_messages'")
            .fetch_all(&mut *connection)
            .await?;
    if texts.iter().any(|text| text.contains(patch.to)) {
        return Ok(());
    }
    let Some(text) = texts.iter().find(|text| text.contains(patch.from)) else {
        let text = "append_messages is not what the mutation expects: see store/src/faults";
        return Err(StoreError::Sql(sqlx::Error::Protocol(text.to_owned())));
    };
    let changed = text.replace(patch.from, patch.to);
    sqlx::raw_sql(sqlx::AssertSqlSafe(changed)).execute(&mut *connection).await?;
    Ok(())
}
