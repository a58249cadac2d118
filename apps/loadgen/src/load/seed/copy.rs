//! Rows by `COPY`, in chunks over several connections.

use std::{fmt::Write as _, time::Duration};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sqlx::{PgPool, postgres::PgPoolCopyExt as _};

use crate::error::{Context, Outcome};

/// Rows of one `COPY`.
const CHUNK: usize = 20_000;
/// Attempts before a deadlock is given up.
const TRIES: usize = 5;
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(500);
/// Connections that copy at once.
const AT_ONCE: usize = 4;

/// Writes one row an item (or none, or several) in the text format: columns apart by tabs, a line feed at the end.
pub async fn copy<T>(pool: &PgPool, table: &str, items: &[T], row: impl Fn(&mut String, &T) + Copy) -> Outcome<()> {
    let statement = format!("COPY {table} FROM STDIN");
    stream::iter(items.chunks(CHUNK).map(Ok))
        .try_for_each_concurrent(AT_ONCE, |chunk| {
            let statement = &statement;
            async move {
                let mut text = String::new();
                for item in chunk {
                    row(&mut text, item);
                }
                let mut copying = pool.copy_in_raw(statement).await.context(table)?;
                copying.send(text.into_bytes()).await.context(table)?;
                copying.finish().await.context(table).map(drop)
            }
        })
        .await
}

/// JSON as a column of the text format, which gives the backslash a meaning.
pub fn column(json: &impl serde::Serialize) -> Outcome<String> {
    Ok(serde_json::to_string(json).context("JSON")?.replace('\\', "\\\\"))
}

/// A line: the columns with tabs between them.
pub fn line(out: &mut String, columns: &[&dyn std::fmt::Display]) {
    for (at, column) in columns.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = write!(out, "{}{column}", if at == 0 { "" } else { "\t" });
    }
    out.push('\n');
}

/// Runs a statement over ids, in chunks, several at once.
pub async fn each_chunk(pool: &PgPool, sql: &'static str, ids: &[uuid::Uuid]) -> Outcome<()> {
    stream::iter(ids.chunks(CHUNK / 4))
        .map(|chunk| async move { again(sql, async || sqlx::query(sql).bind(chunk).execute(pool).await).await })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// Runs a statement, again if it met the nodes, which still write about those who left.
pub async fn again<T>(sql: &str, run: impl AsyncFn() -> Result<T, sqlx::Error>) -> Outcome<()> {
    const DEADLOCK: &str = "40P01";
    for _ in 0..TRIES {
        match run().await {
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(DEADLOCK) => {
                tokio::time::sleep(PAUSE).await;
            }
            outcome => return outcome.context(sql).map(drop),
        }
    }
    run().await.context(sql).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_copy_reads() {
        let mut out = String::new();
        line(&mut out, &[&"a", &1, &column(&serde_json::json!({ "k": "back\\slash" })).unwrap()]);
        assert_eq!(out, "a\t1\t{\"k\":\"back\\\\\\\\slash\"}\n");
    }
}
