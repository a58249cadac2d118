//! All messages as they are at one moment, in pages: what is handed over must not move while it is cut into chunks.

use std::sync::Arc;

use redb::{ReadOnlyTable, ReadableTable as _, TableError};
use sotto_e2ee::sealed;
use sotto_protocol::ConversationId;
use uuid::Uuid;

use super::{MESSAGES, Store, blocking, context};
use crate::{SdkError, SdkResult, messages::StoredMessage};

/// Where a message is: conversation, position.
pub(crate) type Place = (u128, i64);

/// Messages of one moment. Cheap to clone; the store cannot reuse what it holds.
#[derive(Clone)]
pub(crate) struct Snapshot {
    store: Arc<Store>,
    /// `None`: there never was a message.
    table: Option<Arc<ReadOnlyTable<Place, &'static [u8]>>>,
}

impl Store {
    /// The messages of this moment.
    pub(crate) async fn snapshot(self: &Arc<Self>) -> SdkResult<Snapshot> {
        let store = self.clone();
        blocking(move || {
            let transaction = store.database.begin_read()?;
            let table = match transaction.open_table(MESSAGES) {
                Err(TableError::TableDoesNotExist(_)) => None,
                other => Some(Arc::new(other.map_err(redb::Error::from)?)),
            };
            Ok(Snapshot { store, table })
        })
        .await
    }
}

impl Snapshot {
    /// Cuts the messages into runs of at most `most` bytes of JSON, a comma after each; a larger one stands alone. Gives
    /// first and last place of each run, and the bytes of all. Nothing is decrypted for it.
    pub(crate) async fn runs(&self, most: usize) -> SdkResult<(Vec<(Place, Place)>, u64)> {
        let table = self.table.clone();
        blocking(move || {
            let (mut runs, mut room, mut bytes): (Vec<(Place, Place)>, _, _) = (Vec::new(), 0, 0);
            let Some(table) = table else { return Ok((runs, bytes)) };
            for entry in table.iter().map_err(redb::Error::from)? {
                let (place, value) = entry.map_err(redb::Error::from)?;
                let (place, size) = (place.value(), value.value().len().saturating_sub(sealed::OVERHEAD_BYTES) + 1);
                bytes += size as u64;
                if let Some(run) = runs.last_mut().filter(|_| size <= room) {
                    room -= size;
                    run.1 = place;
                } else {
                    room = most.saturating_sub(size);
                    runs.push((place, place));
                }
            }
            Ok((runs, bytes))
        })
        .await
    }

    /// The messages of a run.
    pub(crate) async fn read(&self, (first, last): (Place, Place)) -> SdkResult<Vec<StoredMessage>> {
        let this = self.clone();
        blocking(move || {
            let Some(table) = &this.table else { return Ok(vec![]) };
            let mut found = Vec::new();
            for entry in table.range(first..=last).map_err(redb::Error::from)? {
                let (place, value) = entry.map_err(redb::Error::from)?;
                let (conversation_id, seq) = place.value();
                let context = context(ConversationId(Uuid::from_u128(conversation_id)), seq);
                let plain = sealed::open(&this.store.key, context.as_bytes(), value.value())?;
                found.push(serde_json::from_slice(&plain).map_err(SdkError::Answer)?);
            }
            Ok(found)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SystemEnvironment, store::Batch};

    fn message(conversation: u128, seq: i64) -> StoredMessage {
        StoredMessage {
            conversation_id: Uuid::from_u128(conversation).into(),
            seq,
            txn_id: Uuid::from_u128(1).into(),
            sender_user_id: Uuid::from_u128(2).into(),
            sender_device_id: Uuid::from_u128(3).into(),
            created_at_ms: 0,
            expires_at_ms: None,
            counter: 1,
            body_json: "{}".into(),
        }
    }

    #[tokio::test]
    async fn runs_hold_every_message_once_and_no_more_bytes_than_they_may() {
        let store = Store::in_memory([1; 32], &SystemEnvironment).unwrap();
        let all: Vec<_> = (1..=3).flat_map(|id| (1..=20).map(move |seq| message(id, seq))).collect();
        store.commit(Batch { shown: all.clone(), ..Batch::default() }).await.unwrap();
        let snapshot = store.snapshot().await.unwrap();
        let late = Batch { shown: vec![message(2, 7_000)], ..Batch::default() };
        store.commit(late).await.unwrap();
        let (runs, bytes) = snapshot.runs(1_500).await.unwrap();
        let mut read = Vec::new();
        for run in &runs {
            let messages = snapshot.read(*run).await.unwrap();
            let size: usize = messages.iter().map(|message| serde_json::to_vec(message).unwrap().len() + 1).sum();
            assert!(size <= 1_500, "{size}");
            read.extend(messages);
        }
        assert_eq!(read, all, "what came later is not of this moment");
        assert_eq!(bytes, all.iter().map(|message| serde_json::to_vec(message).unwrap().len() as u64 + 1).sum::<u64>());
        assert_eq!(snapshot.runs(1).await.unwrap().0.len(), all.len(), "a larger one stands alone");
    }
}
