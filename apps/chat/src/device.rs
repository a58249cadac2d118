//! The device of the folder, opened for a command.

use std::time::Duration;

use sotto_protocol::accounts::Account;
use sotto_sdk::{Client, ClientEvent, Running, SdkError, SignOutReason};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{
    context::Context,
    failure::{Failure, Outcome},
    home::Home,
    notices,
    people::People,
    show::Show,
};

/// Catching up may take this long before a command gives up.
const PATIENCE: Duration = Duration::from_secs(20);
/// The client's last words may.
const GOODBYE: Duration = Duration::from_secs(5);

/// A device that is connected and has everything.
pub struct Device {
    /// The client.
    pub client: Client,
    /// The account.
    pub account: Account,
    attending: JoinHandle<Option<Failure>>,
    /// Held until the end.
    _home: Home,
}

/// Opens the folder's device; it connects by itself.
pub async fn open(context: &Context) -> Outcome<(Home, Running)> {
    let home = Home::of_device(&context.folder)?;
    let opened = Client::open(&context.settings(&home), home.store()?).await?;
    // A store whose device was kept and that holds none was wiped.
    let running = opened.ok_or(Failure::ThrownOut)?;
    Ok((home, running))
}

/// The account as the server has it: whether this device is still (or already) in it.
pub async fn account(client: &Client) -> Outcome<Account> {
    Ok(client.http().get_account().await?)
}

/// Waits until the device has everything.
///
/// # Errors
/// [`Failure::Offline`]; why it will never have it.
pub async fn caught_up(client: &Client) -> Outcome<()> {
    match tokio::time::timeout(PATIENCE, client.caught_up()).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(closed)) => match account(client).await {
            Err(reason) => Err(reason),
            Ok(_) => Err(closed.into()),
        },
        Err(_) => Err(Failure::Offline(client.http().endpoints().current().to_owned())),
    }
}

impl Device {
    /// Opens the folder's device and waits until it has everything. What a person should know meanwhile is told.
    pub async fn open(context: &Context) -> Outcome<Self> {
        let (home, running) = open(context).await?;
        Self::attend(context.show, home, running).await
    }

    /// As [`Device::open`] for a client that runs already.
    pub async fn attend(show: Show, home: Home, running: Running) -> Outcome<Self> {
        let attending = tokio::spawn(attend(show, running.events));
        match ready(&running.client).await {
            Ok(account) => Ok(Self { client: running.client, account, attending, _home: home }),
            Err(failure) => {
                running.client.shut_down();
                let told = tokio::time::timeout(GOODBYE, attending).await;
                // What the client said last is truer than what a call ran into.
                Err(told.ok().and_then(Result::ok).flatten().unwrap_or(failure))
            }
        }
    }

    /// Ends it in good order.
    pub async fn close(self) {
        self.client.shut_down();
        let _ = tokio::time::timeout(GOODBYE, self.attending).await;
    }
}

/// Waits until the device has everything, if it gets anything at all yet.
pub async fn ready(client: &Client) -> Outcome<Account> {
    let account = account(client).await?;
    if account.verified {
        caught_up(client).await?;
    }
    Ok(account)
}

/// A client that nobody listens to stops; and alarms must reach the person whatever the command was. Gives why the
/// device is signed out, if it is.
async fn attend(show: Show, mut events: mpsc::Receiver<ClientEvent>) -> Option<Failure> {
    let mut over = None;
    while let Some(event) = events.recv().await {
        notices::tell(show, &event, &People::default());
        over = ended(&event).or(over);
    }
    over
}

/// Why the device is signed out, if that is what happened.
pub fn ended(event: &ClientEvent) -> Option<Failure> {
    match event {
        ClientEvent::SignedOut { reason: SignOutReason::Revoked } => Some(Failure::ThrownOut),
        ClientEvent::SignedOut { .. } => Some(SdkError::SignedOut.into()),
        _ => None,
    }
}
