//! `recover`: into the account with password and recovery key, when no other device is left.

use serde_json::json;
use sotto_e2ee::RecoveryKeyError;
use sotto_sdk::{Client, RecoveryKey, Running};

use super::register::new_device;
use crate::{
    cli::DeviceName,
    context::Context,
    device::{self, Device},
    failure::{Failure, Outcome},
    home::Home,
};

pub async fn run(context: &mut Context, name: &str, device: DeviceName) -> Outcome<()> {
    let password = context.ask.password(context.show).await?;
    // Mistyped words are found before anything is asked of the server.
    let key = ask_recovery_key(context).await?;
    let (home, running) = enter(context, name, &password, device).await?;
    if let Err(error) = running.client.recover(&key, &password).await {
        return Err(refused(context, &home, running, error.into()).await);
    }
    let device = Device::attend(context.show, home, running).await?;
    let text = format!("You are back in the account {name}. This device is in {}.", context.folder.display());
    let fields =
        json!({ "username": name, "user_id": device.client.user_id(), "device_id": device.client.device_id() });
    context.show.tell("recovered", &text, fields);
    device.close().await;
    Ok(())
}

/// A new device, unverified yet; or the one that an earlier attempt left.
async fn enter(context: &Context, name: &str, password: &str, device: DeviceName) -> Outcome<(Home, Running)> {
    let (home, store) = match Home::for_new_device(&context.folder) {
        Err(Failure::Occupied(folder)) => return again(context, Failure::Occupied(folder)).await,
        other => other?,
    };
    let entered = Client::sign_in_new(&context.settings(&home), store, name, password, new_device(device)).await;
    match entered {
        Ok(running) => {
            home.keep(&context.server(&home))?;
            Ok((home, running))
        }
        Err(error) => {
            home.discard();
            Err(error.into())
        }
    }
}

async fn again(context: &Context, occupied: Failure) -> Outcome<(Home, Running)> {
    let (home, running) = device::open(context).await?;
    if device::account(&running.client).await?.verified {
        return Err(occupied);
    }
    Ok((home, running))
}

/// The device is of no use to anybody: signed out and gone, unless the same may work later.
async fn refused(context: &Context, home: &Home, running: Running, failure: Failure) -> Failure {
    if failure.is_refusal() {
        let _ = running.client.sign_out().await;
        home.remove();
    } else {
        let text = "The same command again goes on from here.";
        context.show.tell("unfinished", text, json!({}));
    }
    failure
}

/// The words, from the person.
pub async fn ask_recovery_key(context: &mut Context) -> Outcome<RecoveryKey> {
    let words = context.ask.text(context.show, "recovery_key", "Recovery key, 24 words on one line:").await?;
    read(context, &words)
}

fn read(context: &Context, words: &str) -> Outcome<RecoveryKey> {
    RecoveryKey::parse(words).map_err(|error| {
        if let RecoveryKeyError::UnknownWord { position } = error {
            suggest(context, words, position);
        }
        error.into()
    })
}

fn suggest(context: &Context, words: &str, position: usize) {
    let typed = words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).nth(position - 1);
    if let Some(meant) = typed.and_then(RecoveryKey::suggest) {
        let text = format!("Word {position} may be meant to be \"{}\".", meant.as_str());
        context.show.tell("suggestion", &text, json!({ "position": position, "word": meant.as_str() }));
    }
}
