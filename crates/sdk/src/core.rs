//! The state of a device in memory: crypto machine, positions, what is on its way. One lock guards it, and nobody
//! holds that lock across a call to the server.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use rand::{SeedableRng as _, rngs::StdRng};
use sotto_e2ee::{EventOutcome, Machine};
use sotto_protocol::{ConversationId, TxnId, events::GoneReason, frames::ClientFrame};
use tokio::sync::mpsc;

use crate::{
    SdkError, SdkResult,
    events::ClientEvent,
    flights::Flights,
    history::Pending,
    marking::Marking,
    messages::StoredMessage,
    profile::Profile,
    store::{Batch, META_HISTORY, META_INBOX, META_PROFILE, META_SYNC_TOKEN, Store},
};

/// Everything of a device that changes.
pub(crate) struct Core {
    pub machine: Machine,
    pub profile: Profile,
    pub rng: StdRng,
    pub inbox_seq: i64,
    pub sync_token: Option<String>,
    pub cursors: HashMap<ConversationId, i64>,
    /// What is left of a history that was handed over.
    pub history: Option<Pending>,
    /// Sends that the app was not told the outcome of.
    pub unanswered: HashSet<TxnId>,
    pub flights: Flights,
    pub marking: Marking,
    /// The live socket's queue, once caught up.
    pub online: Option<mpsc::Sender<ClientFrame>>,
    /// The app was told that the device is signed out.
    pub signed_off: bool,
    /// The device is out of its account: nothing is stored any more.
    pub gone: bool,
    /// How often memory went back to what is stored.
    pub generation: u64,
    store: Arc<Store>,
    batch: Batch,
    /// Told once the batch is stored.
    staged: Vec<ClientEvent>,
    /// Stored; the driver hands them to the app, in this order.
    ready: VecDeque<ClientEvent>,
}

