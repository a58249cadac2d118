//! `link`: this folder becomes a further device of an account.

use std::sync::Arc;

use serde_json::json;
use sotto_sdk::{Client, Linking, Running, Settings, Store, service_of_code};

use super::register::new_device;
use crate::{
    cli::{DeviceName, LinkWay},
    codes,
    context::Context,
    device::Device,
    failure::{Failure, Outcome},
    home::Home,
    linking,
};

pub async fn run(context: &mut Context, way: LinkWay, device: DeviceName) -> Outcome<()> {
    let (home, store) = Home::for_new_device(&context.folder)?;
    let (running, server) = match enter(context, &home, store.clone(), way, device).await {
        Ok(entered) => entered,
        Err(failure) => return Err(came_to_nothing(context, &home, store, failure).await),
    };
    home.keep(&server)?;
    let device = Device::attend(context.show, home, running).await?;
    let name = device.account.username.clone();
    let text = format!("This device is in the account {name} now.");
    let fields =
        json!({ "username": name, "user_id": device.client.user_id(), "device_id": device.client.device_id() });
    context.show.tell("linked", &text, fields);
    device.close().await;
    Ok(())
}

async fn enter(
    context: &mut Context,
    home: &Home,
    store: Arc<Store>,
    way: LinkWay,
    device: DeviceName,
) -> Outcome<(Running, String)> {
    let mut server = context.server(home);
    let device = new_device(device);
    let linking: Linking<Running> = match (way.scan, way.code) {
        (Some(source), _) => {
            let qr = codes::read(&source, &mut context.ask, context.show).await?;
            // The code says where the account lives.
            server = context.server_or(service_of_code(&qr)?);
            Client::enter_by_scanning(&Settings::new(server.clone()), store, device, &qr)?
        }
        (None, Some(code)) => Client::enter_by_code(&Settings::new(server.clone()), store, device, &code)?,
        (None, None) => Client::enter_by_showing(&Settings::new(server.clone()), store, device)?,
    };
    let running = linking::follow(linking, &mut context.ask, context.show).await?;
    Ok((running, server))
}

/// Nothing stays; but where the answer to the last step was lost, this device may be in, and signs in with the password.
async fn came_to_nothing(context: &Context, home: &Home, store: Arc<Store>, failure: Failure) -> Failure {
    let left = Client::open(&context.settings(home), store).await;
    let Ok(Some(running)) = left else {
        home.discard();
        return failure;
    };
    running.client.shut_down();
    if home.keep(&context.server(home)).is_ok() {
        let text = "Whether this device is in the account is not known. `sotto-chat sign-in` finds out; if it is refused, delete the folder.";
        context.show.tell("outcome_unknown", text, json!({}));
    }
    failure
}
