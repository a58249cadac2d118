//! `sign-in`: this device again, after its tokens ended.

use serde_json::json;
use sotto_sdk::{Client, SdkError};

use crate::{
    context::Context,
    device::Device,
    failure::{Failure, Outcome},
    home::Home,
};

pub async fn run(context: &mut Context) -> Outcome<()> {
    let home = Home::of_device(&context.folder)?;
    let password = context.ask.password(context.show).await?;
    let running = match Client::sign_in(&context.settings(&home), home.store()?, &password).await {
        // The store was wiped.
        Err(SdkError::SignedOut) => return Err(Failure::ThrownOut),
        other => other?,
    };
    let device = Device::attend(context.show, home, running).await?;
    let text = format!("{} is signed in.", device.account.username);
    context.show.tell("signed_in", &text, json!({ "username": device.account.username }));
    device.close().await;
    Ok(())
}
