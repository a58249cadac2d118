//! The routes, a file a capability. Names are the operation ids of the API.

mod accounts;
mod conversations;
mod devices;
mod keys;
mod linking;
mod messages;
mod nodes;
mod people;
mod secrets;

use sotto_protocol::ConversationId;

fn conversation(id: ConversationId, rest: &str) -> String {
    format!("/api/conversations/{id}{rest}")
}
