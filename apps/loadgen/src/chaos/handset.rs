//! A device of the crew: a real client, and a note of everything that happens on it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex as SyncMutex;
use sotto_protocol::{
    ConversationId, DeviceId, UserId,
    membership::{MembershipAction, MembershipChange},
};
use sotto_sdk::{Client, ClientEvent, MessageBody, Running};
use tokio::sync::{Mutex, mpsc, watch};

use super::wire::WireTap;
use crate::{
    error::{Context, Outcome},
    record::{Actor, What},
};

/// Whose devices are whose.
pub(super) type Directory = Arc<SyncMutex<HashMap<UserId, Vec<DeviceId>>>>;

/// A device.
pub struct Handset {
    /// For people: `ana/phone`.
    pub name: String,
    /// Its id.
    pub id: DeviceId,
    /// The client.
    pub client: Client,
    actor: Actor,
    counters: Mutex<HashMap<ConversationId, u64>>,
    reads: watch::Sender<bool>,
    /// How it was ended for good; 0 without a code.
    closed: watch::Sender<Option<u16>>,
}

impl Handset {
    /// Listens to a client that was just started.
    pub(super) fn new(name: &str, running: Running, actor: Actor, tap: &WireTap, directory: &Directory) -> Arc<Self> {
        let (id, user) = (running.client.device_id(), running.client.user_id());
        actor.note(What::Device { device: id, user, name: name.to_owned() });
        tap.belongs_to(id);
        directory.lock().entry(user).or_default().push(id);
        let (reads, closed) = (watch::Sender::new(true), watch::Sender::new(None));
        let client = running.client;
        let handset =
            Arc::new(Self { name: name.to_owned(), id, client, actor, counters: Mutex::default(), reads, closed });
        tokio::spawn(listen(Arc::clone(&handset), running.events, Arc::clone(directory)));
        handset
    }

    /// Queues a message.
    pub async fn say(&self, conversation: ConversationId, text: &str) -> Outcome<()> {
        // Held over both, so that the counter is the place in the client's queue.
        let mut counters = self.counters.lock().await;
        let sent = self.client.send(conversation, &MessageBody::text(text)).await;
        let message = sent.context(format!("{} sends", self.name))?;
        let counter = counters.entry(conversation).or_default();
        *counter += 1;
        self.actor.note(What::Intent { conversation, message, device: self.id, counter: *counter });
        Ok(())
    }

    /// Whether its app takes what comes. When it does not, its client stops reading from the socket.
    pub fn read(&self, reads: bool) {
        self.reads.send_replace(reads);
    }

    /// Disconnects and comes back so many addresses further.
    pub async fn move_on(&self, steps: u32) {
        self.client.disconnect();
        // A moment for the driver to see it: who connects before that never left.
        tokio::time::sleep(Duration::from_millis(30)).await;
        let endpoints = self.client.http().endpoints();
        for _ in 0..steps {
            endpoints.leave(endpoints.current());
        }
        self.client.connect();
    }

    /// Whether the client stays away for good.
    pub fn is_closed(&self) -> bool {
        self.closed.borrow().is_some()
    }

    fn take(&self, event: ClientEvent, directory: &Directory) {
        let device = self.id;
        match event {
            ClientEvent::Shown { message: shown, .. } => self.actor.note(What::Shown {
                conversation: shown.conversation_id,
                message: shown.txn_id,
                device,
                sender: shown.sender_device_id,
                seq: shown.seq,
                counter: shown.counter,
            }),
            ClientEvent::Sent { conversation_id: conversation, txn_id: message, seq } => {
                self.actor.note(What::Ack { conversation, message, device, seq, node: None });
            }
            ClientEvent::Refused { conversation_id: conversation, txn_id: message, problem } => {
                let code = problem.code.as_str().to_owned();
                self.actor.note(What::Reject { conversation, message, device, code, last: true });
            }
            ClientEvent::Undecryptable { conversation_id: conversation, seq, .. }
            | ClientEvent::EventRefused { conversation_id: conversation, seq, .. } => {
                self.actor.note(What::Utd { conversation, device, seq });
            }
            ClientEvent::SendBlocked { conversation_id, reason } => {
                let text = format!("its queue of {conversation_id} waits: {reason:?}");
                self.actor.note(What::Noticed { device, text });
            }
            ClientEvent::Alarm(alarm) => {
                self.actor.note(What::Noticed { device, text: format!("{alarm:?}") });
            }
            ClientEvent::Gap { conversation_id: conversation, dropped, .. } => {
                self.actor.note(What::Gap { conversation, device, dropped });
            }
            ClientEvent::Membership { seq, change } => self.take_membership(seq, &change, directory),
            ClientEvent::Closed { code } => {
                self.actor.note(What::Noticed { device, text: format!("closed for good: {code:?}") });
                self.closed.send_replace(Some(code.unwrap_or(0)));
            }
            _ => {}
        }
    }

    fn take_membership(&self, seq: i64, change: &MembershipChange, directory: &Directory) {
        let conversation = change.conversation_id;
        let devices = |user: &UserId| directory.lock().get(user).cloned().unwrap_or_default();
        match &change.action {
            MembershipAction::Add { members } => {
                for device in members.iter().flat_map(|member| devices(&member.user_id)) {
                    self.actor.note(What::Join { conversation, device, seq });
                }
            }
            MembershipAction::Remove { user_id: gone } => {
                for device in devices(gone) {
                    self.actor.note(What::Leave { conversation, device, seq });
                }
            }
            MembershipAction::Leave {} => {
                for device in devices(&change.actor_user_id) {
                    self.actor.note(What::Leave { conversation, device, seq });
                }
            }
            _ => {}
        }
    }
}

async fn listen(handset: Arc<Handset>, mut events: mpsc::Receiver<ClientEvent>, directory: Directory) {
    let mut reads = handset.reads.subscribe();
    loop {
        if reads.wait_for(|reads| *reads).await.is_err() {
            return;
        }
        let Some(event) = events.recv().await else { return };
        handset.take(event, &directory);
    }
}
