//! What both sides of a linking have in common: the slot on the server, the person, and time.

use std::{sync::Arc, time::Duration};

use sotto_e2ee::linking::{LinkAction, LinkEvent, TypedCode};
use sotto_protocol::{
    ProblemCode, RendezvousId,
    accounts::SessionResponse,
    rendezvous::{ClaimCodeRequest, CreateRendezvousRequest, PutRendezvousRequest},
};
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::{Interval, MissedTickBehavior},
};
use uuid::Uuid;

use super::{Ends, LinkStep, QrPicture, patience::patiently};
use crate::{Environment, SdkError, SdkResult, history::Export, http::Http};

/// How often the engine is told that time went by.
const TICK: Duration = Duration::from_secs(1);
/// How long the end of a rendezvous is tried: nobody waits for more than that after it is over.
const END_FOR: Duration = Duration::from_secs(5);

/// What was waited for.
pub(super) enum Outcome {
    /// For the engine.
    Event(LinkEvent),
    /// The new device is in, with these tokens.
    Session(Box<SessionResponse>),
    /// The history is cut and has a place on the server; `None` if there is nothing, or no place.
    Cut(Option<Box<Export>>),
}

/// The slot, the person, and time.
pub(crate) struct Wire {
    pub(super) http: Arc<Http>,
    pub(super) environment: Arc<dyn Environment>,
    calls: JoinSet<SdkResult<Outcome>>,
    /// The read or write of the slot that is going on: there is one at a time.
    slot: Option<AbortHandle>,
    rendezvous: Option<RendezvousId>,
    steps: mpsc::Sender<LinkStep>,
    inputs: mpsc::Receiver<LinkEvent>,
    /// Whether the app holds the linking still.
    is_held: bool,
    tick: Interval,
}

impl Wire {
    pub(crate) fn new(http: Arc<Http>, environment: Arc<dyn Environment>, ends: Ends) -> Self {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let Ends { steps, inputs } = ends;
        Self {
            http,
            environment,
            calls: JoinSet::new(),
            slot: None,
            rendezvous: None,
            steps,
            inputs,
            is_held: true,
            tick,
        }
    }

    /// The next thing that happens. An app that let the linking go cancels it.
    pub(super) async fn next(&mut self) -> SdkResult<Outcome> {
        loop {
            tokio::select! {
                input = self.inputs.recv(), if self.is_held => {
                    self.is_held = input.is_some();
                    return Ok(Outcome::Event(input.unwrap_or(LinkEvent::Declined)));
                }
                Some(done) = self.calls.join_next() => match done {
                    Ok(outcome) => return outcome.inspect(|outcome| self.watch(outcome)),
                    // Another read or write took its place.
                    Err(error) if error.is_cancelled() => {}
                    Err(_) => return Err(SdkError::Closed),
                },
                _ = self.tick.tick() => return Ok(Outcome::Event(LinkEvent::Tick)),
            }
        }
    }

    /// Does what both sides do alike; gives back what is not of that kind.
    pub(super) async fn perform(&mut self, action: LinkAction, rendezvous: Option<[u8; 16]>) -> Option<LinkAction> {
        self.rendezvous = rendezvous.map(|id| RendezvousId(Uuid::from_bytes(id))).or(self.rendezvous);
        match action {
            LinkAction::Open { content, with_code } => self.open(content, with_code),
            LinkAction::Claim(code) => self.claim(&code),
            LinkAction::Poll { after } => self.poll(after),
            LinkAction::Put { content, replaces } => self.put(content, replaces),
            LinkAction::Delete => self.end().await,
            LinkAction::Show { qr, typed_code, life } => match QrPicture::new(qr) {
                Ok(qr) => self.show(LinkStep::Show { qr, typed_code: typed_code.map(|code| code.to_string()), life }),
                Err(error) => drop(self.calls.spawn(async { Err(error) })),
            },
            LinkAction::ShowDigits(digits) => self.show(LinkStep::ShowDigits(digits)),
            LinkAction::AskDigits(count) => self.show(LinkStep::AskDigits(count)),
            LinkAction::AskApproval { device, same_network, number } => {
                self.show(LinkStep::AskApproval { device, same_network, number });
            }
            LinkAction::ShowAccount { username } => self.show(LinkStep::ShowAccount { username }),
            other => return Some(other),
        }
        None
    }

