//! What other nodes say.

use std::sync::Arc;

use bytes::Bytes;
use sotto_bus::{
    subscriber::{self, Heard},
    wakes::{Control, Wake},
};
use sotto_protocol::CloseCode;

use super::Cluster;

/// Hears wakes for ever.
pub(super) async fn run(cluster: Arc<Cluster>) {
    tokio::spawn(super::reading::run(Arc::clone(&cluster)));
    let mut heard = subscriber::subscribe(cluster.bus.clone(), cluster.node_id);
    while let Some(message) = heard.recv().await {
        match message {
            Heard::Wakes(wakes) => wakes.into_iter().for_each(|wake| cluster.on_wake(wake)),
            Heard::Control(control) => cluster.on_control(control),
            Heard::Connected => cluster.reenter().await,
            Heard::Unsure => cluster.doubt.raise(cluster.clock.monotonic()),
        }
    }
}

impl Cluster {
    fn on_wake(&self, wake: Wake) {
        match wake {
            // Keys may be among what was missed: it is read with its keys.
            Wake::Event { conversation_id, .. } if self.doubt.is_open() => {
                self.hub.want(conversation_id);
            }
            Wake::Event { conversation_id, seq, frame: Some(frame) } => {
                self.hub.event(conversation_id, seq, &Bytes::from(frame));
            }
            Wake::Event { conversation_id, frame: None, .. } => self.hub.want(conversation_id),
            Wake::Inbox { device_id, seq, frame } => {
                self.hub.inbox(device_id, seq, frame.map(Bytes::from).as_ref());
            }
            Wake::Live { conversation_id, audience, frame } => {
                self.hub.live(conversation_id, audience, &Bytes::from(frame));
            }
            Wake::Presence { user_id, frame } => self.show_presence(user_id, &Bytes::from(frame)),
            Wake::Replace { device_id, session_id, by_new } => {
                let code = if by_new { CloseCode::Replaced } else { CloseCode::Internal };
                for session in self.hub.directory.of_device(device_id) {
                    if session.session_id == session_id {
                        session.post(|mailbox| mailbox.close(code));
                    }
                }
            }
        }
    }

    fn on_control(&self, control: Control) {
        match control {
            Control::Revoke { device_id, .. } => {
                self.revocations.revoke_device(device_id);
            }
            Control::Receipts { user_id, hidden } => self.hide_receipts(user_id, hidden),
            Control::Broadcast { frame } => {
                let frame = Bytes::from(frame);
                for session in self.hub.directory.all() {
                    session.post(|mailbox| mailbox.live(None, &frame));
                }
            }
        }
    }
}
