//! Messages as they are printed.

use std::collections::HashMap;

use serde_json::{Value, json};
use sotto_protocol::{
    DeviceId, UserId,
    membership::{MembershipAction, MembershipChange, Role},
};
use sotto_sdk::{Client, MessageBody, StoredMessage};
use time::{OffsetDateTime, macros::format_description};

use crate::{clean, failure::Outcome, people::People};

/// Who reads, and whose names it knows.
pub struct Reader {
    pub people: People,
    me: UserId,
    here: DeviceId,
    /// One's own devices.
    devices: HashMap<DeviceId, String>,
    /// The newest name and timer of those that were shown.
    name: Option<String>,
    after_ms: Option<i64>,
}

impl Reader {
    pub async fn new(client: &Client, people: People) -> Outcome<Self> {
        let listed = client.http().list_devices().await?.devices;
        let devices = listed.into_iter().map(|device| (device.device_id, clean::line(&device.name))).collect();
        Ok(Self { people, me: client.user_id(), here: client.device_id(), devices, name: None, after_ms: None })
    }

    pub fn is_own(&self, message: &StoredMessage) -> bool {
        message.sender_user_id == self.me
    }

    /// Whether it was written on this device.
    pub fn is_from_here(&self, message: &StoredMessage) -> bool {
        message.sender_device_id == self.here
    }

    /// Whether it says a name or timer again for somebody who came in, which is nothing to show. Messages of one
    /// conversation, ascending.
    pub fn repeats(&mut self, message: &StoredMessage) -> bool {
        match message.body() {
            Some(MessageBody::RoomName { name }) => self.name.replace(name.clone()) == Some(name),
            Some(MessageBody::Timer { after_ms }) => std::mem::replace(&mut self.after_ms, after_ms) == after_ms,
            _ => false,
        }
    }

    pub fn name(&self, user_id: UserId) -> String {
        if user_id == self.me { "you".to_owned() } else { self.people.name(user_id) }
    }

    fn sender(&self, message: &StoredMessage) -> String {
        let name = self.name(message.sender_user_id);
        if !self.is_own(message) || self.is_from_here(message) {
            return name;
        }
        let device = self.devices.get(&message.sender_device_id).map_or("another device", String::as_str);
        format!("{name}, on {device}")
    }

    /// One message for people.
    pub fn line(&self, message: &StoredMessage) -> String {
        let sender = self.sender(message);
        match message.body() {
            Some(MessageBody::Text { text, .. }) => format!("{sender}: {}", clean::text(&text)),
            Some(MessageBody::Reply { text, .. }) => format!("{sender}, in reply: {}", clean::text(&text)),
            Some(MessageBody::Edit { text, .. }) => format!("{sender}, corrected: {}", clean::text(&text)),
            Some(MessageBody::Reaction { remove: true, .. }) => format!("{sender} took a reaction back"),
            Some(MessageBody::Reaction { emoji, .. }) => format!("{sender} reacted: {}", clean::line(&emoji)),
            Some(MessageBody::RoomName { name }) => format!("{sender} named the group {}", clean::line(&name)),
            Some(MessageBody::Timer { after_ms: None }) => format!("{sender}: messages stay"),
            Some(MessageBody::Timer { after_ms: Some(ms) }) => {
                format!("{sender}: messages disappear after {} s", ms / 1000)
            }
            None => format!("{sender} sent something that this version can't show"),
        }
    }

    /// One message for programs.
    pub fn fields(&self, message: &StoredMessage) -> Value {
        json!({
            "conversation_id": message.conversation_id,
            "seq": message.seq,
            "txn_id": message.txn_id,
            "sender": self.name(message.sender_user_id),
            "sender_user_id": message.sender_user_id,
            "sender_device_id": message.sender_device_id,
            "own": self.is_own(message),
            "from_here": self.is_from_here(message),
            "created_at_ms": message.created_at_ms,
            "body": serde_json::from_str::<Value>(&message.body_json).unwrap_or_default(),
        })
    }

    /// A change of members, for people.
    pub fn change(&self, change: &MembershipChange) -> String {
        let actor = self.name(change.actor_user_id);
        match &change.action {
            MembershipAction::Create { .. } => format!("{actor} began the conversation"),
            MembershipAction::Add { members } => {
                let names: Vec<String> = members.iter().map(|member| self.name(member.user_id)).collect();
                format!("{actor} added {}", names.join(", "))
            }
            MembershipAction::Remove { user_id } => format!("{actor} took {} out", self.name(*user_id)),
            MembershipAction::SetRole { user_id, role: Role::Admin } => {
                format!("{actor} made {} an admin", self.name(*user_id))
            }
            MembershipAction::SetRole { user_id, role: Role::Member } => {
                format!("{actor} made {} an ordinary member", self.name(*user_id))
            }
            MembershipAction::Leave {} => format!("{actor} left"),
            MembershipAction::SetRetention { retention_ms: None } => format!("{actor}: messages stay"),
            MembershipAction::SetRetention { retention_ms: Some(ms) } => {
                format!("{actor}: messages disappear after {} s", ms / 1000)
            }
        }
    }
}

/// `2026-11-28 13:05`, UTC.
pub fn moment(ms: i64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]");
    let time = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1000)).ok();
    time.and_then(|time| time.format(&format).ok()).unwrap_or_else(|| "?".to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn moments_are_utc_and_any_number_is_one() {
        assert_eq!(super::moment(1_795_871_100_000), "2026-11-28 13:05");
        assert_eq!(super::moment(i64::MAX), "?");
        assert_eq!(super::moment(-1), "1969-12-31 23:59");
    }
}
