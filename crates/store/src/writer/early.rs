//! [`crate::faults::Mutation::AckBeforeCommit`]: the senders are answered while the transaction is still open.

use std::sync::{Arc, Mutex, PoisonError};

use super::{
    NewMessage, OnCommit, Pending, Stored,
    append::{Appender, Busy},
    lane::{fail, finish},
};
use crate::{StoreError, faults::Point};

pub(super) async fn settle(appender: &Appender, on_commit: &OnCommit, batch: Vec<Pending>) -> Vec<Pending> {
    let messages: Vec<&NewMessage> = batch.iter().map(|pending| &pending.message).collect();
    let mut transaction = match appender.database.pool().begin().await {
        Ok(transaction) => transaction,
        Err(error) => return fail(batch, &StoreError::from(error)),
    };
    let answers = match appender.query(&messages, Busy::Wait, &mut transaction).await {
        Ok(answers) => answers,
        Err(error) => return fail(batch, &error),
    };
    let held: Arc<Mutex<Vec<Stored>>> = Arc::default();
    let hold: OnCommit = {
        let held = Arc::clone(&held);
        Arc::new(move |committed| held.lock().unwrap_or_else(PoisonError::into_inner).extend(committed))
    };
    let left = finish(&hold, batch, answers);
    appender.database.faults().at(Point::BeforeCommit).await;
    if transaction.commit().await.is_ok() {
        on_commit(std::mem::take(&mut *held.lock().unwrap_or_else(PoisonError::into_inner)));
    }
    left
}
