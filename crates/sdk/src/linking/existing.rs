//! The device that is linked already.

use std::sync::Arc;

use sotto_e2ee::linking::{ExistingLink, HistoryPointer, LinkAction, LinkDone, LinkEvent, LinkFailure};
use sotto_protocol::{HistoryId, ProblemCode, rendezvous::LinkFailureRequest};
use tokio::task::JoinHandle;

use super::{
    LinkStep, Linked, now, own_identity,
    wire::{Outcome, Wire},
};
use crate::{
    SdkError, SdkResult,
    history::Export,
    http::Http,
    shared::{BeingLinked, Shared},
};

/// A linking on the existing device.
pub(crate) struct Existing {
    link: ExistingLink,
    shared: Arc<Shared>,
    wire: Wire,
    /// Who comes in, once it was certified.
    being_linked: Option<BeingLinked>,
    /// The person wants the new device to have the messages, too.
    whole: bool,
    wants_history: bool,
    /// A history on its way to the server.
    history: Option<(HistoryId, JoinHandle<SdkResult<()>>)>,
}

impl Existing {
    pub(crate) fn new(link: ExistingLink, shared: Arc<Shared>, wire: Wire) -> Self {
        Self { link, shared, wire, being_linked: None, whole: false, wants_history: false, history: None }
    }

    /// Goes on until it is over.
    pub(crate) async fn run(mut self, first: Vec<LinkAction>) -> SdkResult<Linked> {
        let outcome = self.carry(first).await;
        // What went wrong here is no business of the other device: it sees that it is over.
        self.wire.end().await;
        self.uploaded(false).await;
        if self.being_linked.take().is_some() {
            // In its account all the same, if the linking broke off after the server took it in.
            self.shared.hand_over_later();
        }
        outcome
    }

    async fn carry(&mut self, first: Vec<LinkAction>) -> SdkResult<Linked> {
        let mut actions = first;
        loop {
            if let Some(end) = self.perform(actions).await? {
                return end;
            }
            let event = match self.wire.next().await? {
                Outcome::Event(event) => event,
                Outcome::Cut(export) => LinkEvent::History(export.map(|export| self.upload(*export))),
                Outcome::Session(_) => LinkEvent::Tick,
            };
            let is_in = matches!(event, LinkEvent::OwnIdentity(_));
            actions = self.feed(event).await?;
            if is_in && self.wants_history && !self.link.is_ended() {
                self.cut_history();
            }
        }
    }

    /// The engine works on the device's own state, which is stored before anything that follows from it is sent.
    async fn feed(&mut self, mut event: LinkEvent) -> SdkResult<Vec<LinkAction>> {
        if let LinkEvent::Approved { history, .. } = &mut event {
            // Names and timers are handed over in any case: nobody says them again for a new device of a member.
            self.whole = std::mem::replace(history, true);
        }
        let now = now(&*self.shared.environment);
        let mut core = self.shared.core.lock().await;
        let actions = self.link.handle(&mut core.machine, event, now);
        core.commit().await?;
        drop(core);
        self.shared.tells.notify_one();
        Ok(actions)
    }

    /// Gives how it ended, if it did.
    async fn perform(&mut self, actions: Vec<LinkAction>) -> SdkResult<Option<SdkResult<Linked>>> {
        for action in actions {
            let Some(action) = self.wire.perform(action, self.link.rendezvous()).await else { continue };
            match action {
                LinkAction::CreateGrant(request) => {
                    self.being_linked = Some(self.shared.link_now(request.device_keys.device_id));
                    let request = Arc::new(request);
                    let call = move |http: Arc<Http>| {
                        let request = request.clone();
                        async move { http.create_grant(&request).await }
                    };
                    self.wire.call(call, |grant| Outcome::Event(LinkEvent::Granted(grant)));
                }
                LinkAction::ReadOwnIdentity(request) => {
                    let (request, user_id) = (Arc::new(request), self.shared.core.lock().await.machine.user_id());
                    let call = move |http: Arc<Http>| {
                        let request = request.clone();
                        async move { own_identity(&http, &request, user_id).await }
                    };
                    self.wire.call(call, |own| Outcome::Event(LinkEvent::OwnIdentity(Box::new(own))));
                }
                // Begun once the new device is in: what comes after that it gets by itself.
                LinkAction::ExportHistory => self.wants_history = true,
                LinkAction::Done(LinkDone::Linked { handed_over }) => {
                    return Ok(Some(self.linked(handed_over).await));
                }
                LinkAction::Failed(failure) => return Ok(Some(Err(self.failed(failure).await))),
                _ => {}
            }
        }
        Ok(None)
    }

    fn cut_history(&mut self) {
        let (shared, whole) = (self.shared.clone(), self.whole);
        self.wire.work(async move {
            let cut = Export::begin(shared, whole).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the history is not handed over");
                None
            });
            Ok(Outcome::Cut(cut.map(Box::new)))
        });
    }

    /// Tells the new device of it in the last message; the upload goes on beside and after that.
    fn upload(&mut self, export: Export) -> HistoryPointer {
        let (pointer, steps) = (export.pointer(), self.wire.steps());
        let whole = self.whole;
        let tell = move |done, of| {
            if whole {
                drop(steps.try_send(LinkStep::History { done, of }));
            }
        };
        self.history = Some((export.id(), tokio::spawn(export.upload(tell))));
        pointer
    }

    /// Waits for the upload, whether or not somebody looks on; without the new device knowing of it, it is for nobody.
    async fn uploaded(&mut self, is_known: bool) -> bool {
        let Some((id, upload)) = self.history.take() else { return false };
        if !is_known {
            upload.abort();
            drop(self.wire.http.delete_history(id).await);
            return false;
        }
        match upload.await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the history is not uploaded whole");
                false
            }
            Err(_) => false,
        }
    }

    async fn linked(&mut self, handed_over: bool) -> SdkResult<Linked> {
        let device_id = self.being_linked.as_ref().ok_or(SdkError::Closed)?.device_id();
        let history = self.uploaded(handed_over).await && self.whole;
        Ok(Linked { device_id, handed_over, history })
    }

    /// The server counts failed checks, and locks linking after five.
    async fn failed(&mut self, failure: LinkFailure) -> SdkError {
        if failure.is_failed_check()
            && let Some(id) = self.link.rendezvous()
        {
            let request = LinkFailureRequest { rendezvous_id: uuid::Uuid::from_bytes(id).into() };
            match self.wire.http.report_link_failure(&request).await {
                Err(error) if error.code() != Some(ProblemCode::LinkingLocked) => {
                    tracing::warn!(%error, "a failed check was not counted");
                }
                _ => {}
            }
        }
        failure.into()
    }
}
