//! The end of a device: what it says, and what it forgets.

use std::sync::atomic::Ordering;

use sotto_protocol::{CloseCode, ProblemCode};

use crate::{
    SdkError, SdkResult,
    events::{ClientEvent, SignOutReason},
    shared::{Shared, Wanted},
};

impl Shared {
    /// Ends the client for good, once. A device that is out of its account forgets its keys; only who signs out itself
    /// deletes the messages too: a server that lies about a revocation must not be able to.
    pub(crate) async fn sign_off(&self, reason: SignOutReason) -> SdkResult<()> {
        let own_wish = reason == SignOutReason::Revoked && self.leaving.load(Ordering::Relaxed);
        let reason = if own_wish { SignOutReason::SignedOut } else { reason };
        let mut core = self.core.lock().await;
        if !std::mem::replace(&mut core.signed_off, true) {
            core.stage(ClientEvent::SignedOut { reason });
            core.commit().await?;
            if reason != SignOutReason::TokensEnded {
                self.http.set_tokens(None);
                core.forget_keys()?;
                self.store.wipe().await?;
            }
            if reason == SignOutReason::SignedOut {
                self.store.delete_messages().await?;
            }
        }
        drop(core);
        self.wanted.send_replace(Wanted::Shutdown);
        self.sends.notify_one();
        self.tells.notify_one();
        Ok(())
    }
}

/// What a close code says of the device.
pub(crate) fn closed_for(code: Option<u16>) -> Option<SignOutReason> {
    (code == Some(CloseCode::Revoked.code())).then_some(SignOutReason::Revoked)
}

/// Whether only a person can help, and why.
pub(crate) fn refused_for(error: &SdkError) -> Option<SignOutReason> {
    let code = match error {
        SdkError::SignedOut => return Some(SignOutReason::TokensEnded),
        error => error.code()?,
    };
    match code {
        ProblemCode::DeviceRevoked => Some(SignOutReason::Revoked),
        ProblemCode::RefreshRejected | ProblemCode::Unauthorized => Some(SignOutReason::TokensEnded),
        _ => None,
    }
}
