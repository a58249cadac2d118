//! `register`: an account, with this folder as its first device.

use serde_json::json;
use sotto_protocol::devices::{DeviceType, NewDevice};
use sotto_sdk::{Client, RecoveryKey, Running};

use crate::{
    cli::DeviceName,
    context::Context,
    device::Device,
    failure::{Failure, Outcome},
    home::Home,
    show::Show,
};

/// What the account's other devices see.
pub fn new_device(device: DeviceName) -> NewDevice {
    NewDevice { name: device.device_name, device_type: DeviceType::Desktop }
}

pub async fn run(context: &mut Context, name: &str, device: DeviceName) -> Outcome<()> {
    let (home, store) = Home::for_new_device(&context.folder)?;
    let settings = context.settings(&home);
    let made = match context.ask.new_password(context.show).await {
        Ok(password) => Client::register(&settings, store, name, &password, new_device(device)).await,
        Err(failure) => return Err(discarded(&home, failure)),
    };
    let made = match made {
        Ok(made) => made,
        Err(error) => return Err(unmade(context, &home, error.into())),
    };
    home.keep(&context.server(&home))?;
    // Before anything else can go wrong: it is shown once and kept nowhere.
    show_recovery_key(context.show, &made.recovery_key);
    let running = Running { client: made.client, events: made.events };
    let device = Device::attend(context.show, home, running).await?;
    let text = format!("You are {name}. This device is in {}.", context.folder.display());
    let fields =
        json!({ "username": name, "user_id": device.client.user_id(), "device_id": device.client.device_id() });
    context.show.tell("registered", &text, fields);
    device.close().await;
    Ok(())
}

fn discarded(home: &Home, failure: Failure) -> Failure {
    home.discard();
    failure
}

/// The account was not made; or nobody knows, and then this device may be its only one.
fn unmade(context: &Context, home: &Home, failure: Failure) -> Failure {
    if failure.is_refusal() || never_sent(&failure) {
        return discarded(home, failure);
    }
    if home.keep(&context.server(home)).is_ok() {
        let text = "Whether the account was made is not known. `sotto-chat sign-in` finds out; if it is refused, delete the folder.";
        context.show.tell("outcome_unknown", text, json!({}));
    }
    failure
}

fn never_sent(failure: &Failure) -> bool {
    matches!(failure, Failure::Sdk(sotto_sdk::SdkError::Transport { never_sent: true, .. }))
}

/// Shows the words of a new recovery key.
pub fn show_recovery_key(show: Show, recovery_key: &RecoveryKey) {
    let words = recovery_key.to_text();
    let rows: Vec<String> = words.split(' ').collect::<Vec<_>>().chunks(6).map(|row| row.join(" ")).collect();
    let text = format!(
        "Your recovery key, 24 words. Write them down: with them and your password you get back in when no device is left.\n\n    {}\n",
        rows.join("\n    ")
    );
    show.tell("recovery_key", &text, json!({ "words": words.as_str() }));
}