    /// Calls until there is an answer. A refusal goes to the engine.
    pub(super) fn call<T, F, C>(&mut self, call: C, then: impl FnOnce(T) -> Outcome + Send + 'static) -> AbortHandle
    where
        T: Send + 'static,
        F: Future<Output = SdkResult<T>> + Send + 'static,
        C: Fn(Arc<Http>) -> F + Send + Sync + 'static,
    {
        let (http, environment) = (self.http.clone(), self.environment.clone());
        self.calls.spawn(async move {
            match patiently(&*environment, || call(http.clone())).await {
                Ok(answer) => Ok(then(answer)),
                Err(error) => refused(error),
            }
        })
    }

    /// Further work beside the slot.
    pub(super) fn work(&mut self, work: impl Future<Output = SdkResult<Outcome>> + Send + 'static) {
        self.calls.spawn(work);
    }

    pub(super) fn steps(&self) -> mpsc::Sender<LinkStep> {
        self.steps.clone()
    }

    pub(super) fn show(&self, step: LinkStep) {
        let _ = self.steps.try_send(step);
    }

    fn open(&mut self, content: Vec<u8>, with_code: bool) {
        let request = Arc::new(CreateRendezvousRequest { data: content.into(), with_code });
        let call = move |http: Arc<Http>| {
            let request = request.clone();
            async move { http.create_rendezvous(&request).await }
        };
        self.call(call, |opened| {
            Outcome::Event(LinkEvent::Opened {
                rendezvous: opened.rendezvous_id.0.into_bytes(),
                token: opened.sequence_token,
                typed_code: opened.code.as_deref().and_then(TypedCode::parse),
                life: Duration::from_millis(opened.expires_in_ms),
            })
        });
    }

    fn claim(&mut self, code: &TypedCode) {
        let (http, request) = (self.http.clone(), ClaimCodeRequest { code: code.as_str().to_owned() });
        self.work(async move {
            match http.claim_code(&request).await {
                Ok(found) => Ok(Outcome::Event(LinkEvent::Claimed { rendezvous: found.rendezvous_id.0.into_bytes() })),
                Err(error) if error.code() == Some(ProblemCode::NotFound) => Err(SdkError::NoSuchCode),
                Err(error) => refused(error),
            }
        });
    }

    fn poll(&mut self, after: Option<String>) {
        let Some(id) = self.rendezvous else { return };
        let (http, environment) = (self.http.clone(), self.environment.clone());
        self.instead(async move {
            loop {
                let read = patiently(&*environment, || http.get_rendezvous(id, after.as_deref())).await;
                match read {
                    Ok(slot) if after.as_ref() == Some(&slot.sequence_token) => {}
                    Ok(slot) => {
                        let (content, token) = (slot.data.0, slot.sequence_token);
                        return Ok(Outcome::Event(LinkEvent::Slot { content, token, same_network: slot.same_network }));
                    }
                    Err(error) => return gone_or_refused(error),
                }
            }
        });
    }

    /// While a person is asked something the engine reads nothing; the other device may go away meanwhile.
    fn watch(&mut self, outcome: &Outcome) {
        if let Outcome::Event(LinkEvent::Slot { token, .. }) = outcome {
            self.poll(Some(token.clone()));
        }
    }

    fn put(&mut self, content: Vec<u8>, replaces: String) {
        let Some(id) = self.rendezvous else { return };
        let (http, environment) = (self.http.clone(), self.environment.clone());
        let request = PutRendezvousRequest { sequence_token: replaces, data: content.into() };
        self.instead(async move {
            match patiently(&*environment, || http.put_rendezvous(id, &request)).await {
                Ok(stored) => Ok(Outcome::Event(LinkEvent::Stored { token: stored.sequence_token })),
                Err(error) => gone_or_refused(error),
            }
        });
    }

    fn instead(&mut self, work: impl Future<Output = SdkResult<Outcome>> + Send + 'static) {
        let before = self.slot.replace(self.calls.spawn(work));
        if let Some(before) = before {
            before.abort();
        }
    }

    /// Ends the rendezvous, and whatever was going on in it.
    pub(super) async fn end(&mut self) {
        self.calls.abort_all();
        let Some(id) = self.rendezvous.take() else { return };
        let ended = patiently(&*self.environment, || self.http.end_rendezvous(id));
        match tokio::time::timeout(END_FOR, ended).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "the rendezvous was not ended"),
            Err(_) => tracing::debug!("the rendezvous is left to expire"),
        }
    }
}

fn gone_or_refused(error: SdkError) -> SdkResult<Outcome> {
    if error.code() == Some(ProblemCode::NotFound) { Ok(Outcome::Event(LinkEvent::Gone)) } else { refused(error) }
}

/// What the server refuses is the engine's business, anything else ends the linking.
fn refused(error: SdkError) -> SdkResult<Outcome> {
    error.code().map_or(Err(error), |code| Ok(Outcome::Event(LinkEvent::Refused(code))))
}
