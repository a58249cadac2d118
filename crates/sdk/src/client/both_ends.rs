//! A person's further device, linked by one program that holds both ends: no rendezvous, and nobody to be asked.

use std::sync::Arc;

use rand::Rng as _;
use sotto_e2ee::{E2eeError, Machine};
use sotto_protocol::{
    Base64Bytes, DeviceId,
    accounts::SessionResponse,
    devices::NewDevice,
    linking::{GrantResponse, LinkHeadRequest},
};

use super::{Client, Running, Settings, sign_in::signed_in};
use crate::{
    SdkResult, core::Core, environment::uuid, http::Http, linking::own_identity, profile::Profile, store::Store,
};

impl Client {
    /// Links a new device to this one's account: certify, grant, complete, check, hand over the self-signing key.
    /// `password` is for the fresh authentication.
    ///
    /// # Errors
    /// `wrong_credentials`, `device_on_probation`, `grant_rejected`; [`SdkError::E2ee`] if the server's list does not
    /// hold exactly what was signed.
    pub async fn link_new_device(
        &self,
        settings: &Settings,
        store: Arc<Store>,
        password: &str,
        device: NewDevice,
    ) -> SdkResult<Running> {
        let mut rng = settings.environment.rng();
        let device_id = DeviceId(uuid(&mut rng));
        let machine = Machine::new_unlinked(self.user_id(), device_id)?;
        let username = self.shared().core.lock().await.profile.username.clone();
        let profile = Profile { username, user_id: self.user_id(), device_id, tokens: None };
        let mut new = Core::new(machine, profile, rng, store.clone());
        let mut transcript = [0; 32];
        new.rng.fill_bytes(&mut transcript);
        let _being_linked = self.shared().link_now(device_id);
        let (grant, master) = self.grant(&new, transcript, password).await?;
        let http = settings.http(None)?;
        let response = complete(&http, &mut new, &grant.grant, transcript, &master, device, settings).await?;
        http.set_tokens(Some(crate::http::Tokens::of(response.tokens.clone(), settings.environment.now_ms())));
        let own = own_identity(&http, &new.machine.query_for([self.user_id()]), self.user_id()).await?;
        new.machine.receive_identities(vec![own]);
        let secret = self.hand_over(device_id).await?;
        new.machine.import_self_signing(&secret, settings.environment.now_ms())?;
        signed_in(settings, http, new, store, response).await
    }

    /// Certifies the new device's keys and asks for the grant. Gives the master key that the new device has to find.
    async fn grant(&self, new: &Core, transcript: [u8; 32], password: &str) -> SdkResult<(GrantResponse, String)> {
        let shared = self.shared();
        shared.http.step_up(password).await?;
        let (request, master) = {
            let mut core = shared.core.lock().await;
            // One program holds both ends: there is no rendezvous to name.
            let request = core.machine.prepare_grant(new.machine.device_keys(), transcript, &[0; 16])?;
            let master = core.machine.master_key(self.user_id()).map(str::to_owned).ok_or(E2eeError::NotLinked)?;
            core.commit().await?;
            (request, master)
        };
        Ok((shared.http.create_grant(&request).await?, master))
    }

    /// After the server's list holds exactly what this device signed: the self-signing key, sealed for the new one.
    async fn hand_over(&self, device_id: DeviceId) -> SdkResult<Vec<u8>> {
        let shared = self.shared();
        let request = shared.core.lock().await.machine.query_for([self.user_id()]);
        let own = own_identity(&shared.http, &request, self.user_id()).await?;
        let claim = {
            let mut core = shared.core.lock().await;
            core.machine.after_link(own, device_id)?;
            core.commit().await?;
            let Core { machine, rng, .. } = &mut *core;
            machine.claim_for_device(device_id, rng)
        };
        if let Some(claim) = claim {
            let response = shared.http.claim_keys(&claim).await?;
            let now_ms = shared.now_ms();
            shared.core.lock().await.machine.receive_claims(&claim, &response, now_ms);
        }
        let mut core = shared.core.lock().await;
        let secret = core.machine.export_self_signing_for(device_id)?;
        core.commit().await?;
        Ok(secret)
    }
}

async fn complete(
    http: &Http,
    new: &mut Core,
    grant: &Base64Bytes,
    transcript: [u8; 32],
    master: &str,
    device: NewDevice,
    settings: &Settings,
) -> SdkResult<SessionResponse> {
    let head = http.get_link_head(&LinkHeadRequest { grant: grant.clone() }).await?;
    let now_ms = settings.environment.now_ms();
    let request = new.machine.accept_link_head(grant, transcript, master, &head, device, now_ms)?;
    new.save_profile()?;
    new.commit().await?;
    http.complete_link(&request).await
}
