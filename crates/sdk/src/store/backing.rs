//! The database, and how it is opened again.

use parking_lot::RwLock;
use redb::{Database, ReadTransaction, ReadableDatabase as _, WriteTransaction};

use crate::{SdkError, SdkResult};

type Open = Box<dyn Fn() -> Result<Database, redb::Error> + Send + Sync>;

/// After a write or read that failed (a full disk) redb does nothing more until it is opened again, which whoever needs
/// it next does.
pub(super) struct Backing {
    /// `None`: memory, which is gone when it is closed.
    open: Option<Open>,
    database: RwLock<Option<Database>>,
}

impl Backing {
    pub(super) fn new(open: impl Fn() -> Result<Database, redb::Error> + Send + Sync + 'static) -> SdkResult<Self> {
        let database = open()?;
        Ok(Self { open: Some(Box::new(open)), database: RwLock::new(Some(database)) })
    }

    pub(super) fn memory(database: Database) -> Self {
        Self { open: None, database: RwLock::new(Some(database)) }
    }

    /// What is stored at this moment.
    pub(super) fn begin_read(&self) -> SdkResult<ReadTransaction> {
        self.with(|database| database.begin_read().map_err(redb::Error::from))
    }

    /// Changes what is stored, whole or not at all.
    pub(super) fn change<T>(&self, work: impl FnOnce(&WriteTransaction) -> SdkResult<T>) -> SdkResult<T> {
        let outcome = self.with(|database| database.begin_write().map_err(redb::Error::from)).and_then(|transaction| {
            let done = work(&transaction)?;
            transaction.commit().map_err(redb::Error::from)?;
            Ok(done)
        });
        if outcome.is_err() {
            self.close();
        }
        outcome
    }

    pub(super) fn close(&self) {
        if self.open.is_some() {
            *self.database.write() = None;
        }
    }

    fn with<T>(&self, work: impl FnOnce(&Database) -> Result<T, redb::Error>) -> SdkResult<T> {
        if let Some(database) = &*self.database.read() {
            return Ok(work(database)?);
        }
        let mut slot = self.database.write();
        let database = match (slot.take(), &self.open) {
            (Some(opened), _) => opened,
            (None, Some(open)) => open()?,
            (None, None) => return Err(SdkError::Store("the memory is gone".into())),
        };
        Ok(work(slot.insert(database))?)
    }
}
