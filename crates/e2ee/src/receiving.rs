//! Receiving events: what is shown, what waits for a key, what is refused.

use serde::{Deserialize, Serialize};
use sotto_protocol::{
    ConversationId, DeviceId, TxnId, UserId,
    events::{Event, EventBody, GoneReason},
    membership::MembershipChange,
    messages::MegolmContent,
};

use crate::{
    content::MessageBody,
    identities::Standing,
    log::Entered,
    megolm_in::{KeyOrigin, Unread},
    order::Warning,
    plaintext::{self, Core, Plaintext, core_hash},
    records::Key,
    state::Machine,
};

/// Undecryptable events kept to be tried again; beyond it they are told and not kept.
const WAITING_KEPT: usize = 10_000;

/// A message to show, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Its position in the log.
    pub seq: i64,
    /// The sender's own id of it: what edits, replies and reactions name.
    pub txn_id: TxnId,
    /// Who sent it.
    pub sender_user_id: UserId,
    /// From which device.
    pub sender_device_id: DeviceId,
    /// When the server stored it.
    pub created_at_ms: i64,
    /// When it disappears.
    pub expires_at_ms: Option<i64>,
    /// The sender's device's own counter in the conversation: 1, 2, 3, ...
    pub counter: u64,
    /// The body as the sender wrote it.
    pub body_json: String,
    /// Where the key to it came from.
    pub key_origin: KeyOrigin,
    /// What a person should know about it.
    pub warnings: Vec<Warning>,
}

impl Shown {
    /// The body; `None` if it is of a type that this version does not know.
    pub fn body(&self) -> Option<MessageBody> {
        sotto_json::from_str(&self.body_json).ok()
    }
}

/// Why a message can't be read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WaitReason {
    /// Its session is not here; the sender is asked for it.
    NoSession,
    /// Its session is here from a later index only: it was not meant for this device.
    BeforeFirstIndex,
}

/// Why a message is never shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// It is not what the format says, or was altered.
    Malformed,
    /// Another device than its sender owns the session, or wrote the message.
    WrongSender,
    /// The message belongs to another conversation.
    WrongConversation,
    /// The message was sent under another transaction id.
    WrongTxn,
    /// The session and index, or the counter, belong to another event.
    Replayed,
    /// The sender was never a member as the signed chain has it.
    NotAMember,
    /// The sender's device is not in its account's list.
    UnknownDevice,
}

/// What an event is to this device.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum EventOutcome {
    /// Show it.
    Shown(Shown),
    /// It can't be read now. The machine keeps it: when the key comes it is in [`crate::InboxOutcome::Keys`].
    Undecryptable {
        /// The conversation.
        conversation_id: ConversationId,
        /// Its position.
        seq: i64,
        /// Why.
        reason: WaitReason,
    },
    /// It is never shown.
    Refused {
        /// The conversation.
        conversation_id: ConversationId,
        /// Its position.
        seq: i64,
        /// Why.
        reason: RefusalReason,
    },
    /// The membership changed.
    Membership {
        /// The verified link.
        change: MembershipChange,
    },
    /// The sender removed its message at `target_seq`; the app checks that the message is that person's.
    Removal {
        /// The conversation.
        conversation_id: ConversationId,
        /// Position of the removal.
        seq: i64,
        /// Who removed.
        sender_user_id: UserId,
        /// Position of the message.
        target_seq: i64,
    },
    /// A message whose content is gone.
    Gone {
        /// The conversation.
        conversation_id: ConversationId,
        /// Its position.
        seq: i64,
        /// The sender's own id of it.
        txn_id: TxnId,
        /// Why.
        reason: GoneReason,
    },
    /// It was received before.
    Duplicate,
    /// Fetch and feed the roster ([`Machine::roster_query`]), then feed the event again.
    NeedsRoster(ConversationId),
    /// Query and feed the user's keys, then feed the event again.
    NeedsIdentity(UserId),
}

/// An event that waits for a key.
#[derive(Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) event: Event,
}

