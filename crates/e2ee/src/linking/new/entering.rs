//! From the grant to the secrets: what the new device checks before it is in, and takes after.

use sotto_identity::hash;
use sotto_protocol::linking::{LinkHeadRequest, LinkHeadResponse};

use super::{NewLink, Next, State, unmoved};
use crate::{
    E2eeError,
    linking::{
        channel::Channel,
        event::{Entered, LinkAction, LinkDone, LinkFailure},
        messages::{Admission, Arrival, Receipt, Secrets},
        slot::{Arrived, Step},
    },
    records::Key,
};

impl NewLink {
    /// m4 came.
    pub(super) fn admitted(&mut self, mut channel: Box<Channel>, arrived: Arrived) -> Next {
        let admission: Admission = channel.receive(arrived)?;
        if admission.base_url != self.base_url {
            return Err(LinkFailure::OtherService);
        }
        if self.machine().is_none_or(|machine| machine.user_id() != admission.user_id) {
            return Err(LinkFailure::OtherAccount);
        }
        let fetch = LinkAction::FetchHead(LinkHeadRequest { grant: admission.grant.clone() });
        Ok((State::Checking { channel, admission: Box::new(admission) }, vec![fetch]))
    }

    /// The server's view of the account has to be the other device's, down to this device's own keys.
    pub(super) fn check(&mut self, state: State, head: &LinkHeadResponse, now_ms: i64) -> Next {
        let State::Checking { channel, admission } = state else { return unmoved(state) };
        let device = self.device.clone();
        let machine = self.machine().ok_or(LinkFailure::Malformed)?;
        let list_hash = hash(&head.device_list).map_err(E2eeError::from)?;
        if head.device_list.version != admission.list_version
            || list_hash != admission.list_hash
            || head.device_keys != admission.device_keys
            || !head.identity.self_signing_key.keys.values().eq([&admission.self_signing_key])
        {
            return Err(E2eeError::ListDisagrees.into());
        }
        let (grant, master) = (&admission.grant, admission.master_key.as_str());
        let request = machine.accept_link_head(grant, channel.transcript, master, head, device, now_ms)?;
        let show = LinkAction::ShowAccount { username: head.username.clone() };
        let list_version = admission.list_version;
        Ok((State::Completing { channel, list_version }, vec![show, LinkAction::Complete(Box::new(request))]))
    }

    /// In: m5.
    pub(super) fn completed(&mut self, state: State) -> Next {
        let State::Completing { mut channel, list_version } = state else { return unmoved(state) };
        let slot = self.slot.as_mut().ok_or(LinkFailure::Malformed)?;
        let put = channel.send(slot, Step::Arrival, &Arrival { list_version }, Vec::new());
        match put {
            Ok(put) => Ok((State::Arrived { channel }, vec![put])),
            Err(failure) => {
                self.state = State::Arrived { channel };
                Err(failure)
            }
        }
    }

    /// m6, and m7 for it.
    pub(super) fn take(&mut self, channel: &mut Channel, secrets: Secrets) -> Next {
        let machine = self.machine().ok_or(LinkFailure::Malformed)?;
        let own = machine.users.get(&machine.user_id()).and_then(|own| own.self_signing.clone());
        let has_secrets = own.as_deref() == Some(secrets.self_signing.public().as_str());
        if has_secrets {
            machine.account.self_signing = Some(secrets.self_signing);
            if let Some(key) = secrets.backup_key {
                machine.take_backup_key(key);
            }
            machine.touch(Key::Account);
        }
        // What comes with a foreign self-signing key is as foreign.
        let history = secrets.history.filter(|_| has_secrets);
        let entered = Entered { has_secrets, unreadable: !has_secrets, history };
        let slot = self.slot.as_mut().filter(|_| has_secrets);
        match slot.and_then(|slot| channel.send(slot, Step::Receipt, &Receipt {}, Vec::new()).ok()) {
            Some(put) => Ok((State::Leaving { entered }, vec![put])),
            None => Ok((State::Ended, vec![LinkAction::Done(LinkDone::Entered(entered))])),
        }
    }
}
