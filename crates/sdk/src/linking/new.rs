//! The device that comes in.

use std::sync::Arc;

use sotto_e2ee::{
    Machine,
    linking::{Entered, LinkAction, LinkDone, LinkEvent, NewLink, Newcomer},
};
use sotto_protocol::{DeviceId, accounts::SessionResponse};

use super::{
    now,
    wire::{Outcome, Wire},
};
use crate::{
    LinkStep, SdkError, SdkResult,
    client::{Client, Running, Settings},
    core::Core,
    environment::uuid,
    history::{Pending, import},
    http::{Http, Tokens},
    profile::Profile,
    shared::Wanted,
    store::{Batch, META_PROFILE, Store},
};

/// What the new device works with.
pub(crate) struct Entering {
    pub settings: Settings,
    pub store: Arc<Store>,
    pub http: Arc<Http>,
}

impl Entering {
    /// Who wants to come in: the device that signed in with a password in this store, or a fresh one.
    pub(crate) async fn newcomer(&self) -> SdkResult<Newcomer> {
        let mut rng = self.settings.environment.rng();
        match Core::load(self.store.clone(), self.settings.environment.rng()).await? {
            None => Ok(Newcomer::Fresh(DeviceId(uuid(&mut rng)))),
            Some(core) if is_linked(&core.machine) => Err(SdkError::LinkedAlready),
            Some(core) => Ok(Newcomer::SignedIn(Box::new(core.machine))),
        }
    }
}

/// A linking on the new device.
pub(crate) struct Entry {
    link: NewLink,
    entering: Entering,
    wire: Wire,
    /// Nothing of it is stored before the server is asked to take it in.
    is_fresh: bool,
    is_stored: bool,
    username: String,
    tokens: Option<Tokens>,
}

impl Entry {
    pub(crate) fn new(link: NewLink, is_fresh: bool, entering: Entering, wire: Wire) -> Self {
        Self { link, entering, wire, is_fresh, is_stored: false, username: String::new(), tokens: None }
    }

    /// Goes on until this device is a full one, and starts it.
    pub(crate) async fn run(mut self, first: Vec<LinkAction>) -> SdkResult<Running> {
        match self.carry(first).await {
            Ok(entered) => self.start(entered).await,
            Err(error) => {
                self.wire.end().await;
                Err(error)
            }
        }
    }

    async fn carry(&mut self, first: Vec<LinkAction>) -> SdkResult<Entered> {
        let mut actions = first;
        loop {
            if let Some(end) = self.perform(actions).await? {
                return end;
            }
            actions = match self.wire.next().await? {
                Outcome::Session(session) => {
                    self.take_session(*session);
                    self.feed(LinkEvent::Completed).await?
                }
                Outcome::Event(event) => self.feed(event).await?,
                Outcome::Cut(_) => Vec::new(),
            };
        }
    }

    async fn feed(&mut self, event: LinkEvent) -> SdkResult<Vec<LinkAction>> {
        if let LinkEvent::Head(head) = &event {
            self.username.clone_from(&head.username);
        }
        let actions = self.link.handle(event, now(&*self.entering.settings.environment));
        // Before the server is asked to take this device in, its keys have to be where they survive.
        if self.is_stored || actions.iter().any(|action| matches!(action, LinkAction::Complete(_))) {
            self.store().await?;
        }
        Ok(actions)
    }

    async fn store(&mut self) -> SdkResult<()> {
        let Some(machine) = self.link.machine() else { return Ok(()) };
        self.is_stored = true;
        let (user_id, device_id) = (machine.user_id(), machine.device_id());
        let mut batch = Batch { records: machine.take_dirty()?, ..Batch::default() };
        let (username, tokens) = (self.username.clone(), self.tokens.clone());
        batch.put(META_PROFILE, &Profile { username, user_id, device_id, tokens })?;
        self.entering.store.commit(batch).await
    }

    fn take_session(&mut self, session: SessionResponse) {
        self.tokens = Some(Tokens::of(session.tokens, self.entering.settings.environment.now_ms()));
    }

    /// Gives how it ended, if it did.
    async fn perform(&mut self, actions: Vec<LinkAction>) -> SdkResult<Option<SdkResult<Entered>>> {
        for action in actions {
            let Some(action) = self.wire.perform(action, self.link.rendezvous()).await else { continue };
            match action {
                LinkAction::FetchHead(request) => {
                    let request = Arc::new(request);
                    let call = move |http: Arc<Http>| {
                        let request = request.clone();
                        async move { http.get_link_head(&request).await }
                    };
                    self.wire.call(call, |head| Outcome::Event(LinkEvent::Head(Box::new(head))));
                }
                LinkAction::Complete(request) => {
                    let request = Arc::new(request);
                    let call = move |http: Arc<Http>| {
                        let request = request.clone();
                        async move { http.complete_link(&request).await }
                    };
                    self.wire.call(call, |session| Outcome::Session(Box::new(session)));
                }
                LinkAction::Done(LinkDone::Entered(entered)) => {
                    if entered.unreadable {
                        self.wire.show(LinkStep::Unreadable);
                    }
                    return Ok(Some(Ok(entered)));
                }
                LinkAction::Failed(failure) => {
                    if self.is_fresh && self.is_stored {
                        self.entering.store.wipe().await?;
                    }
                    return Ok(Some(Err(failure.into())));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// From here on the device is like any other. It reads the history before it connects, so that nothing that is new
    /// waits for keys that are on their way.
    async fn start(self, entered: Entered) -> SdkResult<Running> {
        let steps = self.wire.steps();
        let Entering { settings, store, http } = self.entering;
        let core = Core::load(store.clone(), settings.environment.rng()).await?;
        let mut core = core.ok_or_else(|| SdkError::Store("nothing is stored".into()))?;
        http.set_tokens(core.profile.tokens.clone());
        if let Err(error) = know_own_devices(&http, &mut core.machine).await {
            // The first roster or the next notice brings them.
            tracing::debug!(%error, "the account's list was not read");
        }
        core.set_history(entered.history.map(|pointer| Pending { pointer, next: 0 }))?;
        core.commit().await?;
        let running = Client::start(&settings, http, core, store, Wanted::Offline);
        // What is left of it is read at the next start.
        if let Err(error) = import(running.client.shared(), Some(&steps)).await {
            tracing::warn!(%error, "the history is not taken in whole");
        }
        running.client.connect();
        Ok(running)
    }
}

fn is_linked(machine: &Machine) -> bool {
    machine.devices_of(machine.user_id()).iter().any(|device| device.device_id == machine.device_id())
}

async fn know_own_devices(http: &Http, machine: &mut Machine) -> SdkResult<()> {
    let request = machine.query_for([machine.user_id()]);
    machine.receive_identities(http.query_keys(&request).await?.identities);
    Ok(())
}