impl Machine {
    /// Takes in an event of the log. Feed events in the order of `seq` where possible, inbox items before events.
    pub fn receive_event(&mut self, event: &Event, now_ms: i64) -> EventOutcome {
        let conversation_id = event.conversation_id;
        let Some(conversation) = self.conversations.get(&conversation_id).filter(|c| c.members.chain.is_some()) else {
            return EventOutcome::NeedsRoster(conversation_id);
        };
        if conversation.log.contains(event.seq) {
            return EventOutcome::Duplicate;
        }
        let outcome = match &event.body {
            EventBody::Message { txn_id, content, expires_at_ms } => {
                self.receive_message(event, *txn_id, content, *expires_at_ms, now_ms)
            }
            EventBody::Membership { change } => self.receive_membership(event, change),
            EventBody::Removal { target_seq } => EventOutcome::Removal {
                conversation_id,
                seq: event.seq,
                sender_user_id: event.sender_user_id,
                target_seq: *target_seq,
            },
            EventBody::Gone { txn_id, reason } => {
                self.seen_mut(conversation_id, event.sender_device_id).blind(event.seq);
                EventOutcome::Gone { conversation_id, seq: event.seq, txn_id: *txn_id, reason: *reason }
            }
        };
        let again = matches!(outcome, EventOutcome::NeedsRoster(_) | EventOutcome::NeedsIdentity(_));
        if again { outcome } else { self.enter(event, outcome) }
    }

    /// Says which position of the log is the first for this device (`start_seq` of the conversation).
    pub fn set_start_seq(&mut self, conversation_id: ConversationId, start_seq: i64) {
        if let Some(conversation) = self.conversations.get_mut(&conversation_id)
            && conversation.log.begin(start_seq)
        {
            self.touch(Key::Conversation(conversation_id));
        }
    }

    /// Notes that the event was processed.
    fn enter(&mut self, event: &Event, mut outcome: EventOutcome) -> EventOutcome {
        let conversation_id = event.conversation_id;
        if let EventBody::Message { txn_id, .. } | EventBody::Gone { txn_id, .. } = &event.body
            && event.sender_device_id == self.device_id()
        {
            // Our own message came back: whatever became of the answer, it is stored.
            self.acknowledge(conversation_id, *txn_id);
        }
        let entered = match self.conversations.get_mut(&conversation_id) {
            Some(conversation) => conversation.log.enter(event.seq),
            None => Entered::Known,
        };
        self.touch(Key::Conversation(conversation_id));
        if entered == Entered::Joined {
            let missing = self.settle_holes(conversation_id).into_iter().map(|(_, missing)| missing).sum();
            if let EventOutcome::Shown(shown) = &mut outcome
                && missing > 0
            {
                shown.warnings.push(Warning::Hole { missing });
            }
        }
        outcome
    }

    fn receive_membership(&mut self, event: &Event, change: &MembershipChange) -> EventOutcome {
        let conversation_id = event.conversation_id;
        let refuse = |reason| EventOutcome::Refused { conversation_id, seq: event.seq, reason };
        if change.conversation_id != conversation_id || change.actor_user_id != event.sender_user_id {
            return refuse(RefusalReason::WrongConversation);
        }
        match self.receive_link(conversation_id, change) {
            Some(true) => EventOutcome::Membership { change: change.clone() },
            // The roster brought it already. What is told of it has to be its actor's word all the same.
            Some(false) => match self.is_actors_word(change) {
                Some(true) => EventOutcome::Membership { change: change.clone() },
                Some(false) => refuse(RefusalReason::WrongSender),
                None => EventOutcome::Duplicate,
            },
            None => EventOutcome::NeedsRoster(conversation_id),
        }
    }

    fn receive_message(
        &mut self,
        event: &Event,
        txn_id: TxnId,
        content: &MegolmContent,
        expires_at_ms: Option<i64>,
        now_ms: i64,
    ) -> EventOutcome {
        let conversation_id = event.conversation_id;
        let refuse = |reason| EventOutcome::Refused { conversation_id, seq: event.seq, reason };
        let sender = (event.sender_user_id, event.sender_device_id);
        let standing = if sender == (self.user_id(), self.device_id()) {
            Standing::Active
        } else {
            // Without a list: a new master key was accepted, and its devices are not known yet.
            let known = self.users.get(&sender.0).filter(|user| user.list.is_some());
            match known.map(|user| user.device(sender.1).map(|(_, standing)| standing)) {
                None => return EventOutcome::NeedsIdentity(sender.0),
                Some(None) => return refuse(RefusalReason::UnknownDevice),
                Some(Some(standing)) => standing,
            }
        };
        if !self.conversations.get(&conversation_id).is_some_and(|c| c.members.was_member(sender.0)) {
            return refuse(RefusalReason::NotAMember);
        }
        let (plaintext, key_origin) = match self.decrypt_group(event, content) {
            Ok(read) => read,
            Err(Unread::Refuse(reason)) => return refuse(reason),
            Err(Unread::Wait(reason)) => return self.wait(event, content, reason, now_ms),
        };
        match self.open(event, txn_id, &plaintext) {
            Err(reason) => refuse(reason),
            Ok((core, mut warnings)) => {
                if standing == Standing::Revoked {
                    warnings.push(Warning::SenderRevoked);
                }
                EventOutcome::Shown(Shown {
                    conversation_id,
                    seq: event.seq,
                    txn_id,
                    sender_user_id: event.sender_user_id,
                    sender_device_id: event.sender_device_id,
                    created_at_ms: event.created_at_ms,
                    expires_at_ms,
                    counter: core.n,
                    body_json: core.body.get().to_owned(),
                    key_origin,
                    warnings,
                })
            }
        }
    }

