//! What a person should know, whatever the command is.

use serde_json::json;
use sotto_sdk::{ClientEvent, Trust, Warning};

use crate::{
    alarms, clean,
    people::{People, trust as words},
    show::Show,
};

/// Tells what the event says beyond messages and their states, if it says something.
pub fn tell(show: Show, event: &ClientEvent, people: &People) {
    match event {
        ClientEvent::Alarm(alarm) => {
            let (code, text) = alarms::words(alarm, people);
            show.tell("alarm", &format!("! {text}"), json!({ "code": code, "text": text }));
        }
        ClientEvent::Shown { message, warnings } => {
            for warning in warnings {
                let (code, text) = warning_words(warning);
                let place = json!({ "conversation_id": message.conversation_id, "seq": message.seq });
                let fields = json!({ "code": code, "text": text, "at": place });
                show.tell("warning", &format!("! about message {}: {text}", message.seq), fields);
            }
        }
        ClientEvent::TrustChanged { user_id, trust, .. } => {
            let name = people.name(*user_id);
            let text = match trust {
                Trust::Verified => format!("  you verified {name} on another of your devices"),
                Trust::FirstUse => format!("  you took the verification of {name} back on another of your devices"),
                // An alarm says more.
                Trust::Violated | Trust::Unverified => return,
            };
            show.tell("trust", &text, json!({ "user_id": user_id, "name": name, "trust": words(*trust) }));
        }
        ClientEvent::LoginSeen { device_id, name } => {
            let name = clean::line(name);
            let text = format!(
                "! somebody signed in to your account on a new device: {name}. If that was not you, change your password"
            );
            show.tell("login_seen", &text, json!({ "device_id": device_id, "name": name }));
        }
        ClientEvent::Gap { dropped, .. } => {
            let text =
                format!("! the server dropped {dropped} keys for this device; messages under them are asked for again");
            show.tell("gap", &text, json!({ "dropped": dropped }));
        }
        ClientEvent::Broadcast(message) => {
            show.tell(
                "broadcast",
                &format!("! from the operator: {}", clean::line(message)),
                json!({ "text": message }),
            );
        }
        ClientEvent::RecoveryKeyChanged => {
            let text = "! your recovery key was replaced on another of your devices. If that was not you, change your password";
            show.tell("recovery_key_changed", text, json!({}));
        }
        ClientEvent::History { done, of } => {
            show.passing(&format!("History: {done} of {of}"));
            show.tell_program("history", json!({ "done": done, "of": of }));
        }
        _ => {}
    }
}

fn warning_words(warning: &Warning) -> (&'static str, String) {
    match warning {
        Warning::Hole { missing } => ("hole", format!("{missing} messages of its sender before it are missing")),
        Warning::Swapped => ("swapped", "it is not where its sender put it".to_owned()),
        Warning::RosterMismatch => ("roster_mismatch", "its sender was told of other members or devices".to_owned()),
        Warning::SenderRevoked => ("sender_revoked", "its sender's device was thrown out since".to_owned()),
    }
}
