//! `sign-out`: this device leaves the account, or all others do.

use serde_json::json;
use sotto_sdk::SignOutReason;

use super::devices::show_receipt;
use crate::{
    context::Context,
    device::{self, Device},
    failure::{Failure, Outcome},
    people::short,
};

pub async fn this_device(context: &mut Context, sure: bool) -> Outcome<()> {
    let question = "Sign out? This device's keys and messages go; it comes back only by being linked or recovered. \
        (The account's last device keeps them, and may sign in again.)";
    if !sure && !context.ask.yes(context.show, "sign_out", question, json!({})).await? {
        return Err(Failure::Declined);
    }
    let (home, running) = device::open(context).await?;
    let reason = running.client.sign_out().await?;
    let text = match reason {
        SignOutReason::TokensEnded => "Signed out. This is the account's last device: `sotto-chat sign-in` comes back.",
        SignOutReason::SignedOut | SignOutReason::Revoked => {
            home.remove();
            "Signed out. Nothing of this device is left."
        }
    };
    context.show.tell("signed_out", text, json!({ "for_good": reason != SignOutReason::TokensEnded }));
    Ok(())
}

pub async fn others(context: &mut Context, sure: bool) -> Outcome<()> {
    let device = Device::open(context).await?;
    let question = "Throw all other devices out of your account, for good?";
    if !sure && !context.ask.yes(context.show, "sign_out_others", question, json!({})).await? {
        return Err(Failure::Declined);
    }
    let password = context.ask.password(context.show).await?;
    let receipts = device.client.sign_out_others(&password).await?;
    for receipt in &receipts {
        show_receipt(context.show, &short(receipt.device_id), receipt);
    }
    let text = format!("{} devices are out.", receipts.len());
    context.show.tell("others_signed_out", &text, json!({ "count": receipts.len() }));
    device.close().await;
    Ok(())
}
