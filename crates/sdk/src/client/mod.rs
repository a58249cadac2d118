//! One device: handles for the app, and how they come to be.

mod both_ends;
mod conversations;
mod devices;
mod linking;
mod messages;
mod recovery;
mod sign_in;
mod sign_out;
mod verification;

use std::{
    net::IpAddr,
    sync::{Arc, Weak, atomic::AtomicBool},
};

use sotto_protocol::{DeviceId, UserId, people::UserSummary};
use tokio::sync::{Mutex, Notify, mpsc, watch};

use crate::{
    Environment, SdkError, SdkResult, SystemEnvironment,
    backup::{self, Keeper},
    core::Core,
    driver,
    events::ClientEvent,
    http::Http,
    sending,
    shared::{Shared, Wanted},
    store::Store,
    tap::Tap,
};

pub use sign_in::Registered;

/// Where and how a client works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base addresses, tried in turn: `https://chat.example.org`.
    pub endpoints: Vec<String>,
    /// The service's one public address, if `endpoints` are others (its nodes): what two devices that are linked have
    /// to agree about. `None`: the first endpoint.
    pub service: Option<String>,
    /// Time and randomness.
    pub environment: Arc<dyn Environment>,
    /// The address to connect from, for machines that have several; `None` leaves it to the system.
    pub local_address: Option<IpAddr>,
    /// Events waiting for the app; when it is full the client stops reading from the socket.
    pub event_capacity: usize,
    /// Between the client and its socket; for tests.
    pub tap: Option<Arc<dyn Tap>>,
}

impl Settings {
    /// One address, the machine's clock and randomness, 1,024 events.
    pub fn new(endpoint: impl Into<String>) -> Self {
        let environment = Arc::new(SystemEnvironment);
        Self {
            endpoints: vec![endpoint.into()],
            service: None,
            environment,
            local_address: None,
            event_capacity: 1024,
            tap: None,
        }
    }

    /// The address that devices name to each other.
    pub(crate) fn service(&self) -> String {
        self.service.as_ref().or(self.endpoints.first()).cloned().unwrap_or_default()
    }

    pub(crate) fn http(&self, core: Option<&Core>) -> SdkResult<Arc<Http>> {
        let tokens = core.and_then(|core| core.profile.tokens.clone());
        Ok(Arc::new(Http::new(self.endpoints.clone(), tokens, self.environment.clone(), self.local_address)?))
    }
}

/// A running client and its events. Read the events: a client that nobody listens to stops.
pub struct Running {
    /// The handle.
    pub client: Client,
    /// What happens.
    pub events: mpsc::Receiver<ClientEvent>,
}

/// One device of one person. Cheap to clone; when the last clone goes, the client shuts down.
#[derive(Clone)]
pub struct Client {
    handle: Arc<Handle>,
}

struct Handle {
    shared: Arc<Shared>,
    device_id: DeviceId,
    user_id: UserId,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.wanted.send_replace(Wanted::Shutdown);
        self.shared.sends.notify_one();
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("user_id", &self.user_id()).field("device_id", &self.device_id()).finish()
    }
}

impl Client {
    /// Starts the tasks of a device; it connects at once if it is wanted online.
    pub(crate) fn start(
        settings: &Settings,
        http: Arc<Http>,
        core: Core,
        store: Arc<Store>,
        wanted: Wanted,
    ) -> Running {
        let (user_id, device_id) = (core.machine.user_id(), core.machine.device_id());
        let shared = Arc::new_cyclic(|this: &Weak<Shared>| Shared {
            core: Mutex::new(core),
            http,
            service: settings.service(),
            store,
            environment: settings.environment.clone(),
            tap: settings.tap.clone(),
            sends: Notify::new(),
            tells: Notify::new(),
            wanted: watch::Sender::new(wanted),
            reconnect: Notify::new(),
            caught_up: watch::Sender::new(false),
            being_linked: parking_lot::Mutex::default(),
            keys: Mutex::new(()),
            errands: parking_lot::Mutex::default(),
            backup: Keeper::default(),
            leaving: AtomicBool::new(false),
            this: this.clone(),
        });
        let (told, events) = mpsc::channel(settings.event_capacity.max(1));
        tokio::spawn(driver::run(Arc::downgrade(&shared), told));
        tokio::spawn(sending::run(Arc::downgrade(&shared)));
        tokio::spawn(sign_in::keep_tokens(Arc::downgrade(&shared)));
        tokio::spawn(backup::run(Arc::downgrade(&shared)));
        Running { client: Self { handle: Arc::new(Handle { shared, device_id, user_id }) }, events }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.handle.shared
    }

    /// The account.
    pub fn user_id(&self) -> UserId {
        self.handle.user_id
    }

    /// This device.
    pub fn device_id(&self) -> DeviceId {
        self.handle.device_id
    }

    /// The HTTP API as this device, for what has no method here.
    pub fn http(&self) -> &Http {
        &self.shared().http
    }

    /// Looks somebody up by exact username and pins the master key, so that a conversation can begin.
    pub async fn find_person(&self, username: &str) -> SdkResult<UserSummary> {
        let found = self.shared().http.get_user_by_name(username).await?;
        let mut core = self.shared().core.lock().await;
        if found.master_key.user_id != found.user_id || !core.machine.pin_master_key(&found.master_key) {
            tracing::warn!(user_id = %found.user_id, "another master key is pinned");
        }
        core.commit().await?;
        Ok(found)
    }

    /// Waits until the device is connected and has everything.
    ///
    /// # Errors
    /// [`SdkError::Closed`]: it never will.
    pub async fn caught_up(&self) -> SdkResult<()> {
        let mut caught_up = self.shared().caught_up.subscribe();
        let mut wanted = self.shared().wanted.subscribe();
        loop {
            if *wanted.borrow_and_update() == Wanted::Shutdown {
                return Err(SdkError::Closed);
            }
            if *caught_up.borrow_and_update() {
                return Ok(());
            }
            tokio::select! {
                _ = caught_up.changed() => {}
                _ = wanted.changed() => {}
            }
        }
    }

    /// Closes the socket and stays away until [`Client::connect`]. Sends are queued meanwhile.
    pub fn disconnect(&self) {
        self.want(Wanted::Offline);
    }

    /// Comes back after [`Client::disconnect`].
    pub fn connect(&self) {
        self.want(Wanted::Online);
    }

    /// Ends the client for good; what is stored stays.
    pub fn shut_down(&self) {
        self.want(Wanted::Shutdown);
    }

    fn want(&self, wanted: Wanted) {
        self.shared().wanted.send_modify(|now| {
            if *now != Wanted::Shutdown {
                *now = wanted;
            }
        });
        self.shared().sends.notify_one();
    }
}
