//! One lane of the writer.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use sotto_protocol::ConversationId;
use tokio::{sync::mpsc, task::JoinSet};

use super::{
    AppendOutcome, Committed, NewMessage, OnCommit, Pending, Stored,
    append::{Appended, Appender, Busy},
    batch,
};
use crate::{StoreError, faults::Point};

/// Messages of one conversation that may wait beside the lane.
const MAX_WAITING: usize = 1_024;

struct Lane {
    appender: Arc<Appender>,
    on_commit: OnCommit,
    ready: VecDeque<Pending>,
    /// Conversations whose row another node holds, or with a heavy message: one batch each in `calls`, later messages
    /// queued here so that the order of their senders holds.
    waiting: HashMap<ConversationId, VecDeque<Pending>>,
    calls: JoinSet<ConversationId>,
    /// The conversation whose heavy message is stored beside the lane: one at a time, on a connection that is kept for it.
    heavy: Option<ConversationId>,
}

/// Works until every [`super::Writer`] is dropped and the queue is empty.
pub(super) async fn run(appender: Appender, on_commit: OnCommit, mut queue: mpsc::Receiver<Pending>) {
    let max_batch = appender.config.max_batch;
    let mut lane = Lane {
        appender: Arc::new(appender),
        on_commit,
        ready: VecDeque::new(),
        waiting: HashMap::new(),
        calls: JoinSet::new(),
        heavy: None,
    };
    let mut open = true;
    while open || !lane.ready.is_empty() || !lane.calls.is_empty() {
        if lane.ready.is_empty() {
            tokio::select! {
                next = queue.recv(), if open => match next {
                    Some(pending) => lane.admit(pending),
                    None => open = false,
                },
                Some(Ok(conversation_id)) = lane.calls.join_next() => lane.resume(conversation_id),
            }
        }
        while let Some(Ok(conversation_id)) = lane.calls.try_join_next() {
            lane.resume(conversation_id);
        }
        while lane.ready.len() < max_batch
            && let Ok(pending) = queue.try_recv()
        {
            lane.admit(pending);
        }
        let batch = batch::take(&mut lane.ready, max_batch);
        if !batch.is_empty() {
            lane.store(batch).await;
        }
    }
}

impl Lane {
    fn admit(&mut self, pending: Pending) {
        match self.waiting.get_mut(&pending.message.conversation_id) {
            Some(queue) if queue.len() >= MAX_WAITING => (pending.reply)(Err(StoreError::Overloaded)),
            Some(queue) => queue.push_back(pending),
            None => self.ready.push_back(pending),
        }
    }

    async fn store(&mut self, batch: Vec<Pending>) {
        metrics::histogram!("sotto_writer_batch_messages").record(count(batch.len()));
        let heavy = batch.first().filter(|first| self.heavy.is_none() && batch::is_heavy(first));
        let aside = if let Some(heavy) = heavy {
            self.heavy = Some(heavy.message.conversation_id);
            batch
        } else {
            settle(&self.appender, &self.on_commit, batch, Busy::Report).await
        };
        let mut held = Vec::new();
        for pending in aside {
            let conversation_id = pending.message.conversation_id;
            let queue = self.waiting.entry(conversation_id).or_insert_with(|| {
                held.push(conversation_id);
                VecDeque::new()
            });
            queue.push_back(pending);
        }
        if held.is_empty() {
            return;
        }
        // Later messages of these conversations follow, so that none overtakes.
        for pending in std::mem::take(&mut self.ready) {
            self.admit(pending);
        }
        for conversation_id in held {
            self.wait_for(conversation_id);
        }
    }

