//! Takes out again what was seeded, and what was sent meanwhile.

use uuid::Uuid;

use super::{
    PREFIX, Seeded,
    copy::{again, each_chunk},
};
use crate::error::{Context, Outcome};

/// Everything that hangs on accounts or conversations. The outboxes belong to the nodes.
const TABLES: &str = "users, devices, device_lists, identity_keys_seen, one_time_keys, fallback_keys, spent_keys,
                      key_claims, conversations, members, device_starts, marks, events, inboxes, inbox_items,
                      envelope_sends";

impl Seeded {
    /// Empties the tables if nobody else is in the database; otherwise deletes row by row, which takes longer.
    pub async fn uproot(self) -> Outcome<()> {
        let strangers: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT FROM users WHERE NOT starts_with(username, $1))")
                .bind(PREFIX)
                .fetch_one(&self.pool)
                .await
                .context("looking for other accounts")?;
        if strangers { self.delete().await } else { self.truncate().await }
    }

    async fn truncate(&self) -> Outcome<()> {
        let sql = format!("TRUNCATE {TABLES} CASCADE");
        again("TRUNCATE", async || sqlx::query(sqlx::AssertSqlSafe(sql.clone())).execute(&self.pool).await).await
    }

    async fn delete(&self) -> Outcome<()> {
        let talks: Vec<Uuid> = self.talks.iter().map(|talk| talk.id.0).collect();
        let users: Vec<Uuid> = self.people.iter().map(|person| person.user_id.0).collect();
        let devices: Vec<Uuid> = self.people.iter().flat_map(|p| p.devices.iter().map(|device| device.0)).collect();
        for (sql, ids) in [
            ("DELETE FROM events WHERE conversation_id = ANY ($1)", &talks),
            ("DELETE FROM marks WHERE conversation_id = ANY ($1)", &talks),
            ("DELETE FROM members WHERE conversation_id = ANY ($1)", &talks),
            ("DELETE FROM conversations WHERE id = ANY ($1)", &talks),
            ("DELETE FROM inbox_items WHERE device_id = ANY ($1)", &devices),
            ("DELETE FROM inboxes WHERE device_id = ANY ($1)", &devices),
            ("DELETE FROM one_time_keys WHERE device_id = ANY ($1)", &devices),
            ("DELETE FROM fallback_keys WHERE device_id = ANY ($1)", &devices),
            ("DELETE FROM spent_keys WHERE device_id = ANY ($1)", &devices),
            ("DELETE FROM key_claims WHERE device_id = ANY ($1)", &devices),
            ("DELETE FROM devices WHERE id = ANY ($1)", &devices),
            ("DELETE FROM last_seen WHERE device_id = ANY ($1)", &devices),
            ("DELETE FROM users WHERE id = ANY ($1)", &users),
        ] {
            each_chunk(&self.pool, sql, ids).await?;
        }
        let sql = "VACUUM users, devices, members, conversations, inboxes, events, marks, inbox_items";
        sqlx::query(sql).execute(&self.pool).await.context("VACUUM").map(drop)
    }
}
