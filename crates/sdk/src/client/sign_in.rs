//! Registering, opening a stored device, signing in.

use std::sync::{Arc, Weak};

use sotto_e2ee::{Machine, RecoveryKey};
use sotto_protocol::{
    DeviceId, ProblemCode, UserId,
    accounts::{LoginRequest, SessionResponse},
    devices::NewDevice,
};
use tokio::sync::mpsc;

use super::{Client, Running, Settings};
use crate::{
    SdkError, SdkResult,
    core::Core,
    environment::uuid,
    events::ClientEvent,
    http::{Http, Tokens},
    profile::Profile,
    shared::{Shared, Wanted},
    store::Store,
};

/// A new account on its first device.
pub struct Registered {
    /// The handle.
    pub client: Client,
    /// What happens.
    pub events: mpsc::Receiver<ClientEvent>,
    /// To be shown to the person once, and to nobody else.
    pub recovery_key: RecoveryKey,
}

impl Client {
    /// Makes an account with this device as its first.
    ///
    /// # Errors
    /// `username_taken`, `invalid_request`; [`SdkError::Store`].
    pub async fn register(
        settings: &Settings,
        store: Arc<Store>,
        username: &str,
        password: &str,
        device: NewDevice,
    ) -> SdkResult<Registered> {
        let mut rng = settings.environment.rng();
        let (user_id, device_id) = (UserId(uuid(&mut rng)), DeviceId(uuid(&mut rng)));
        let made = Machine::register(&mut rng, user_id, device_id, settings.environment.now_ms())?;
        let profile = Profile { username: username.to_owned(), user_id, device_id, tokens: None };
        let mut core = Core::new(made.machine, profile, rng, store.clone());
        core.save_profile()?;
        core.commit().await?;
        let http = settings.http(None)?;
        let request = made.keys.into_request(username.to_owned(), password.to_owned(), device);
        let response = http.register(&request).await?;
        let Running { client, events } = signed_in(settings, http, core, store, response).await?;
        Ok(Registered { client, events, recovery_key: made.recovery_key })
    }

    /// Opens the device that this store holds; `None` if it holds none. It may have to [`Client::sign_in`].
    ///
    /// # Errors
    /// [`SdkError::Store`], [`SdkError::E2ee`]: another key, or a damaged file.
    pub async fn open(settings: &Settings, store: Arc<Store>) -> SdkResult<Option<Running>> {
        let Some(core) = Core::load(store.clone(), settings.environment.rng()).await? else { return Ok(None) };
        let http = settings.http(Some(&core))?;
        let running = Self::start(settings, http, core, store, Wanted::Online);
        running.client.shared().go_on_with_history();
        Ok(Some(running))
    }

    /// Signs the device that this store holds in again, by password and a challenge that the device signs.
    ///
    /// # Errors
    /// `wrong_credentials`, `device_revoked` (the store is wiped of its keys); [`SdkError::SignedOut`] if the store holds no device.
    pub async fn sign_in(settings: &Settings, store: Arc<Store>, password: &str) -> SdkResult<Running> {
        let core = Core::load(store.clone(), settings.environment.rng()).await?.ok_or(SdkError::SignedOut)?;
        let http = settings.http(None)?;
        let challenge = http.create_challenge().await?;
        let request = LoginRequest {
            username: core.profile.username.clone(),
            password: password.to_owned(),
            known_device: Some(core.machine.login_signature(&challenge.challenge)),
            new_device: None,
        };
        match http.login(&request).await {
            Ok(response) => signed_in(settings, http, core, store, response).await,
            Err(error) => {
                if error.code() == Some(ProblemCode::DeviceRevoked) {
                    store.wipe().await?;
                }
                Err(error)
            }
        }
    }

    /// Signs in on a new device. It is unverified: it can [`Client::recover`], and gets no messages before.
    ///
    /// # Errors
    /// `wrong_credentials`.
    pub async fn sign_in_new(
        settings: &Settings,
        store: Arc<Store>,
        username: &str,
        password: &str,
        device: NewDevice,
    ) -> SdkResult<Running> {
        let http = settings.http(None)?;
        let (username, password) = (username.to_owned(), password.to_owned());
        let request =
            LoginRequest { username: username.clone(), password, known_device: None, new_device: Some(device) };
        let response = http.login(&request).await?;
        let machine = Machine::new_unlinked(response.user_id, response.device_id)?;
        let profile = Profile { username, user_id: response.user_id, device_id: response.device_id, tokens: None };
        let core = Core::new(machine, profile, settings.environment.rng(), store.clone());
        signed_in(settings, http, core, store, response).await
    }
}

/// Stores the tokens and starts the client.
pub(super) async fn signed_in(
    settings: &Settings,
    http: Arc<Http>,
    mut core: Core,
    store: Arc<Store>,
    response: SessionResponse,
) -> SdkResult<Running> {
    let tokens = Tokens::of(response.tokens, settings.environment.now_ms());
    http.set_tokens(Some(tokens.clone()));
    core.profile.tokens = Some(tokens);
    core.save_profile()?;
    core.commit().await?;
    Ok(Client::start(settings, http, core, store, Wanted::Online))
}

/// Stores tokens when they change. A refresh that is lost here is repeated within its minute, or by a login.
pub(super) async fn keep_tokens(client: Weak<Shared>) {
    let Some(mut changes) = client.upgrade().map(|shared| shared.http.token_changes()) else { return };
    while changes.changed().await.is_ok() {
        let Some(shared) = client.upgrade() else { return };
        let tokens = shared.http.tokens();
        let mut core = shared.core.lock().await;
        core.profile.tokens = tokens;
        let stored = match core.save_profile() {
            Ok(()) => core.commit().await,
            Err(error) => Err(error),
        };
        if let Err(error) = stored {
            tracing::warn!(%error, "the tokens were not stored");
        }
    }
}
