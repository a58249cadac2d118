//! What the tasks and handles of one client share, and the questions to the server that all of them ask.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Weak, atomic::AtomicBool},
};

use sotto_e2ee::RosterQuery;
use sotto_protocol::{
    ConversationId, DeviceId, Problem, ProblemCode, UserId, conversations::Conversation, keys::QueryKeysRequest,
};
use tokio::sync::{Mutex, Notify, watch};

use crate::{
    Environment, SdkError, SdkResult, backup::Keeper, core::Core, http::Http, receiving::Errand, store::Store, tap::Tap,
};

/// Whether the app wants a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Online,
    Offline,
    /// For good.
    Shutdown,
}

/// Shared by the handles, the driver and the sender.
pub(crate) struct Shared {
    pub core: Mutex<Core>,
    pub http: Arc<Http>,
    /// The address that devices name to each other when one is linked.
    pub service: String,
    pub store: Arc<Store>,
    pub environment: Arc<dyn Environment>,
    pub tap: Option<Arc<dyn Tap>>,
    /// There may be something to send.
    pub sends: Notify,
    /// There may be something to tell.
    pub tells: Notify,
    pub wanted: watch::Sender<Wanted>,
    /// The connection has to be made anew.
    pub reconnect: Notify,
    /// Whether the device is connected and has everything.
    pub caught_up: watch::Sender<bool>,
    /// Devices that a linking of this moment will give the account's secrets to.
    pub being_linked: parking_lot::Mutex<HashSet<DeviceId>>,
    /// One key upload at a time.
    pub keys: Mutex<()>,
    /// What inbox items asked for; done once they are stored, whichever connection stores them.
    pub errands: parking_lot::Mutex<Vec<Errand>>,
    pub backup: Keeper,
    /// The person signs this device out: what the node says to that is no news.
    pub leaving: AtomicBool,
    /// For tasks that must not keep a client alive.
    pub this: Weak<Shared>,
}

impl Shared {
    /// From here on until what comes back is dropped.
    pub(crate) fn link_now(self: &Arc<Self>, device_id: DeviceId) -> BeingLinked {
        self.being_linked.lock().insert(device_id);
        BeingLinked { shared: self.clone(), device_id }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.environment.now_ms()
    }

    /// Stores what changed and wakes whoever tells it.
    pub(crate) async fn commit(&self) -> SdkResult<()> {
        let outcome = self.core.lock().await.commit().await;
        self.tells.notify_one();
        outcome
    }

    /// Asks for identities and takes them over.
    pub(crate) async fn query(&self, request: &QueryKeysRequest) -> SdkResult<()> {
        let response = self.http.query_keys(request).await?;
        let mut core = self.core.lock().await;
        core.machine.receive_identities(response.identities);
        core.commit().await
    }

    /// Asks for this person's identity, as far as it is not known.
    pub(crate) async fn query_user(&self, user_id: UserId) -> SdkResult<()> {
        let request = self.core.lock().await.machine.query_for([user_id]);
        self.query(&request).await
    }

    /// Fetches a roster, and the keys that are needed to verify it.
    pub(crate) async fn fetch_roster(&self, query: RosterQuery) -> SdkResult<()> {
        let roster = self.http.get_roster(query).await?;
        let unknown = {
            let mut core = self.core.lock().await;
            let unknown = core.machine.receive_roster(roster.clone())?;
            core.commit().await?;
            core.machine.query_for(unknown)
        };
        if unknown.users.is_empty() {
            return Ok(());
        }
        self.query(&unknown).await?;
        let mut core = self.core.lock().await;
        core.machine.receive_roster(roster)?;
        core.commit().await
    }

    /// As [`Shared::fetch_roster`] from what is known of the conversation.
    pub(crate) async fn refresh_roster(&self, conversation_id: ConversationId) -> SdkResult<()> {
        let query = self.core.lock().await.machine.roster_query(conversation_id);
        self.fetch_roster(query).await
    }

    /// All conversations of this account, as the server has them.
    pub(crate) async fn conversations(&self) -> SdkResult<Vec<Conversation>> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let page = self.http.list_conversations(after).await?;
            all.extend(page.conversations);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// Makes sure that the person's master key is pinned.
    pub(crate) async fn know(&self, user_id: UserId) -> SdkResult<()> {
        if self.core.lock().await.machine.master_key(user_id).is_some() {
            return Ok(());
        }
        self.query(&QueryKeysRequest { users: BTreeMap::from([(user_id, 0)]) }).await?;
        match self.core.lock().await.machine.master_key(user_id) {
            Some(_) => Ok(()),
            None => Err(SdkError::UnknownPerson(user_id)),
        }
    }
}

/// A device that a linking of this moment gives the account's secrets to: no envelope has to.
pub(crate) struct BeingLinked {
    shared: Arc<Shared>,
    device_id: DeviceId,
}

impl BeingLinked {
    pub(crate) fn device_id(&self) -> DeviceId {
        self.device_id
    }
}

impl Drop for BeingLinked {
    fn drop(&mut self) {
        self.shared.being_linked.lock().remove(&self.device_id);
    }
}

/// Whether the server says that this account has no business there (any more).
pub(crate) fn is_gone(error: &SdkError) -> Option<&Problem> {
    match error {
        SdkError::Problem(problem) if matches!(problem.code, ProblemCode::NotFound | ProblemCode::Forbidden) => {
            Some(problem)
        }
        _ => None,
    }
}