impl Core {
    /// A device that was never stored.
    pub(crate) fn new(machine: Machine, profile: Profile, rng: StdRng, store: Arc<Store>) -> Self {
        Self {
            machine,
            profile,
            rng,
            inbox_seq: 0,
            sync_token: None,
            cursors: HashMap::new(),
            history: None,
            unanswered: HashSet::new(),
            flights: Flights::default(),
            marking: Marking::default(),
            online: None,
            signed_off: false,
            gone: false,
            generation: 0,
            store,
            batch: Batch::default(),
            staged: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// A device as it was last stored; `None` if there is none in this store.
    pub(crate) async fn load(store: Arc<Store>, rng: StdRng) -> SdkResult<Option<Self>> {
        let loaded = store.load().await?;
        let Some(profile) = loaded.get::<Profile>(META_PROFILE)? else { return Ok(None) };
        let (inbox_seq, cursors) = (loaded.get(META_INBOX)?.unwrap_or(0), loaded.cursors()?);
        let sync_token = loaded.get(META_SYNC_TOKEN)?.filter(|token: &String| !token.is_empty());
        let history = loaded.get(META_HISTORY)?.flatten();
        let machine = Machine::load(loaded.records)?;
        let mut core = Self { inbox_seq, sync_token, cursors, history, ..Self::new(machine, profile, rng, store) };
        for conversation_id in core.machine.conversations_with_work() {
            core.unanswered.extend(core.machine.queued(conversation_id));
        }
        Ok(Some(core))
    }

    /// Stores everything that changed, in one transaction; only then is anything told, sent or acknowledged.
    ///
    /// # Errors
    /// [`SdkError::Store`]: memory is back at what is stored, nothing was told.
    pub(crate) async fn commit(&mut self) -> SdkResult<()> {
        if self.gone {
            (self.batch, _) = (Batch::default(), self.machine.take_dirty()?);
            self.ready.extend(self.staged.drain(..));
            return Ok(());
        }
        if self.store.take_failed() {
            self.take_back().await?;
            return Err(SdkError::Store("an earlier transaction failed".into()));
        }
        let mut batch = std::mem::take(&mut self.batch);
        batch.records = self.machine.take_dirty()?;
        let alarms = self.machine.take_alarms();
        self.staged.extend(alarms.into_iter().map(ClientEvent::Alarm));
        if !batch.is_empty()
            && let Err(error) = self.store.commit(batch).await
        {
            self.take_back().await?;
            return Err(error);
        }
        self.ready.extend(self.staged.drain(..));
        Ok(())
    }

    /// Forgets every key; what is in memory afterwards is a device of no account.
    pub(crate) fn forget_keys(&mut self) -> SdkResult<()> {
        self.machine = Machine::new_unlinked(self.machine.user_id(), self.machine.device_id())?;
        self.profile.tokens = None;
        (self.gone, self.online) = (true, None);
        self.unanswered.clear();
        self.flights.clear();
        Ok(())
    }

    /// Gives up what is not stored: memory goes back to what is.
    ///
    /// # Errors
    /// [`SdkError::Store`]: that could not be read; the next commit tries it again before anything else.
    pub(crate) async fn take_back(&mut self) -> SdkResult<()> {
        self.store.note_failed();
        let rng = StdRng::from_rng(&mut self.rng);
        let loaded = Self::load(self.store.clone(), rng).await;
        if loaded.is_err() {
            self.store.close();
        }
        let stored = loaded?.ok_or(SdkError::Store("nothing is stored".into()))?;
        self.store.take_failed();
        let (ready, marking) = (std::mem::take(&mut self.ready), std::mem::take(&mut self.marking));
        *self = Self { marking, ready, generation: self.generation + 1, ..stored };
        Ok(())
    }

    /// The next event for the app.
    pub(crate) fn next_ready(&mut self) -> Option<ClientEvent> {
        self.ready.pop_front()
    }

    /// Tells the app once the current batch is stored.
    pub(crate) fn stage(&mut self, event: ClientEvent) {
        self.staged.push(event);
    }

    pub(crate) fn save_profile(&mut self) -> SdkResult<()> {
        self.batch.put(META_PROFILE, &self.profile)
    }

    pub(crate) fn set_inbox_seq(&mut self, seq: i64) -> SdkResult<()> {
        self.inbox_seq = seq;
        self.batch.put(META_INBOX, &seq)
    }

    pub(crate) fn set_sync_token(&mut self, sync_token: String) -> SdkResult<()> {
        self.batch.put(META_SYNC_TOKEN, &sync_token)?;
        self.sync_token = Some(sync_token);
        Ok(())
    }

    pub(crate) fn set_history(&mut self, history: Option<Pending>) -> SdkResult<()> {
        self.batch.put(META_HISTORY, &history)?;
        self.history = history;
        Ok(())
    }

    /// A message of a history, which is not told by itself.
    pub(crate) fn keep(&mut self, message: StoredMessage) {
        self.batch.shown.push(message);
    }

    /// The next catch-up begins at the beginning.
    pub(crate) fn forget_sync_token(&mut self) -> SdkResult<()> {
        self.sync_token = None;
        self.batch.put(META_SYNC_TOKEN, &"")
    }

    /// Everything up to here of the conversation is processed.
    pub(crate) fn cursor(&self, conversation_id: ConversationId) -> i64 {
        self.cursors.get(&conversation_id).copied().unwrap_or(0)
    }

    /// Cursors only rise.
    pub(crate) fn raise_cursor(&mut self, conversation_id: ConversationId, seq: i64) -> SdkResult<()> {
        if seq > self.cursor(conversation_id) {
            self.cursors.insert(conversation_id, seq);
            self.batch.put_cursor(conversation_id, seq)?;
        }
        Ok(())
    }

    /// What the event at `seq` became.
    pub(crate) fn take_outcome(&mut self, outcome: EventOutcome, seq: i64) {
        match outcome {
            EventOutcome::Shown(shown) => {
                let message = StoredMessage::from(&shown);
                if shown.sender_device_id == self.machine.device_id() {
                    self.answered(shown.conversation_id, shown.txn_id, Some(shown.seq));
                }
                self.batch.shown.push(message.clone());
                self.stage(ClientEvent::Shown { message, warnings: shown.warnings });
            }
            EventOutcome::Undecryptable { conversation_id, seq, reason } => {
                self.stage(ClientEvent::Undecryptable { conversation_id, seq, reason: Some(reason) });
            }
            EventOutcome::Refused { conversation_id, seq, reason } => {
                self.stage(ClientEvent::EventRefused { conversation_id, seq, reason });
            }
            EventOutcome::Gone { conversation_id, seq, txn_id, reason } => {
                self.answered(conversation_id, txn_id, Some(seq));
                self.forget(conversation_id, seq, reason);
            }
            EventOutcome::Membership { change } => {
                self.stage(ClientEvent::Membership { seq, change: Box::new(change) });
            }
            EventOutcome::Removal { .. }
            | EventOutcome::Duplicate
            | EventOutcome::NeedsRoster(_)
            | EventOutcome::NeedsIdentity(_) => {}
        }
    }

    /// The message's content is gone.
    pub(crate) fn forget(&mut self, conversation_id: ConversationId, seq: i64, reason: GoneReason) {
        self.batch.forgotten.push((conversation_id, seq));
        self.stage(ClientEvent::Gone { conversation_id, seq, reason });
    }

    /// One's own message is stored; the app is told once.
    pub(crate) fn answered(&mut self, conversation_id: ConversationId, txn_id: TxnId, seq: Option<i64>) {
        self.flights.landed(conversation_id, txn_id);
        if self.unanswered.remove(&txn_id) {
            self.stage(ClientEvent::Sent { conversation_id, txn_id, seq });
        }
    }
}
