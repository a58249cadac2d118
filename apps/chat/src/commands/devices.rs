//! `devices`, `rename`, `revoke`: the devices of one's own account.

use serde_json::{Value, json};
use sotto_protocol::{
    DeviceId,
    devices::{Device as Listed, RenameDeviceRequest, RevocationReceipt},
};

use crate::{
    clean,
    context::Context,
    device::Device,
    failure::{Failure, Outcome},
    people::short,
    show::Show,
};

pub async fn list(context: &Context) -> Outcome<()> {
    let device = Device::open(context).await?;
    for listed in device.client.http().list_devices().await?.devices {
        context.show.tell("device", &row(&listed), fields(&listed));
    }
    device.close().await;
    Ok(())
}

/// Also what `/devices` shows in a chat.
pub fn row(listed: &Listed) -> String {
    let what = match (listed.current, listed.verified) {
        (true, true) => "this device",
        (true, false) => "this device, waits to be linked",
        (false, true) => "linked",
        (false, false) => "waits to be linked",
    };
    format!("{}  {:<24}  {what}", short(listed.device_id), clean::line(&listed.name))
}

pub fn fields(listed: &Listed) -> Value {
    json!({
        "device_id": listed.device_id,
        "name": listed.name,
        "current": listed.current,
        "verified": listed.verified,
        "created_at_ms": listed.created_at_ms,
        "last_seen_at_ms": listed.last_seen_at_ms,
    })
}

/// The device of this exact name, or whose id begins so.
async fn find(device: &Device, named: &str) -> Outcome<Listed> {
    let mut all = device.client.http().list_devices().await?.devices;
    all.retain(|listed| listed.name == named || is_beginning(named, listed.device_id));
    match (all.pop(), all.is_empty()) {
        (None, _) => Err(Failure::NoSuchDevice(named.to_owned())),
        (Some(found), true) => Ok(found),
        (Some(_), false) => Err(Failure::Ambiguous(named.to_owned())),
    }
}

fn is_beginning(text: &str, device_id: DeviceId) -> bool {
    text.len() >= 4 && device_id.to_string().starts_with(text)
}

pub async fn rename(context: &Context, named: &str, new_name: &str) -> Outcome<()> {
    let device = Device::open(context).await?;
    let found = find(&device, named).await?;
    let request = RenameDeviceRequest { name: new_name.to_owned() };
    device.client.http().rename_device(found.device_id, &request).await?;
    let text = format!("{} is called {} now.", short(found.device_id), clean::line(new_name));
    context.show.tell("renamed", &text, json!({ "device_id": found.device_id, "name": new_name }));
    device.close().await;
    Ok(())
}

pub async fn revoke(context: &mut Context, named: &str, sure: bool) -> Outcome<()> {
    let device = Device::open(context).await?;
    let found = find(&device, named).await?;
    let question = format!("Throw {} out of your account, for good?", clean::line(&found.name));
    let asked = json!({ "device_id": found.device_id });
    if !sure && !context.ask.yes(context.show, "revoke", &question, asked).await? {
        return Err(Failure::Declined);
    }
    let password = context.ask.password(context.show).await?;
    let receipt = device.client.revoke_device(found.device_id, &password).await?;
    show_receipt(context.show, &found.name, &receipt);
    device.close().await;
    Ok(())
}

/// What a revocation did.
pub fn show_receipt(show: Show, name: &str, receipt: &RevocationReceipt) {
    let sockets = if receipt.sockets_pending {
        "its connections are closed within ten seconds".to_owned()
    } else {
        format!("{} of its connections closed", receipt.sockets_closed)
    };
    let text = format!(
        "{} is out: {sockets}, {} of its keys and {} waiting items destroyed, {} conversations told.",
        clean::line(name),
        receipt.one_time_keys_deleted + receipt.fallback_keys_deleted,
        receipt.inbox_items_deleted,
        receipt.conversations_bumped,
    );
    show.tell("revoked", &text, json!({ "device_id": receipt.device_id, "receipt": receipt }));
}
