//! Which conversation is meant.

use std::collections::BTreeMap;

use sotto_protocol::{
    ConversationId, UserId,
    conversations::{Conversation, MemberState},
    membership::ConversationKind,
};
use sotto_sdk::{Client, StoredMessage};

use crate::{
    clean,
    cli::With,
    context::Context,
    failure::{Failure, Outcome},
    people::{self, short},
};

/// Messages that are read from the store at once.
const PAGE: usize = 500;
/// Letters of an id that are enough to mean it.
const ENOUGH: usize = 4;

/// All stored messages of a conversation, by position.
pub async fn stored(client: &Client, id: ConversationId) -> Outcome<BTreeMap<i64, StoredMessage>> {
    let mut all = BTreeMap::new();
    loop {
        let after = all.last_key_value().map_or(0, |(seq, _)| *seq);
        let page = client.messages(id, after, PAGE).await?;
        let last = page.len() < PAGE;
        all.extend(page.into_iter().map(|message| (message.seq, message)));
        if last {
            return Ok(all);
        }
    }
}

/// The conversation that exists.
///
/// # Errors
/// [`Failure::Nobody`], [`Failure::NoConversation`], [`Failure::NoSuchGroup`], [`Failure::Ambiguous`].
pub async fn existing(client: &Client, with: &With) -> Outcome<(ConversationId, String)> {
    match (&with.group, &with.name) {
        (Some(group), _) => find_group(client, group).await,
        (None, name) => {
            let name = name.as_deref().unwrap_or_default();
            let person = people::find(client, name).await?;
            let id = direct_with(client, person).await?.ok_or_else(|| Failure::NoConversation(name.to_owned()))?;
            Ok((id, name.to_owned()))
        }
    }
}

/// The conversation, begun if it is one of two people; a message request is accepted if the person wants.
pub async fn entered(
    context: &mut Context,
    client: &Client,
    with: &With,
    accept: bool,
) -> Outcome<(ConversationId, String)> {
    let (id, title) = match (existing(client, with).await, &with.name) {
        (Err(Failure::NoConversation(name)), Some(_)) => {
            let person = people::find(client, &name).await?;
            (client.create_direct(person).await?, name)
        }
        (other, _) => other?,
    };
    if client.http().get_conversation(id).await?.state == MemberState::Requested {
        let question = format!("{title} wants to talk to you. Accept?");
        let fields = serde_json::json!({ "conversation_id": id });
        if !accept && !context.ask.yes(context.show, "accept", &question, fields).await? {
            return Err(Failure::Declined);
        }
        client.accept(id).await?;
    }
    Ok((id, title))
}

/// The conversation of the two, if there is one.
pub async fn direct_with(client: &Client, person: UserId) -> Outcome<Option<ConversationId>> {
    for conversation in client.conversations().await? {
        let id = conversation.conversation_id;
        if conversation.kind == ConversationKind::Direct && members(client, id).await?.contains(&person) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Who is in by the signed chain, which a new device may not have read yet.
pub async fn members(client: &Client, id: ConversationId) -> Outcome<Vec<UserId>> {
    let known = client.members(id).await;
    if !known.is_empty() {
        return Ok(known);
    }
    client.refresh_roster(id).await?;
    Ok(client.members(id).await)
}

/// Groups that this account is in.
pub async fn groups(client: &Client) -> Outcome<Vec<Conversation>> {
    let mut all = client.conversations().await?;
    all.retain(|conversation| conversation.kind == ConversationKind::Group);
    Ok(all)
}

/// What the group was last called, or the beginning of its id.
pub async fn group_name(client: &Client, id: ConversationId) -> Outcome<String> {
    let name = client.room_name(id).await?.map(|name| clean::line(&name));
    Ok(name.unwrap_or_else(|| short(id)))
}

/// The group of this name, or whose id begins so.
pub async fn find_group(client: &Client, named: &str) -> Outcome<(ConversationId, String)> {
    let mut found = Vec::new();
    for conversation in groups(client).await? {
        let id = conversation.conversation_id;
        let name = group_name(client, id).await?;
        if name == named || (named.len() >= ENOUGH && id.to_string().starts_with(named)) {
            found.push((id, name));
        }
    }
    match (found.pop(), found.is_empty()) {
        (None, _) => Err(Failure::NoSuchGroup(named.to_owned())),
        (Some(one), true) => Ok(one),
        (Some(_), false) => Err(Failure::Ambiguous(named.to_owned())),
    }
}
