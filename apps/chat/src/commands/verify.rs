//! `verify`: two people compare keys, so that nobody can be in between.

use std::path::PathBuf;

use serde_json::json;
use sotto_protocol::{Base64Bytes, UserId};
use sotto_sdk::{Client, QrPicture, Trust};

use super::conversations::direct_with;
use crate::{
    codes,
    context::Context,
    device::Device,
    failure::{Failure, Outcome},
    people,
};

/// What the command line says already.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said {
    /// The number is the same on both sides.
    pub same: bool,
    /// The new key is to be taken.
    pub accept_new_key: bool,
    /// It was no true comparison after all.
    pub take_back: bool,
}

pub async fn run(context: &mut Context, name: &str, scan: Option<PathBuf>, said: Said) -> Outcome<()> {
    let device = Device::open(context).await?;
    let person = people::find(&device.client, name).await?;
    // What the server says of the person now.
    if let Some(id) = direct_with(&device.client, person).await? {
        device.client.refresh_roster(id).await?;
    }
    match scan {
        Some(source) => {
            let qr = codes::read(&source, &mut context.ask, context.show).await?;
            device.client.verify_by_qr(person, &qr).await?;
            verified(context, name);
        }
        None if said.take_back => take_back(context, &device.client, person, name).await?,
        None => compare(context, &device.client, person, name, said).await?,
    }
    told(&device.client).await;
    device.close().await;
    Ok(())
}

/// Gives one's other devices a moment to be told; what is left goes with the next command.
async fn told(client: &Client) {
    let done = async {
        while client.has_envelopes().await {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let _ = tokio::time::timeout(std::time::Duration::from_secs(5), done).await;
}

async fn take_back(context: &Context, client: &Client, person: UserId, name: &str) -> Outcome<()> {
    client.take_back_verification(person).await?;
    context.show.tell("not_verified", &format!("{name} is not verified any more."), json!({ "name": name }));
    Ok(())
}

fn verified(context: &Context, name: &str) {
    context.show.tell("verified", &format!("{name} is verified."), json!({ "name": name }));
}

/// Shows the number and the code, and asks whether the other side has the same.
pub async fn compare(context: &mut Context, client: &Client, person: UserId, name: &str, said: Said) -> Outcome<()> {
    let unknown = || Failure::NoConversation(name.to_owned());
    let trust = client.trust(person).await;
    let pinned = client.master_key(person).await.ok_or_else(unknown)?;
    // Taken before the number is shown: another one that is offered meanwhile is not accepted.
    let offered = client.offered_master_key(person).await.unwrap_or_default();
    show_number(context, client, person, name, trust).await?;
    match trust {
        Trust::Verified => verified(context, name),
        Trust::Violated => accept(context, client, (person, name), &offered, said).await?,
        Trust::FirstUse | Trust::Unverified => {
            let question = format!("Do you and {name} see the same number?");
            if !said.same && !context.ask.yes(context.show, "same", &question, json!({})).await? {
                return Err(Failure::NumbersDiffer);
            }
            if !client.mark_verified(person, &pinned).await? {
                return Err(Failure::NumbersDiffer);
            }
            verified(context, name);
        }
    }
    Ok(())
}

async fn show_number(context: &Context, client: &Client, person: UserId, name: &str, trust: Trust) -> Outcome<()> {
    let number = client.safety_number(person).await.ok_or_else(|| Failure::NoConversation(name.to_owned()))?;
    let groups: Vec<&str> = number.split(' ').collect();
    let rows: Vec<String> = groups.chunks(4).map(|row| row.join(" ")).collect();
    let code = match client.verification_qr(person).await {
        Some(bytes) if trust != Trust::Violated => Some(QrPicture::new(bytes)?),
        _ => None,
    };
    let picture = code.as_ref().map(QrPicture::to_terminal);
    let scan = picture.as_ref().map(|picture| format!("\n\nOr let them scan this:\n\n{picture}")).unwrap_or_default();
    let text = format!("The number of you and {name} ({}):\n\n    {}{scan}", people::trust(trust), rows.join("\n    "));
    let qr = code.map(|code| Base64Bytes(code.bytes().to_vec()).to_base64());
    let fields = json!({ "number": number, "trust": people::trust(trust), "qr": qr, "picture": picture });
    context.show.tell("safety_number", &text, fields);
    Ok(())
}

/// The server gives another key than before.
async fn accept(
    context: &mut Context,
    client: &Client,
    (person, name): (UserId, &str),
    offered: &str,
    said: Said,
) -> Outcome<()> {
    let question = format!(
        "The key of {name} changed: they made a new identity, or somebody is in between. The number above is the new one.\n\
         Go on with the new key?"
    );
    if !said.accept_new_key && !context.ask.yes(context.show, "accept_new_key", &question, json!({})).await? {
        return Err(Failure::Declined);
    }
    if !client.accept_master_key(person, offered).await? {
        return Err(Failure::NumbersDiffer);
    }
    let text = format!(
        "The new key of {name} is taken. It is not verified: compare the number, then `sotto-chat verify {name}`."
    );
    context.show.tell("new_key_accepted", &text, json!({ "name": name }));
    Ok(())
}
