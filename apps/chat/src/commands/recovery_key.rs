//! `recovery-key` and `new-identity`: a new recovery key, with the old one or without.

use serde_json::json;

use super::{recover::ask_recovery_key, register::show_recovery_key};
use crate::{
    context::Context,
    device::Device,
    failure::{Failure, Outcome},
};

/// The old one is needed: the account's master key lies under it alone.
pub async fn replace(context: &mut Context) -> Outcome<()> {
    let device = Device::open(context).await?;
    let password = context.ask.password(context.show).await?;
    let old = ask_recovery_key(context).await?;
    let recovery_key = device.client.replace_recovery_key(&old, &password).await?;
    show_recovery_key(context.show, &recovery_key);
    device.close().await;
    Ok(())
}

/// For who lost it.
pub async fn new_identity(context: &mut Context, sure: bool) -> Outcome<()> {
    let device = Device::open(context).await?;
    let question = "Make a new identity? All other devices are thrown out, and everybody you write to is warned \
        and has to accept your new key.";
    if !sure && !context.ask.yes(context.show, "new_identity", question, json!({})).await? {
        return Err(Failure::Declined);
    }
    let password = context.ask.password(context.show).await?;
    let recovery_key = device.client.reset_identity(&password).await?;
    show_recovery_key(context.show, &recovery_key);
    context.show.tell("identity_made", "You have a new identity.", json!({}));
    device.close().await;
    Ok(())
}
