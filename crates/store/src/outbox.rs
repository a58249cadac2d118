//! The outbox of wake-ups: what nodes that missed a publish read instead.

use sotto_protocol::{ConversationId, DeviceId};
use sqlx::PgConnection;

use crate::{StoreResult, ids};

/// Leaves one row that tells which conversations changed and which inboxes grew. Nothing to tell leaves no row.
pub async fn wake(conn: &mut PgConnection, conversations: &[ConversationId], devices: &[DeviceId]) -> StoreResult<()> {
    if conversations.is_empty() && devices.is_empty() {
        return Ok(());
    }
    sqlx::query("INSERT INTO wake_outbox (conversation_ids, device_ids) VALUES ($1, $2)")
        .bind(ids::conversations(conversations))
        .bind(ids::devices(devices))
        .execute(conn)
        .await?;
    Ok(())
}
