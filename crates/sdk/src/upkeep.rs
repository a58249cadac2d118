//! One-time keys, the fallback key, this account's own keys, and errands of the inbox.

use sotto_protocol::{ConversationId, ProblemCode, events::GoneReason, keys::UploadKeysRequest};

use crate::{SdkError, SdkResult, events::ClientEvent, receiving::Errand, shared::Shared};

/// Conflicts that one upload survives.
const REPAIRS: usize = 3;

impl Shared {
    /// Does what an inbox item asked for, in a task of its own: the log does not wait for it.
    pub(crate) fn run_errand(&self, errand: Errand) {
        let Some(shared) = self.this.upgrade() else { return };
        tokio::spawn(async move {
            let outcome = match &errand {
                Errand::OwnKeys => shared.query_own().await,
                Errand::Backup => {
                    shared.backup.look();
                    Ok(())
                }
                Errand::CheckKeys => shared.check_keys().await,
                Errand::Refill(remaining) => shared.refill(*remaining).await,
                Errand::Fallback => shared.replace_fallback().await,
                Errand::Enter(conversation_id) => shared.enter(*conversation_id).await,
                Errand::HandOver => shared.hand_over().await,
            };
            if let Err(error) = outcome {
                // The digest at the next connect repairs keys, the next send the roster.
                tracing::debug!(?errand, %error, "an errand failed");
            }
            shared.tells.notify_one();
        });
    }

    /// A linking broke off before its last message: the secrets go as envelopes. And what this device decided about other
    /// people's keys goes to whoever of the account's devices was not told.
    pub(crate) fn hand_over_later(&self) {
        self.run_errand(Errand::HandOver);
    }

    async fn hand_over(&self) -> SdkResult<()> {
        let mut core = self.core.lock().await;
        let owed = core.machine.devices_owed();
        // Those that are being linked get them from the linking.
        for device_id in owed.into_iter().filter(|device_id| !self.being_linked.lock().contains(device_id)) {
            if let Some(conversation_id) = core.machine.hand_over_later(device_id)? {
                core.flights.release(conversation_id);
            }
        }
        core.machine.tell_verifications();
        core.commit().await?;
        drop(core);
        self.sends.notify_one();
        Ok(())
    }

    /// Deletes messages whose time is over.
    pub(crate) async fn expire(&self) {
        match self.store.expire(self.now_ms()).await {
            Ok(over) if over.is_empty() => {}
            Ok(over) => {
                let mut core = self.core.lock().await;
                for (conversation_id, seq) in over {
                    core.stage(ClientEvent::Gone { conversation_id, seq, reason: GoneReason::Expired });
                }
                if let Err(error) = core.commit().await {
                    tracing::debug!(%error, "disappearing was not told");
                }
            }
            Err(error) => tracing::warn!(%error, "messages whose time is over are still stored"),
        }
    }

    async fn enter(&self, conversation_id: ConversationId) -> SdkResult<()> {
        self.refresh_roster(conversation_id).await?;
        self.core.lock().await.flights.release(conversation_id);
        self.hand_over().await
    }

    async fn query_own(&self) -> SdkResult<()> {
        let request = {
            let core = self.core.lock().await;
            core.machine.query_for([core.machine.user_id()])
        };
        let response = self.http.query_keys(&request).await?;
        let mut core = self.core.lock().await;
        core.machine.receive_identities(response.identities);
        let list_version = core.machine.list_version(core.machine.user_id());
        core.stage(ClientEvent::DeviceListChanged { list_version });
        core.commit().await?;
        drop(core);
        // Who left has the backup's key, who came has not.
        self.backup.look();
        self.hand_over().await
    }

    /// Compares outstanding keys with the server's, and refills.
    pub(crate) async fn check_keys(&self) -> SdkResult<()> {
        let _one = self.keys.lock().await;
        let (open, digest) = {
            let mut core = self.core.lock().await;
            // Only what is stored may be uploaded.
            core.commit().await?;
            (core.machine.unacknowledged_upload().cloned(), core.machine.keys_digest())
        };
        if let Some(open) = open {
            return self.upload(open).await;
        }
        let response = self.http.compare_keys_digest(&digest).await?;
        let upload = {
            let mut core = self.core.lock().await;
            let upload = core.machine.receive_digest(&response)?;
            core.commit().await?;
            upload
        };
        match upload {
            Some(upload) => self.upload(upload).await,
            None => Ok(()),
        }
    }

    async fn refill(&self, remaining: i64) -> SdkResult<()> {
        let _one = self.keys.lock().await;
        let upload = {
            let mut core = self.core.lock().await;
            let upload = core.machine.one_time_keys_to_upload(remaining)?;
            core.commit().await?;
            upload
        };
        match upload {
            Some(upload) => self.upload(upload).await,
            None => Ok(()),
        }
    }

    async fn replace_fallback(&self) -> SdkResult<()> {
        let _one = self.keys.lock().await;
        let now_ms = self.now_ms();
        let upload = {
            let mut core = self.core.lock().await;
            let upload = core.machine.replace_fallback_key(now_ms)?;
            core.commit().await?;
            upload
        };
        match upload {
            Some(upload) => self.upload(upload).await,
            None => Ok(()),
        }
    }

    /// Uploads a persisted set until the server has it.
    async fn upload(&self, mut upload: UploadKeysRequest) -> SdkResult<()> {
        for _ in 0..REPAIRS {
            let conflict = match self.http.upload_keys(&upload).await {
                Ok(_) => {
                    let mut core = self.core.lock().await;
                    core.machine.keys_uploaded();
                    return core.commit().await;
                }
                Err(SdkError::Problem(problem)) if problem.code == ProblemCode::KeyConflict => problem,
                Err(error) => return Err(error),
            };
            let mut core = self.core.lock().await;
            let rest = core.machine.keys_conflicted(&conflict.key_ids.unwrap_or_default());
            core.commit().await?;
            let Some(rest) = rest else { return Ok(()) };
            upload = rest;
        }
        Ok(())
    }
}
