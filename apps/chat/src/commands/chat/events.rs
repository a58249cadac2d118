//! What happens while people talk.

use serde_json::json;
use sotto_e2ee::{BlockReason, RefusalReason, WaitReason};
use sotto_protocol::{
    Problem,
    close::CloseCode,
    conversations::MemberMarks,
    events::GoneReason,
    membership::{MembershipAction, MembershipChange},
};
use sotto_sdk::{ClientEvent, SdkError, StoredMessage};

use super::{Chat, progress::State};
use crate::{
    device,
    failure::{Failure, Outcome},
    notices,
};

impl Chat<'_> {
    /// # Errors
    /// The conversation, or this device, is over.
    pub(super) async fn hear(&mut self, event: ClientEvent) -> Outcome<()> {
        notices::tell(self.context.show, &event, &self.reader.people);
        if let Some(failure) = device::ended(&event) {
            return Err(failure);
        }
        let id = self.id;
        match event {
            ClientEvent::Shown { message, .. } if message.conversation_id == id => self.show(&message).await,
            ClientEvent::Shown { message, .. } => self.elsewhere(&message),
            ClientEvent::Sent { conversation_id, seq, txn_id } if conversation_id == id => {
                self.unanswered.remove(&txn_id);
                self.blocked = false;
                let place = seq.map(|seq| format!(" {seq}")).unwrap_or_default();
                self.state(&format!("message{place} sent"), json!({ "state": "sent", "seq": seq, "txn_id": txn_id }));
            }
            ClientEvent::Marks { conversation_id, marks } if conversation_id == id => self.show_marks(&marks),
            ClientEvent::Undecryptable { conversation_id, seq, reason } if conversation_id == id => {
                self.show_unreadable(seq, reason);
            }
            ClientEvent::EventRefused { conversation_id, seq, reason } if conversation_id == id => {
                let text = format!("! message {seq} is not shown: {}", refusal_words(reason));
                self.context.show.tell("not_shown", &text, json!({ "seq": seq, "text": refusal_words(reason) }));
            }
            ClientEvent::Gone { conversation_id, seq, reason } if conversation_id == id => self.show_gone(seq, reason),
            ClientEvent::Refused { conversation_id, txn_id, problem } if conversation_id == id => {
                self.unanswered.remove(&txn_id);
                self.show_unsent(*problem);
            }
            ClientEvent::SendBlocked { conversation_id, reason } if conversation_id == id => self.blocked(&reason),
            ClientEvent::Membership { seq, change } if change.conversation_id == id && seq > self.past => {
                self.show_change(seq, &change).await;
            }
            ClientEvent::Left { conversation_id } if conversation_id == id => {
                self.context.show.tell("left", "  you are out of this conversation", json!({}));
                self.leaving = true;
            }
            ClientEvent::Disconnected { .. } if self.online => {
                self.online = false;
                self.context.show.tell("offline", "  no connection; messages wait until it is back", json!({}));
            }
            ClientEvent::CaughtUp if !self.online => {
                self.online = true;
                self.context.show.tell("online", "  connected again", json!({}));
            }
            ClientEvent::Closed { code } => return Err(why_closed(code)),
            _ => {}
        }
        Ok(())
    }

    async fn show(&mut self, message: &StoredMessage) {
        if self.reader.is_own(message) {
            self.progress.own(message.seq);
        }
        if !self.shown.insert(message.seq) {
            return;
        }
        let repeats = self.reader.repeats(message);
        // The terminal has what was typed on it already.
        if self.reader.is_from_here(message) && !self.context.show.is_json() {
            return;
        }
        self.meet(&[message.sender_user_id]).await;
        if !repeats {
            self.context.show.tell("message", &self.reader.line(message), self.reader.fields(message));
        }
        if !self.reader.is_own(message)
            && let Err(error) = self.client.mark_read(self.id, message.seq).await
        {
            self.complain(&error.into());
        }
    }

    async fn show_change(&mut self, seq: i64, change: &MembershipChange) {
        if let MembershipAction::Add { members } = &change.action {
            let people: Vec<_> = members.iter().map(|member| member.user_id).collect();
            self.meet(&people).await;
        }
        let text = self.reader.change(change);
        self.context.show.tell("membership", &format!("  {text}"), json!({ "seq": seq, "text": text }));
    }

    fn elsewhere(&self, message: &StoredMessage) {
        if !self.reader.is_own(message) {
            let fields = json!({ "conversation_id": message.conversation_id, "seq": message.seq });
            self.context.show.tell("elsewhere", "  (a message came in another conversation)", fields);
        }
    }

    fn state(&self, text: &str, fields: serde_json::Value) {
        self.context.show.tell("state", &format!("  {text}"), fields);
    }

    /// How far the others are.
    pub(super) fn show_marks(&mut self, marks: &[MemberMarks]) {
        for mark in marks.iter().filter(|mark| mark.user_id != self.client.user_id()) {
            let Some((state, seq)) = self.progress.raise(mark) else { continue };
            let name = self.reader.name(mark.user_id);
            let (word, text) = match state {
                State::Delivered => ("delivered", format!("message {seq} delivered to {name}")),
                State::Read => ("read", format!("message {seq} read by {name}")),
            };
            self.state(&text, json!({ "state": word, "seq": seq, "by": name }));
        }
    }

    fn show_unreadable(&self, seq: i64, reason: Option<WaitReason>) {
        let why = match reason {
            Some(WaitReason::BeforeFirstIndex) => "it was written before this device came in",
            Some(WaitReason::NoSession) | None => "its key is missing, its sender is asked for it",
        };
        let text = format!("! message {seq} can't be read yet: {why}");
        self.context.show.tell("undecryptable", &text, json!({ "seq": seq, "text": why }));
    }

    fn show_gone(&mut self, seq: i64, reason: GoneReason) {
        let text = match reason {
            GoneReason::Removed => format!("  message {seq} was removed"),
            GoneReason::Expired => format!("  message {seq} disappeared: its time was over"),
        };
        self.context.show.tell("gone", &text, json!({ "seq": seq, "reason": reason }));
    }

    fn show_unsent(&mut self, problem: Problem) {
        self.refused += 1;
        let failure = Failure::from(SdkError::Problem(Box::new(problem)));
        self.context.show.tell("unsent", &format!("! not sent: {failure}"), json!({ "code": failure.code() }));
    }

    fn blocked(&mut self, reason: &BlockReason) {
        let text = match reason {
            BlockReason::Violated(users) => {
                let names: Vec<String> = users.iter().map(|user_id| self.reader.name(*user_id)).collect();
                format!(
                    "! nothing is sent: the server gives another key for {}. Compare with /verify before you go on",
                    names.join(", ")
                )
            }
            BlockReason::NotAMember => "! nothing is sent: you are not a member of this conversation".to_owned(),
        };
        self.context.show.tell("blocked", &text, json!({ "text": text }));
        self.blocked = true;
    }
}

fn why_closed(code: Option<u16>) -> Failure {
    if code == Some(CloseCode::Replaced.code()) { Failure::Replaced } else { SdkError::Closed.into() }
}

fn refusal_words(reason: RefusalReason) -> &'static str {
    match reason {
        RefusalReason::Malformed => "it is damaged, or was altered",
        RefusalReason::WrongSender => "it is not from whom it says",
        RefusalReason::WrongConversation => "it was written for another conversation",
        RefusalReason::WrongTxn => "it was sent under another number",
        RefusalReason::Replayed => "it was shown before, under another number",
        RefusalReason::NotAMember => "its sender is no member",
        RefusalReason::UnknownDevice => "its sender's device is not one of theirs",
    }
}
