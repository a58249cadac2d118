//! What a device keeps: one redb file (or memory), every value sealed under the caller's key.
//!
//! Keys of records are ids and stay readable; values are XChaCha20-Poly1305 bound to their key. Everything that
//! belongs together is one [`Batch`], stored in one transaction.

mod backing;
mod snapshot;
mod wiping;

use std::{
    collections::HashMap,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;
use rand::rngs::StdRng;
use redb::{Database, ReadableTable as _, StorageBackend, TableDefinition, TableError, WriteTransaction};
use serde::{Serialize, de::DeserializeOwned};
use sotto_e2ee::{Record, sealed};
use sotto_protocol::ConversationId;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{Environment, SdkError, SdkResult, messages::StoredMessage, room::Room};

use backing::Backing;
pub(crate) use snapshot::{Place, Snapshot};

const E2EE: TableDefinition<&str, &[u8]> = TableDefinition::new("e2ee");
const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
const MESSAGES: TableDefinition<(u128, i64), &[u8]> = TableDefinition::new("messages");
/// When messages disappear: time, conversation, position.
const EXPIRIES: TableDefinition<(i64, u128, i64), ()> = TableDefinition::new("expiries");

/// Who the device is and its tokens.
pub(crate) const META_PROFILE: &str = "profile";
pub(crate) const META_INBOX: &str = "inbox_seq";
pub(crate) const META_SYNC_TOKEN: &str = "sync_token";
/// A history that is being taken in; `null` after it.
pub(crate) const META_HISTORY: &str = "history";
const META_CURSOR: &str = "cursor/";

/// Changes that belong together.
#[derive(Default)]
pub(crate) struct Batch {
    pub records: Vec<Record>,
    pub meta: HashMap<String, Vec<u8>>,
    pub shown: Vec<StoredMessage>,
    pub forgotten: Vec<(ConversationId, i64)>,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.meta.is_empty() && self.shown.is_empty() && self.forgotten.is_empty()
    }

    pub(crate) fn put<T: Serialize>(&mut self, key: impl Into<String>, value: &T) -> SdkResult<()> {
        self.meta.insert(key.into(), serde_json::to_vec(value).map_err(SdkError::Answer)?);
        Ok(())
    }

    pub(crate) fn put_cursor(&mut self, conversation_id: ConversationId, seq: i64) -> SdkResult<()> {
        self.put(format!("{META_CURSOR}{conversation_id}"), &seq)
    }
}

/// Everything but the messages, as it was last stored.
#[derive(Default)]
pub(crate) struct Loaded {
    pub records: Vec<(String, Vec<u8>)>,
    pub meta: HashMap<String, Vec<u8>>,
}

impl Loaded {
    pub(crate) fn get<T: DeserializeOwned>(&self, key: &str) -> SdkResult<Option<T>> {
        self.meta.get(key).map(|bytes| serde_json::from_slice(bytes)).transpose().map_err(SdkError::Answer)
    }

    pub(crate) fn cursors(&self) -> SdkResult<HashMap<ConversationId, i64>> {
        let mut cursors = HashMap::new();
        for (key, bytes) in &self.meta {
            if let Some(id) = key.strip_prefix(META_CURSOR).and_then(|id| id.parse().ok()) {
                cursors.insert(id, serde_json::from_slice(bytes).map_err(SdkError::Answer)?);
            }
        }
        Ok(cursors)
    }
}

/// The durable state of one device.
pub struct Store {
    database: Backing,
    key: Zeroizing<[u8; 32]>,
    rng: Mutex<StdRng>,
    failed: AtomicBool,
}

impl Store {
    /// Opens or makes the file. `key` is the caller's to keep (a keychain, a password's hash).
    ///
    /// # Errors
    /// [`SdkError::Store`]: the file is no store, is held by another process, or can't be written.
    pub fn open(path: impl AsRef<Path>, key: [u8; 32], environment: &dyn Environment) -> SdkResult<Arc<Self>> {
        let path = path.as_ref().to_owned();
        let database = Backing::new(move || Ok(Database::create(&path)?))?;
        Ok(Self::with(database, key, environment))
    }

