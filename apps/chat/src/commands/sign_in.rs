//! `sign-in`: this device again, after its tokens ended.

use std::sync::Arc;

use serde_json::json;
use sotto_protocol::ProblemCode;
use sotto_sdk::{Client, SdkError, Store};

use crate::{
    context::Context,
    device::{self, Device},
    failure::{Failure, Outcome},
    home::Home,
};

pub async fn run(context: &mut Context) -> Outcome<()> {
    let home = Home::of_device(&context.folder)?;
    let password = context.ask.password(context.show).await?;
    let store = home.store()?;
    let running = match Client::sign_in(&context.settings(&home), store.clone(), &password).await {
        Ok(running) => running,
        Err(error) => return Err(why(context, &home, store, error).await),
    };
    let device = Device::attend(context.show, home, running).await?;
    let text = format!("{} is signed in.", device.account.username);
    context.show.tell("signed_in", &text, json!({ "username": device.account.username }));
    device.close().await;
    Ok(())
}

/// A device that was thrown out gets the answer of a wrong password; its old tokens tell the two apart.
async fn why(context: &Context, home: &Home, store: Arc<Store>, error: SdkError) -> Failure {
    if error.code() == Some(ProblemCode::WrongCredentials)
        && let Ok(Some(running)) = Client::open(&context.settings(home), store).await
        && let Err(Failure::Sdk(reason)) = device::account(&running.client).await
        && reason.code() == Some(ProblemCode::DeviceRevoked)
    {
        return reason.into();
    }
    error.into()
}