    fn wait_for(&mut self, conversation_id: ConversationId) {
        let Some(queue) = self.waiting.get_mut(&conversation_id) else { return };
        let batch = batch::take(queue, self.appender.config.max_batch);
        metrics::counter!("sotto_writer_waits_total").increment(1);
        let (appender, on_commit) = (self.appender.clone(), self.on_commit.clone());
        let how = if self.heavy == Some(conversation_id) { Busy::WaitHeavy } else { Busy::Wait };
        self.calls.spawn(async move {
            // Who waits is not told `busy`; should it be, it comes again.
            let left = settle(&appender, &on_commit, batch, how).await;
            if !left.is_empty() {
                fail(left, &StoreError::Unavailable(sqlx::Error::PoolTimedOut));
            }
            conversation_id
        });
    }

    fn resume(&mut self, conversation_id: ConversationId) {
        self.heavy.take_if(|heavy| *heavy == conversation_id);
        // What queued up meanwhile goes first: it is older than anything that is still to be admitted.
        if let Some(mut queue) = self.waiting.remove(&conversation_id) {
            while let Some(pending) = queue.pop_back() {
                self.ready.push_front(pending);
            }
        }
    }
}

/// Stores a batch, tells `on_commit`, answers the senders; gives back those that are busy.
async fn settle(appender: &Appender, on_commit: &OnCommit, batch: Vec<Pending>, busy: Busy) -> Vec<Pending> {
    let faults = appender.database.faults();
    faults.at(Point::BeforeTransaction).await;
    #[cfg(feature = "mutations")]
    if faults.mutates(crate::faults::Mutation::AckBeforeCommit) {
        return super::early::settle(appender, on_commit, batch).await;
    }
    faults.at(Point::BeforeCommit).await;
    let messages: Vec<&NewMessage> = batch.iter().map(|pending| &pending.message).collect();
    match appender.append(&messages, busy).await {
        Ok(answers) => {
            faults.at(Point::AfterCommit).await;
            let left = finish(on_commit, batch, answers);
            faults.at(Point::AfterPublish).await;
            left
        }
        Err(error) if batch.len() > 1 && !error.is_unavailable() => {
            // One message that PostgreSQL cannot take must not fail its neighbours.
            tracing::error!(%error, messages = batch.len(), "batch failed; its messages are stored one by one");
            let mut left = Vec::new();
            for pending in batch {
                let answers = appender.append(&[&pending.message], busy).await;
                left.extend(match answers {
                    Ok(answers) => finish(on_commit, vec![pending], answers),
                    Err(error) => fail(vec![pending], &error),
                });
            }
            left
        }
        Err(error) => fail(batch, &error),
    }
}

pub(super) fn finish(on_commit: &OnCommit, batch: Vec<Pending>, answers: Vec<Appended>) -> Vec<Pending> {
    let mut stored = Vec::new();
    let mut replies = Vec::with_capacity(batch.len());
    let mut left = Vec::new();
    for (pending, answer) in batch.into_iter().zip(answers) {
        match answer {
            Appended::New { seq, at, expires_at, inbox_seqs } => {
                replies.push((pending.reply, AppendOutcome::Stored { seq, at }));
                let committed = Committed { message: pending.message, seq, at, expires_at, inbox_seqs };
                stored.push(Stored::Now(Box::new(committed)));
            }
            Appended::Done(outcome) => {
                if let AppendOutcome::Stored { seq, .. } = outcome {
                    stored.push(Stored::Before { conversation_id: pending.message.conversation_id, seq });
                }
                replies.push((pending.reply, outcome));
            }
            Appended::Busy => left.push(pending),
        }
    }
    // Publish and answer only now: the commit is behind us.
    if !stored.is_empty() {
        on_commit(stored);
    }
    for (reply, outcome) in replies {
        reply(Ok(outcome));
    }
    left
}

pub(super) fn fail(batch: Vec<Pending>, error: &StoreError) -> Vec<Pending> {
    tracing::error!(%error, messages = batch.len(), "append failed; its senders were told to try again");
    for pending in batch {
        (pending.reply)(Err(StoreError::Unavailable(sqlx::Error::WorkerCrashed)));
    }
    Vec::new()
}

#[expect(clippy::cast_precision_loss, reason = "a batch has some hundred messages")]
fn count(messages: usize) -> f64 {
    messages as f64
}
