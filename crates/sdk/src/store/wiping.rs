//! Forgetting.

use std::sync::Arc;

use super::{E2EE, EXPIRIES, MESSAGES, META, Store, blocking};
use crate::SdkResult;

impl Store {
    /// Deletes every secret of the device, its keys and tokens and its place in the streams; messages stay. A file may
    /// keep sealed bytes in pages that are free now: whoever wants to be sure deletes the file, or forgets its key.
    ///
    /// # Errors
    /// [`crate::SdkError::Store`].
    pub async fn wipe(self: &Arc<Self>) -> SdkResult<()> {
        let store = self.clone();
        blocking(move || {
            store.database.change(|transaction| {
                transaction.delete_table(E2EE).map_err(redb::Error::from)?;
                transaction.delete_table(META).map_err(redb::Error::from)?;
                Ok(())
            })
        })
        .await
    }

    /// Deletes every message.
    ///
    /// # Errors
    /// [`crate::SdkError::Store`].
    pub async fn delete_messages(self: &Arc<Self>) -> SdkResult<()> {
        let store = self.clone();
        blocking(move || {
            store.database.change(|transaction| {
                transaction.delete_table(MESSAGES).map_err(redb::Error::from)?;
                transaction.delete_table(EXPIRIES).map_err(redb::Error::from)?;
                Ok(())
            })
        })
        .await
    }
}
