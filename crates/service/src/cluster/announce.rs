//! Telling sessions everywhere what other transactions than a send changed.

use bytes::Bytes;
use sotto_bus::{
    interest::Topic,
    wakes::{Audience, Control, Wake},
};
use sotto_protocol::{ConversationId, DeviceId, UserId, frames::ServerFrame};

use super::{Cluster, delivery::encode};
use crate::clock::to_the_minute;

impl Cluster {
    /// After a commit that left a `wake_outbox` row: sessions read these conversations and inboxes.
    pub fn wake(&self, conversations: &[ConversationId], devices: &[DeviceId]) {
        for device_id in devices {
            self.hub.inbox(*device_id, 0, None);
            let wake = Wake::Inbox { device_id: *device_id, seq: 0, frame: None };
            self.publisher.wake(Topic::Device(*device_id), wake);
        }
        for id in conversations {
            self.hub.want(*id);
            let wake = Wake::Event { conversation_id: *id, seq: 0, frame: None };
            self.publisher.wake(Topic::Conversation(*id), wake);
        }
    }

    /// A frame for those members of a conversation that are there now.
    pub fn live(&self, conversation_id: ConversationId, audience: Audience, frame: &ServerFrame) {
        let Some(frame) = encode(frame) else { return };
        self.hub.live(conversation_id, audience, &Bytes::copy_from_slice(frame.as_bytes()));
        let wake = Wake::Live { conversation_id, audience, frame };
        self.publisher.wake(Topic::Conversation(conversation_id), wake);
    }

    /// The rosters of these conversations moved on.
    pub fn rosters_changed(&self, rosters: &[(ConversationId, i64)]) {
        for (conversation_id, roster_version) in rosters {
            let frame =
                ServerFrame::RosterChanged { conversation_id: *conversation_id, roster_version: *roster_version };
            self.live(*conversation_id, Audience::All, &frame);
        }
    }

    /// A device is out: its sockets close here at once and on the other nodes as they hear of it.
    pub async fn revoked(&self, user_id: UserId, device_id: DeviceId, revocation_seq: i64) {
        self.revocations.revoke_device(device_id);
        let control = Control::Revoke { user_id, device_id, revocation_seq };
        if let Err(error) = self.publisher.control(&control).await {
            tracing::warn!(%error, "other nodes learn of the revocation by polling");
        }
    }

    /// A person hides receipts from now on, or shows them: open sessions get no more of others', or get them again.
    pub async fn receipts(&self, user_id: UserId, hidden: bool) {
        self.hide_receipts(user_id, hidden);
        if let Err(error) = self.publisher.control(&Control::Receipts { user_id, hidden }).await {
            tracing::warn!(%error, "sessions on other nodes get receipts until they come again");
        }
    }

    pub(super) fn hide_receipts(&self, user_id: UserId, hidden: bool) {
        for session in self.hub.directory.all().iter().filter(|session| session.user_id == user_id) {
            session.hide_receipts(hidden);
        }
    }

    /// A test broadcast to every socket of every node.
    pub async fn broadcast(&self, message: &str) -> sotto_bus::BusResult<()> {
        let frame = encode(&ServerFrame::Broadcast { message: message.to_owned() }).unwrap_or_default();
        self.publisher.control(&Control::Broadcast { frame }).await
    }

    /// Shows somebody's presence to those who watch, here and on other nodes; the time to the minute.
    pub fn presence(&self, user_id: UserId, online: bool, last_seen_at_ms: Option<i64>) {
        let last_seen_at_ms = last_seen_at_ms.map(to_the_minute);
        let Some(frame) = encode(&ServerFrame::Presence { user_id, online, last_seen_at_ms }) else { return };
        self.show_presence(user_id, &Bytes::copy_from_slice(frame.as_bytes()));
        self.publisher.wake(Topic::Presence(user_id), Wake::Presence { user_id, frame });
    }

    pub(super) fn show_presence(&self, user_id: UserId, frame: &Bytes) {
        for session in self.hub.directory.watchers(user_id) {
            session.post(|mailbox| mailbox.live(None, frame));
        }
    }
}