    /// Opens or makes it on an app's own storage, which `open` gives again after a write that failed.
    ///
    /// # Errors
    /// [`SdkError::Store`], as [`Self::open`].
    pub fn on<B: StorageBackend>(
        open: impl Fn() -> io::Result<B> + Send + Sync + 'static,
        key: [u8; 32],
        environment: &dyn Environment,
    ) -> SdkResult<Arc<Self>> {
        let database = Backing::new(move || Ok(Database::builder().create_with_backend(open()?)?))?;
        Ok(Self::with(database, key, environment))
    }

    /// A store that is gone with the process: for tests and virtual devices.
    ///
    /// # Errors
    /// [`SdkError::Store`].
    pub fn in_memory(key: [u8; 32], environment: &dyn Environment) -> SdkResult<Arc<Self>> {
        let mut builder = Database::builder();
        builder.set_cache_size(1024 * 1024);
        let database = builder.create_with_backend(redb::backends::InMemoryBackend::new());
        Ok(Self::with(Backing::memory(database.map_err(redb::Error::from)?), key, environment))
    }

    fn with(database: Backing, key: [u8; 32], environment: &dyn Environment) -> Arc<Self> {
        let rng = Mutex::new(environment.rng());
        Arc::new(Self { database, key: Zeroizing::new(key), rng, failed: AtomicBool::new(false) })
    }

    /// Stores a batch whole or not at all.
    pub(crate) async fn commit(self: &Arc<Self>, batch: Batch) -> SdkResult<()> {
        let store = self.clone();
        blocking(move || {
            let outcome = store.write(&batch);
            // The caller may be gone by now: whoever comes next has to know that memory is ahead of the store.
            store.failed.fetch_or(outcome.is_err(), Ordering::SeqCst);
            outcome
        })
        .await
    }

    /// Whether a commit failed since the last call.
    pub(crate) fn take_failed(&self) -> bool {
        self.failed.swap(false, Ordering::SeqCst)
    }

    /// After a read that failed: it is opened again by whoever needs it next.
    pub(crate) fn close(&self) {
        self.database.close();
    }

