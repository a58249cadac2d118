//! `status`: which device this is and how it is.

use serde_json::json;

use crate::{clean, context::Context, device::Device, failure::Outcome, people::short};

pub async fn run(context: &Context) -> Outcome<()> {
    let device = Device::open(context).await?;
    let (client, account) = (&device.client, &device.account);
    let server = client.http().endpoints().current().to_owned();
    let conversations = if account.verified { client.conversations().await? } else { vec![] };
    let (mut queued, mut unreadable) = (0, 0);
    for conversation in &conversations {
        queued += client.queued(conversation.conversation_id).await.len();
        unreadable += client.undecryptable(conversation.conversation_id).await.len();
    }
    let text = format!(
        "account         {}\ndevice          {}{}\nserver          {server}\nfolder          {}\nconversations   {}\nto be sent      {queued}\nwaiting for keys {unreadable}",
        clean::line(&account.username),
        short(client.device_id()),
        if account.verified { "" } else { ", waits to be linked" },
        context.folder.display(),
        conversations.len(),
    );
    let fields = json!({
        "username": account.username,
        "user_id": account.user_id,
        "device_id": account.device_id,
        "verified": account.verified,
        "list_version": account.list_version,
        "server": server,
        "conversations": conversations.len(),
        "queued": queued,
        "undecryptable": unreadable,
    });
    context.show.tell("status", &text, fields);
    device.close().await;
    Ok(())
}
