//! Every column of every table.

use sqlx::{AssertSqlSafe, PgPool, Row as _};

use super::Canary;
use crate::error::{Context, Outcome};

/// Types that can't hold a text.
const NUMBERS: &[&str] = &["boolean", "smallint", "integer", "bigint", "uuid", "xid8", "timestamp with time zone"];

/// Counts the rows that hold the mark, and names their columns.
pub async fn search_database(pool: &PgPool, canary: &Canary) -> Outcome<Vec<String>> {
    let columns = sqlx::query(
        "SELECT c.table_schema::text, c.table_name::text, c.column_name::text, c.data_type::text
         FROM information_schema.columns c
         JOIN information_schema.tables t USING (table_schema, table_name)
         WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')",
    )
    .fetch_all(pool)
    .await
    .context("listing columns")?;
    let mut hits = Vec::new();
    for column in columns {
        let (schema, table): (String, String) = (column.get(0), column.get(1));
        let (name, kind): (String, String) = (column.get(2), column.get(3));
        if NUMBERS.contains(&kind.as_str()) {
            continue;
        }
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let (place, bytes) = (format!("{}.{}", quoted(&schema), quoted(&table)), quoted(&name));
        // Everything as bytes, so that one comparison serves text, JSON, arrays and binary alike.
        let bytes = if kind == "bytea" { bytes } else { format!("convert_to({bytes}::text, 'UTF8')") };
        let sql = format!(
            "SELECT count(*) FROM {place} WHERE EXISTS (SELECT 1 FROM unnest($1::bytea[]) n WHERE position(n in {bytes}) > 0)"
        );
        let found: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(canary.needles())
            .fetch_one(pool)
            .await
            .context(format!("searching {table}.{name}"))?;
        hits.extend((0..found).map(|_| format!("table {table}, column {name}")));
    }
    Ok(hits)
}