    /// Whether memory is ahead of the store, and nobody looked after it.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::SeqCst)
    }

    /// Memory may be ahead of the store.
    pub(crate) fn note_failed(&self) {
        self.failed.store(true, Ordering::SeqCst);
    }

    fn write(&self, batch: &Batch) -> SdkResult<()> {
        self.database.change(|transaction| self.put(transaction, batch))
    }

    fn put(&self, transaction: &WriteTransaction, batch: &Batch) -> SdkResult<()> {
        let mut records = transaction.open_table(E2EE).map_err(redb::Error::from)?;
        for (key, value) in &batch.records {
            match value {
                Some(value) => {
                    let sealed = self.seal(key, value)?;
                    records.insert(key.as_str(), sealed.as_slice()).map_err(redb::Error::from)?;
                }
                None => drop(records.remove(key.as_str()).map_err(redb::Error::from)?),
            }
        }
        let mut meta = transaction.open_table(META).map_err(redb::Error::from)?;
        for (key, value) in &batch.meta {
            let sealed = self.seal(key, value)?;
            meta.insert(key.as_str(), sealed.as_slice()).map_err(redb::Error::from)?;
        }
        let mut messages = transaction.open_table(MESSAGES).map_err(redb::Error::from)?;
        for message in &batch.shown {
            let value = serde_json::to_vec(message).map_err(SdkError::Answer)?;
            let sealed = self.seal(&context(message.conversation_id, message.seq), &value)?;
            let key = (message.conversation_id.0.as_u128(), message.seq);
            messages.insert(key, sealed.as_slice()).map_err(redb::Error::from)?;
        }
        let mut expiries = transaction.open_table(EXPIRIES).map_err(redb::Error::from)?;
        for message in &batch.shown {
            if let Some(at_ms) = message.expires_at_ms {
                let key = (at_ms, message.conversation_id.0.as_u128(), message.seq);
                expiries.insert(key, ()).map_err(redb::Error::from)?;
            }
        }
        for (conversation_id, seq) in &batch.forgotten {
            messages.remove((conversation_id.0.as_u128(), *seq)).map_err(redb::Error::from)?;
        }
        Ok(())
    }

    /// Deletes messages whose time is over, and names them.
    pub(crate) async fn expire(self: &Arc<Self>, now_ms: i64) -> SdkResult<Vec<(ConversationId, i64)>> {
        let store = self.clone();
        blocking(move || store.delete_expired(now_ms)).await
    }

    /// A look first: an idle device writes nothing.
    fn has_expired(&self, now_ms: i64) -> SdkResult<bool> {
        let transaction = self.database.begin_read()?;
        let expiries = match transaction.open_table(EXPIRIES) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(false),
            other => other.map_err(redb::Error::from)?,
        };
        let first = expiries.first().map_err(redb::Error::from)?;
        Ok(first.is_some_and(|(key, _)| key.value().0 <= now_ms))
    }

    fn delete_expired(&self, now_ms: i64) -> SdkResult<Vec<(ConversationId, i64)>> {
        if !self.has_expired(now_ms)? {
            return Ok(vec![]);
        }
        self.database.change(|transaction| {
            let mut over = Vec::new();
            let mut expiries = transaction.open_table(EXPIRIES).map_err(redb::Error::from)?;
            let mut messages = transaction.open_table(MESSAGES).map_err(redb::Error::from)?;
            let range = ..=(now_ms, u128::MAX, i64::MAX);
            for entry in expiries.extract_from_if(range, |_, ()| true).map_err(redb::Error::from)? {
                let (_, conversation_id, seq) = entry.map_err(redb::Error::from)?.0.value();
                if messages.remove((conversation_id, seq)).map_err(redb::Error::from)?.is_some() {
                    over.push((ConversationId(Uuid::from_u128(conversation_id)), seq));
                }
            }
            Ok(over)
        })
    }

    /// Reads all but the messages.
    pub(crate) async fn load(self: &Arc<Self>) -> SdkResult<Loaded> {
        let store = self.clone();
        blocking(move || {
            let mut loaded = Loaded::default();
            store.each(E2EE, |key, value| loaded.records.push((key, value)))?;
            store.each(META, |key, value| drop(loaded.meta.insert(key, value)))?;
            Ok(loaded)
        })
        .await
    }

    fn each(&self, table: TableDefinition<&str, &[u8]>, mut take: impl FnMut(String, Vec<u8>)) -> SdkResult<()> {
        let transaction = self.database.begin_read()?;
        let table = match transaction.open_table(table) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            other => other.map_err(redb::Error::from)?,
        };
        for entry in table.iter().map_err(redb::Error::from)? {
            let (key, value) = entry.map_err(redb::Error::from)?;
            let plain = sealed::open(&self.key, key.value().as_bytes(), value.value())?;
            take(key.value().to_owned(), plain);
        }
        Ok(())
    }

    /// Stored messages of a conversation with a position above `after`, ascending.
    pub(crate) async fn messages(
        self: &Arc<Self>,
        conversation_id: ConversationId,
        after: i64,
        limit: usize,
    ) -> SdkResult<Vec<StoredMessage>> {
        let store = self.clone();
        blocking(move || store.read_messages(conversation_id, after, limit)).await
    }

    fn read_messages(
        &self,
        conversation_id: ConversationId,
        after: i64,
        limit: usize,
    ) -> SdkResult<Vec<StoredMessage>> {
        let transaction = self.database.begin_read()?;
        let table = match transaction.open_table(MESSAGES) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(vec![]),
            other => other.map_err(redb::Error::from)?,
        };
        let id = conversation_id.0.as_u128();
        let range = (id, after.saturating_add(1))..=(id, i64::MAX);
        let mut found = Vec::new();
        for entry in table.range(range).map_err(redb::Error::from)?.take(limit) {
            let (key, value) = entry.map_err(redb::Error::from)?;
            let context = context(conversation_id, key.value().1);
            let plain = sealed::open(&self.key, context.as_bytes(), value.value())?;
            found.push(serde_json::from_slice(&plain).map_err(SdkError::Answer)?);
        }
        Ok(found)
    }

    /// What holds for a conversation by its newest messages.
    pub(crate) async fn room(self: &Arc<Self>, conversation_id: ConversationId) -> SdkResult<Room> {
        let store = self.clone();
        blocking(move || {
            let mut room = Room::default();
            let transaction = store.database.begin_read()?;
            let table = match transaction.open_table(MESSAGES) {
                Err(TableError::TableDoesNotExist(_)) => return Ok(room),
                other => other.map_err(redb::Error::from)?,
            };
            let id = conversation_id.0.as_u128();
            for entry in table.range((id, i64::MIN)..=(id, i64::MAX)).map_err(redb::Error::from)?.rev() {
                let (key, value) = entry.map_err(redb::Error::from)?;
                let context = context(conversation_id, key.value().1);
                let plain = sealed::open(&store.key, context.as_bytes(), value.value())?;
                if !room.look(&serde_json::from_slice(&plain).map_err(SdkError::Answer)?) {
                    break;
                }
            }
            Ok(room)
        })
        .await
    }

    /// The stored message at this position.
    pub(crate) async fn message(
        self: &Arc<Self>,
        conversation_id: ConversationId,
        seq: i64,
    ) -> SdkResult<Option<StoredMessage>> {
        let first = self.messages(conversation_id, seq.saturating_sub(1), 1).await?.pop();
        Ok(first.filter(|message| message.seq == seq))
    }

    fn seal(&self, context: &str, plain: &[u8]) -> SdkResult<Vec<u8>> {
        Ok(sealed::seal(&self.key, context.as_bytes(), plain, &mut *self.rng.lock())?)
    }
}

