//! Two or three real machines around an in-memory server that is honest, or malicious: tests are named after the rows of the
//! list of what a server may try that the design began with.

#![expect(
    clippy::result_large_err,
    clippy::similar_names,
    clippy::needless_pass_by_value,
    clippy::needless_for_each,
    clippy::type_complexity,
    clippy::default_trait_access,
    reason = "tests read better so"
)]

mod attacker;
mod client;
mod ending;
mod formats;
mod honest;
mod linking;
mod repair;
mod rows_backup;
mod rows_devices;
mod rows_fuzz;
mod rows_history;
mod rows_linking;
mod rows_messages;
mod rows_olm;
mod rows_people;
mod rows_recovery;
mod rows_secrets;
mod rows_verdicts;
mod scene;
mod server;

use client::Client;
use server::Server;
use sotto_protocol::{ConversationId, membership::ConversationKind};

/// Two people in a direct conversation.
fn pair() -> (Server, Client, Client, ConversationId) {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let bob = Client::register(&mut server, 2);
    let id = alice.create(&mut server, ConversationKind::Direct, &[bob.user_id()]);
    (server, alice, bob, id)
}

/// Whether any envelope went to the device.
fn got_envelope(server: &Server, device_id: sotto_protocol::DeviceId) -> bool {
    server.envelopes.iter().any(|(_, envelope)| envelope.device_id == device_id)
}
