//! Linking a device by QR code or typed code: the engine of `sotto_e2ee::linking` carried over HTTP, with steps for the
//! person in front of each device (`docs/API-DESIGN.md`, linking a device).
//!
//! ```no_run
//! # async fn example(client: sotto_sdk::Client) -> sotto_sdk::SdkResult<()> {
//! use sotto_sdk::LinkStep;
//!
//! let mut linking = client.link_by_showing("correct horse").await?;
//! while let Some(step) = linking.next().await {
//!     match step {
//!         LinkStep::Show { qr, .. } => println!("{}", qr.to_terminal()),
//!         LinkStep::AskDigits(_) => linking.type_digits("0042"),
//!         LinkStep::AskApproval { device, .. } => {
//!             println!("let {} in", device.name);
//!             linking.approve(None, true);
//!         }
//!         _ => {}
//!     }
//! }
//! println!("{}", linking.finish().await?.device_id);
//! # Ok(())
//! # }
//! ```

mod existing;
mod new;
mod patience;
mod qr;
mod wire;

use std::time::Duration;

use sotto_e2ee::linking::{LinkEvent, LinkIntent, LinkQr, Now};
use sotto_protocol::{
    DeviceId, UserId,
    devices::NewDevice,
    keys::{QueryKeysRequest, UserIdentity},
};
use tokio::{
    sync::mpsc,
    task::{self, JoinHandle},
};

use crate::{Environment, SdkError, SdkResult, http::Http};

pub(crate) use existing::Existing;
pub(crate) use new::{Entering, Entry};
pub(crate) use patience::patiently;
pub use qr::QrPicture;
pub(crate) use wire::Wire;

/// Steps that wait for the app; a linking has about ten, and those of a history are left out when it is full.
const STEPS: usize = 64;
/// What a person did that waits for the linking.
const INPUTS: usize = 16;

/// What the person sees or is asked.
#[derive(Debug)]
pub enum LinkStep {
    /// Show these with a countdown.
    Show {
        /// The code.
        qr: QrPicture,
        /// What a device without a camera types; on the existing device only.
        typed_code: Option<String>,
        /// How long they are good for.
        life: Duration,
    },
    /// Show digits; the person types them into the other device.
    ShowDigits(String),
    /// Ask for so many digits that the other device shows: [`Linking::type_digits`].
    AskDigits(u32),
    /// Ask whether this device may come in: [`Linking::approve`] or [`Linking::decline`].
    AskApproval {
        /// What it calls itself.
        device: NewDevice,
        /// Whether the server saw both come from one network; `None` if it did not say.
        same_network: Option<bool>,
        /// The person types the 3 digits that the new device shows.
        number: bool,
    },
    /// The account that this device is about to enter.
    ShowAccount {
        /// The username.
        username: String,
    },
    /// On the new device, which is in: the other one's last message can't be read. No history comes; the account's
    /// secrets come as an envelope.
    Unreadable,
    /// Chunks of the history sent or read so far.
    History {
        /// So many.
        done: u32,
        /// Of so many.
        of: u32,
    },
}

/// How it ended on the existing device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The new device, which is in the account now.
    pub device_id: DeviceId,
    /// Whether it said that it has the account's secrets; if not, they are on their way to it as an envelope.
    pub handed_over: bool,
    /// Whether the history, if it was wanted, is uploaded whole.
    pub history: bool,
}

/// A linking under way. Dropping it cancels it: a device that came in nevertheless gets no secrets.
pub struct Linking<T> {
    steps: mpsc::Receiver<LinkStep>,
    inputs: mpsc::Sender<LinkEvent>,
    task: JoinHandle<SdkResult<T>>,
}

impl<T> Linking<T> {
    /// The next step for the person; `None` when it is over: [`Linking::finish`] says how.
    pub async fn next(&mut self) -> Option<LinkStep> {
        self.steps.recv().await
    }

    /// The person typed digits that the other device shows. There is one try; another number of digits is none.
    pub fn type_digits(&self, digits: &str) {
        self.tell(LinkEvent::Typed(digits.to_owned()));
    }

    /// The person wants the new device. `number` are the digits that it shows, when they were asked for; with `history`
    /// it gets what this device has of the conversations.
    pub fn approve(&self, number: Option<&str>, history: bool) {
        self.tell(LinkEvent::Approved { number: number.map(str::to_owned), history });
    }

    /// The person does not want it: nothing changes.
    pub fn decline(&self) {
        self.tell(LinkEvent::Declined);
    }

    /// Waits for the end, whatever steps are left.
    ///
    /// # Errors
    /// [`SdkError::Linking`] says why it came to nothing, in words for the person.
    pub async fn finish(mut self) -> SdkResult<T> {
        while self.next().await.is_some() {}
        (&mut self.task).await.unwrap_or(Err(SdkError::Closed))
    }

    /// Input that finds no room is more than a person types.
    fn tell(&self, event: LinkEvent) {
        let _ = self.inputs.try_send(event);
    }
}

/// The app's ends of the queues.
pub(crate) struct Ends {
    steps: mpsc::Sender<LinkStep>,
    inputs: mpsc::Receiver<LinkEvent>,
}

impl<T: Send + 'static> Linking<T> {
    pub(crate) fn start<F>(run: impl FnOnce(Ends) -> F) -> Self
    where
        F: Future<Output = SdkResult<T>> + Send + 'static,
    {
        let (steps, told) = mpsc::channel(STEPS);
        let (inputs, typed) = mpsc::channel(INPUTS);
        let task = task::spawn(run(Ends { steps, inputs: typed }));
        Self { steps: told, inputs, task }
    }
}

/// The service that the code of an existing device names, for an app that is not set to one yet.
///
/// # Errors
/// [`SdkError::Linking`]: it is no such code.
pub fn service_of_code(qr: &[u8]) -> SdkResult<String> {
    let code = LinkQr::parse(qr, LinkIntent::ExistingShows).map_err(sotto_e2ee::linking::LinkFailure::from)?;
    Ok(code.base_url)
}

/// The account's own identity as the server has it now.
pub(crate) async fn own_identity(http: &Http, request: &QueryKeysRequest, user_id: UserId) -> SdkResult<UserIdentity> {
    let identities = http.query_keys(request).await?.identities;
    identities.into_iter().find(|identity| identity.user_id == user_id).ok_or(SdkError::UnknownPerson(user_id))
}

pub(crate) fn now(environment: &dyn Environment) -> Now {
    Now { monotonic: environment.monotonic(), unix_ms: environment.now_ms() }
}
