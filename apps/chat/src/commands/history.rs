//! `history`: what this device has of a conversation.

use serde_json::json;

use super::{
    conversations::{existing, stored},
    messages::{Reader, moment},
};
use crate::{cli::With, context::Context, device::Device, failure::Outcome, people::People};

pub async fn run(context: &Context, with: &With) -> Outcome<()> {
    let device = Device::open(context).await?;
    let (id, _) = existing(&device.client, with).await?;
    let mut reader = Reader::new(&device.client, People::of(&device.client, id).await?).await?;
    for message in stored(&device.client, id).await?.values() {
        if reader.repeats(message) {
            continue;
        }
        let text = format!("{}  {}", moment(message.created_at_ms), reader.line(message));
        context.show.tell("message", &text, reader.fields(message));
    }
    for seq in device.client.undecryptable(id).await {
        show_undecryptable(context, seq);
    }
    device.close().await;
    Ok(())
}

/// A position whose key is missing.
pub fn show_undecryptable(context: &Context, seq: i64) {
    let text = format!("! message {seq} can't be read yet: its key is missing, its sender is asked for it");
    context.show.tell("undecryptable", &text, json!({ "seq": seq }));
}
