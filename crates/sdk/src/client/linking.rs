//! A person's further devices, linked by two machines that meet in a rendezvous.

use std::sync::Arc;

use sotto_e2ee::linking::{
    ExistingLink, LinkAction, LinkFailure, NewLink, Newcomer, Now, TypedCode, normalize_base_url,
};
use sotto_protocol::devices::NewDevice;

use super::{Client, Running, Settings};
use crate::{
    SdkError, SdkResult,
    linking::{Entering, Entry, Existing, Linked, Linking, Wire, now, service_of_code},
    store::Store,
};

/// On the device that is linked already.
impl Client {
    /// Shows a QR code, and eight characters for a device without a camera; a new device scans or types them.
    /// `password` is for the fresh authentication.
    ///
    /// # Errors
    /// `wrong_credentials`; whatever comes later is told by [`Linking::finish`].
    pub async fn link_by_showing(&self, password: &str) -> SdkResult<Linking<Linked>> {
        let shared = self.shared();
        let (link, first) = ExistingLink::show(&shared.service, now(&*shared.environment))?;
        self.link(password, link, first).await
    }

    /// Takes in the device whose QR code was scanned. `password` is for the fresh authentication.
    ///
    /// # Errors
    /// [`SdkError::Linking`]: it is another code, or of another service. `wrong_credentials`.
    pub async fn link_by_scanning(&self, password: &str, qr: &[u8]) -> SdkResult<Linking<Linked>> {
        let shared = self.shared();
        let (link, first) = ExistingLink::scan(qr, &shared.service, now(&*shared.environment))?;
        self.link(password, link, first).await
    }

    /// Whether this device holds the account's secrets, so that it can link and revoke others. They come at linking, or
    /// later as an envelope.
    pub async fn holds_account_secrets(&self) -> bool {
        self.shared().core.lock().await.machine.holds_self_signing_key()
    }

    async fn link(&self, password: &str, link: ExistingLink, first: Vec<LinkAction>) -> SdkResult<Linking<Linked>> {
        let shared = self.shared().clone();
        shared.http.step_up(password).await?;
        Ok(Linking::start(|ends| {
            let wire = Wire::new(shared.http.clone(), shared.environment.clone(), ends);
            Existing::new(link, shared, wire).run(first)
        }))
    }
}

/// On the device that comes in, within a Tokio runtime. The store is empty, or holds a device that signed in and is not
/// linked; no client of it may be running.
impl Client {
    /// Enters the account of the device whose QR code was scanned.
    ///
    /// # Errors
    /// [`SdkError::Linking`]: it is another code, or of another service. Whatever comes later is told by
    /// [`Linking::finish`].
    pub fn enter_by_scanning(
        settings: &Settings,
        store: Arc<Store>,
        device: NewDevice,
        qr: &[u8],
    ) -> SdkResult<Linking<Running>> {
        let service = settings.service();
        if Some(service_of_code(qr)?) != normalize_base_url(&service) {
            return Err(LinkFailure::OtherService.into());
        }
        let qr = qr.to_vec();
        enter(settings, store, move |newcomer, now| NewLink::scan(&qr, newcomer, device, now))
    }

    /// Shows a QR code, for a device without a camera.
    ///
    /// # Errors
    /// [`SdkError::Address`]; whatever comes later is told by [`Linking::finish`].
    pub fn enter_by_showing(settings: &Settings, store: Arc<Store>, device: NewDevice) -> SdkResult<Linking<Running>> {
        let service = settings.service();
        enter(settings, store, move |newcomer, now| NewLink::show(&service, newcomer, device, now))
    }

    /// Enters with the eight characters that a linked device shows.
    ///
    /// # Errors
    /// [`SdkError::NoSuchCode`]: these are no eight characters of a code. Whatever comes later is told by
    /// [`Linking::finish`].
    pub fn enter_by_code(
        settings: &Settings,
        store: Arc<Store>,
        device: NewDevice,
        code: &str,
    ) -> SdkResult<Linking<Running>> {
        let code = TypedCode::parse(code).ok_or(SdkError::NoSuchCode)?;
        let service = settings.service();
        enter(settings, store, move |newcomer, now| NewLink::typed(code, &service, newcomer, device, now))
    }
}

type Begun = Result<(NewLink, Vec<LinkAction>), LinkFailure>;

fn enter(
    settings: &Settings,
    store: Arc<Store>,
    begin: impl FnOnce(Newcomer, Now) -> Begun + Send + 'static,
) -> SdkResult<Linking<Running>> {
    let entering = Entering { settings: settings.clone(), store, http: settings.http(None)? };
    Ok(Linking::start(|ends| async move {
        let wire = Wire::new(entering.http.clone(), entering.settings.environment.clone(), ends);
        let newcomer = entering.newcomer().await?;
        let is_fresh = matches!(newcomer, Newcomer::Fresh(_));
        let (link, first) = begin(newcomer, now(&*entering.settings.environment))?;
        Entry::new(link, is_fresh, entering, wire).run(first).await
    }))
}