    /// Checks that the plaintext is of this very event, and its place in the sender's chain.
    fn open(&mut self, event: &Event, txn_id: TxnId, plaintext: &[u8]) -> Result<(Core, Vec<Warning>), RefusalReason> {
        let outer: Plaintext = sotto_json::from_slice(plaintext).map_err(|_| RefusalReason::Malformed)?;
        let core: Core = sotto_json::from_slice(outer.core.get().as_bytes()).map_err(|_| RefusalReason::Malformed)?;
        if outer.v != plaintext::VERSION || core.n == 0 {
            return Err(RefusalReason::Malformed);
        }
        if core.conversation_id != event.conversation_id {
            return Err(RefusalReason::WrongConversation);
        }
        if core.sender_user_id != event.sender_user_id || core.sender_device_id != event.sender_device_id {
            return Err(RefusalReason::WrongSender);
        }
        if core.txn_id != txn_id {
            return Err(RefusalReason::WrongTxn);
        }
        let Some(conversation) = self.conversations.get(&event.conversation_id) else {
            return Err(RefusalReason::WrongConversation);
        };
        let known_roster = conversation.members.rosters.get(&outer.roster_version);
        let mismatch = known_roster.is_some_and(|known| *known != outer.roster);
        let key = (event.conversation_id, event.sender_device_id);
        let seen = self.seen.or_default(key);
        let hash = core_hash(outer.core.get());
        let mut warnings = seen.enter(core.n, core.prev.as_ref(), &hash, event.seq, &conversation.log);
        if mismatch {
            warnings.push(Warning::RosterMismatch);
        }
        self.touch(Key::Seen(key.0, key.1));
        Ok((core, warnings))
    }

    fn wait(&mut self, event: &Event, content: &MegolmContent, reason: WaitReason, now_ms: i64) -> EventOutcome {
        let conversation_id = event.conversation_id;
        self.seen_mut(conversation_id, event.sender_device_id).blind(event.seq);
        // A session that is known from a later index on may come from an earlier one yet: out of a backup.
        if self.waiting.len() < WAITING_KEPT {
            self.waiting.insert((conversation_id, event.seq), Waiting { event: event.clone() });
            self.touch(Key::Waiting(conversation_id, event.seq));
            if reason == WaitReason::NoSession {
                self.ask_for_key(event, &content.session_id.to_base64(), now_ms);
            }
        }
        EventOutcome::Undecryptable { conversation_id, seq: event.seq, reason }
    }

    /// Tries the events again that wait for this session.
    pub(crate) fn retry(
        &mut self,
        conversation_id: ConversationId,
        session_id: &str,
        now_ms: i64,
    ) -> Vec<EventOutcome> {
        let of_session = |waiting: &Waiting| match &waiting.event.body {
            EventBody::Message { content, .. } => content.session_id.to_base64() == session_id,
            _ => false,
        };
        let keys: Vec<_> =
            self.waiting_in(conversation_id).filter(|(_, waiting)| of_session(waiting)).map(|(key, _)| *key).collect();
        let mut outcomes = Vec::new();
        for key in keys {
            let Some(waiting) = self.waiting.remove(&key) else { continue };
            self.touch(Key::Waiting(key.0, key.1));
            if let EventBody::Message { txn_id, content, expires_at_ms } = &waiting.event.body {
                outcomes.push(self.receive_message(&waiting.event, *txn_id, content, *expires_at_ms, now_ms));
            }
        }
        outcomes
    }

    /// Positions of events that wait for a key.
    pub fn undecryptable(&self, conversation_id: ConversationId) -> Vec<i64> {
        self.waiting_in(conversation_id).map(|((_, seq), _)| *seq).collect()
    }

    fn waiting_in(&self, id: ConversationId) -> impl Iterator<Item = (&(ConversationId, i64), &Waiting)> {
        self.waiting.between(&(id, i64::MIN), &(id, i64::MAX))
    }
}
