//! `link-device`: this device lets a new one into its account.

use std::path::PathBuf;

use serde_json::json;

use crate::{codes, context::Context, device::Device, failure::Outcome, linking, people::short};

pub async fn run(context: &mut Context, scan: Option<PathBuf>) -> Outcome<()> {
    let device = Device::open(context).await?;
    let password = context.ask.password(context.show).await?;
    let linking = match scan {
        Some(source) => {
            let qr = codes::read(&source, &mut context.ask, context.show).await?;
            device.client.link_by_scanning(&password, &qr).await?
        }
        None => device.client.link_by_showing(&password).await?,
    };
    let linked = linking::follow(linking, &mut context.ask, context.show).await?;
    let later = if linked.handed_over { "" } else { " It gets the account's keys when both are online next." };
    let text = format!("The device {} is in your account now.{later}", short(linked.device_id));
    let fields = json!({ "device_id": linked.device_id, "handed_over": linked.handed_over, "history": linked.history });
    context.show.tell("device_linked", &text, fields);
    device.close().await;
    Ok(())
}
