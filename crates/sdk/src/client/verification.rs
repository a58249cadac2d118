//! People: how far they are trusted, and how two of them make sure of each other.

use sotto_e2ee::Trust;
use sotto_protocol::UserId;

use super::Client;
use crate::SdkResult;

impl Client {
    /// How far the person's master key is trusted.
    pub async fn trust(&self, user_id: UserId) -> Trust {
        self.shared().core.lock().await.machine.trust(user_id)
    }

    /// The pinned master key, unpadded base64: what two people compare.
    pub async fn master_key(&self, user_id: UserId) -> Option<String> {
        self.shared().core.lock().await.machine.master_key(user_id).map(str::to_owned)
    }

    /// Two people compared this master key; `false` if another one is pinned.
    pub async fn mark_verified(&self, user_id: UserId, master_key: &str) -> SdkResult<bool> {
        let marked = self.shared().core.lock().await.machine.mark_verified(user_id, master_key);
        self.tell_own_devices().await?;
        Ok(marked)
    }

    /// The person takes it back that the pinned master key was compared.
    pub async fn take_back_verification(&self, user_id: UserId) -> SdkResult<()> {
        self.shared().core.lock().await.machine.take_back_verification(user_id);
        self.tell_own_devices().await
    }

    /// What was decided here holds on the account's other devices, too.
    async fn tell_own_devices(&self) -> SdkResult<()> {
        let mut core = self.shared().core.lock().await;
        core.machine.tell_verifications();
        core.commit().await?;
        self.shared().sends.notify_one();
        Ok(())
    }

    /// Whether there are envelopes to other devices that wait to be sent.
    pub async fn has_envelopes(&self) -> bool {
        self.shared().core.lock().await.machine.has_envelopes()
    }

    /// The number that both people see: 60 digits in groups of five; `None` while no key of the person is known. If the
    /// server offers another master key than the pinned one, it is that key's.
    pub async fn safety_number(&self, user_id: UserId) -> Option<String> {
        self.shared().core.lock().await.machine.safety_number(user_id)
    }

    /// The bytes of a QR code for the other person to scan; `None` while no key of the person is known.
    pub async fn verification_qr(&self, user_id: UserId) -> Option<Vec<u8>> {
        self.shared().core.lock().await.machine.verification_qr(user_id)
    }

    /// The person scanned the other one's code: verified if both have each other's true key.
    ///
    /// # Errors
    /// [`crate::SdkError::Verification`]: in words for the person.
    pub async fn verify_by_qr(&self, user_id: UserId, qr: &[u8]) -> SdkResult<()> {
        self.shared().core.lock().await.machine.verify_by_qr(user_id, qr)?;
        self.tell_own_devices().await
    }

    /// The master key that the server offers instead of the pinned one, unpadded base64: nothing is sent to the person
    /// until it is accepted.
    pub async fn offered_master_key(&self, user_id: UserId) -> Option<String> {
        self.shared().core.lock().await.machine.offered_master_key(user_id).map(str::to_owned)
    }

    /// A person accepts the very master key that it was shown ([`Client::offered_master_key`]): trusted as at first use,
    /// and what waited for it is sent. `false` if that one is not offered (any more).
    pub async fn accept_master_key(&self, user_id: UserId, shown: &str) -> SdkResult<bool> {
        let shared = self.shared();
        {
            let mut core = shared.core.lock().await;
            if !core.machine.accept_new_master_key(user_id, shown) {
                return Ok(false);
            }
            core.commit().await?;
        }
        if let Err(error) = shared.query_user(user_id).await {
            // The next send asks again.
            tracing::debug!(%error, "the accepted person's devices are not known yet");
        }
        let mut core = shared.core.lock().await;
        for conversation_id in core.machine.conversations_with_work() {
            core.flights.release(conversation_id);
        }
        shared.sends.notify_one();
        Ok(true)
    }
}
