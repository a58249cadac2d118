//! `groups` and `group ..`.

use serde_json::json;
use sotto_protocol::{ConversationId, conversations::MemberState};
use sotto_sdk::{Client, MessageBody};

use super::conversations::{find_group, group_name, groups, members};
use crate::{
    context::Context,
    device::Device,
    failure::{Failure, Outcome},
    people::{self, People, short},
};

pub async fn list(context: &Context) -> Outcome<()> {
    let device = Device::open(context).await?;
    for group in groups(&device.client).await? {
        let id = group.conversation_id;
        let name = group_name(&device.client, id).await?;
        let count = members(&device.client, id).await?.len();
        let request = if group.state == MemberState::Requested { ", not accepted yet" } else { "" };
        let text = format!("{}  {name:<24}  {count} members{request}", short(id));
        let fields = json!({ "conversation_id": id, "name": name, "members": count, "state": group.state });
        context.show.tell("group", &text, fields);
    }
    device.close().await;
    Ok(())
}

pub async fn create(context: &Context, name: &str, with: &[String]) -> Outcome<()> {
    let device = Device::open(context).await?;
    let members = people::find_all(&device.client, with).await?;
    let id = device.client.create_group(&members).await?;
    device.client.send(id, &MessageBody::RoomName { name: name.to_owned() }).await?;
    sent(&device.client, id).await?;
    let text = format!("{name} is a group of {} people now ({}).", members.len() + 1, short(id));
    context.show.tell("group_created", &text, json!({ "conversation_id": id, "name": name }));
    device.close().await;
    Ok(())
}

/// Waits until nothing waits any more.
async fn sent(client: &Client, id: ConversationId) -> Outcome<()> {
    let done = async {
        while !client.queued(id).await.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(std::time::Duration::from_secs(20), done).await;
    waited.map_err(|_| Failure::Offline(client.http().endpoints().current().to_owned()))
}

pub async fn add(context: &Context, group: &str, names: &[String]) -> Outcome<()> {
    let device = Device::open(context).await?;
    let (id, name) = find_group(&device.client, group).await?;
    let members = people::find_all(&device.client, names).await?;
    device.client.add_members(id, &members).await?;
    sent(&device.client, id).await?;
    let text = format!("{} in {name} now.", if names.len() == 1 { "They are" } else { "All of them are" });
    context.show.tell("members_added", &text, json!({ "conversation_id": id, "people": names }));
    device.close().await;
    Ok(())
}

pub async fn remove(context: &Context, group: &str, person: &str) -> Outcome<()> {
    let device = Device::open(context).await?;
    let (id, name) = find_group(&device.client, group).await?;
    let members = People::of(&device.client, id).await?;
    let user_id = members.called(person).ok_or_else(|| Failure::Nobody(person.to_owned()))?;
    device.client.remove_member(id, user_id).await?;
    let fields = json!({ "conversation_id": id, "person": person });
    context.show.tell("member_removed", &format!("{person} is out of {name}."), fields);
    device.close().await;
    Ok(())
}

pub async fn leave(context: &Context, group: &str) -> Outcome<()> {
    let device = Device::open(context).await?;
    let (id, name) = find_group(&device.client, group).await?;
    device.client.leave(id).await?;
    context.show.tell("group_left", &format!("You are out of {name}."), json!({ "conversation_id": id }));
    device.close().await;
    Ok(())
}