fn context(conversation_id: ConversationId, seq: i64) -> String {
    format!("message/{conversation_id}/{seq}")
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> SdkResult<T> + Send + 'static) -> SdkResult<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(SdkError::Store(error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEnvironment;

    fn batch() -> Batch {
        let mut batch = Batch { records: vec![("account".into(), Some(b"secret".to_vec()))], ..Batch::default() };
        batch.put(META_INBOX, &7_i64).unwrap();
        batch.put_cursor(ConversationId(uuid::Uuid::from_u128(5)), 3).unwrap();
        batch
    }

    #[tokio::test]
    async fn what_was_committed_is_there_after_opening_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("device.redb");
        let store = Store::open(&path, [1; 32], &SystemEnvironment).unwrap();
        store.commit(batch()).await.unwrap();
        drop(store);
        let store = Store::open(&path, [1; 32], &SystemEnvironment).unwrap();
        let loaded = store.load().await.unwrap();
        assert_eq!(loaded.records, [("account".to_owned(), b"secret".to_vec())]);
        assert_eq!(loaded.get::<i64>(META_INBOX).unwrap(), Some(7));
        assert_eq!(loaded.cursors().unwrap(), HashMap::from([(ConversationId(uuid::Uuid::from_u128(5)), 3)]));
    }

    #[tokio::test]
    async fn another_key_opens_nothing_and_the_file_shows_no_plaintext() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("device.redb");
        let store = Store::open(&path, [1; 32], &SystemEnvironment).unwrap();
        store.commit(batch()).await.unwrap();
        drop(store);
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
        let store = Store::open(&path, [2; 32], &SystemEnvironment).unwrap();
        assert!(store.load().await.is_err());
    }

    #[tokio::test]
    async fn a_message_is_gone_when_its_time_is_over_and_not_before() {
        let id = ConversationId(Uuid::from_u128(5));
        let message = |seq, expires_at_ms| StoredMessage {
            conversation_id: id,
            seq,
            txn_id: Uuid::from_u128(1).into(),
            sender_user_id: Uuid::from_u128(2).into(),
            sender_device_id: Uuid::from_u128(3).into(),
            created_at_ms: 0,
            expires_at_ms,
            counter: 1,
            body_json: "{}".into(),
        };
        let store = Store::in_memory([1; 32], &SystemEnvironment).unwrap();
        let shown = vec![message(1, Some(500)), message(2, None), message(3, Some(900))];
        store.commit(Batch { shown, ..Batch::default() }).await.unwrap();
        assert_eq!(store.expire(499).await.unwrap(), []);
        assert_eq!(store.expire(500).await.unwrap(), [(id, 1)]);
        let left: Vec<i64> = store.messages(id, 0, 10).await.unwrap().iter().map(|message| message.seq).collect();
        assert_eq!(left, [2, 3]);
    }

    #[tokio::test]
    async fn a_record_without_bytes_is_deleted() {
        let store = Store::in_memory([1; 32], &SystemEnvironment).unwrap();
        store.commit(batch()).await.unwrap();
        let gone = Batch { records: vec![("account".into(), None)], ..Batch::default() };
        store.commit(gone).await.unwrap();
        assert!(store.load().await.unwrap().records.is_empty());
    }
}
