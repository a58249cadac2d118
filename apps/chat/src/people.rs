//! Names of people. They are what the server says: who it really is, `verify` shows.

use std::collections::HashMap;

use sotto_e2ee::RosterQuery;
use sotto_protocol::{ConversationId, UserId};
use sotto_sdk::{Client, Trust};

use crate::{
    clean,
    failure::{Failure, Outcome},
};

/// Names by id.
#[derive(Clone, Debug, Default)]
pub struct People {
    names: HashMap<UserId, String>,
}

impl People {
    /// The members of a conversation, as the server names them.
    pub async fn of(client: &Client, conversation_id: ConversationId) -> Outcome<Self> {
        let mut people = Self::default();
        people.refresh(client, conversation_id).await?;
        Ok(people)
    }

    /// Who is in now; those who left keep their names.
    pub async fn refresh(&mut self, client: &Client, conversation_id: ConversationId) -> Outcome<()> {
        let query = RosterQuery { conversation_id, since: 0, chain_since: 0 };
        let members = client.http().get_roster(query).await?.members;
        self.names.extend(members.into_iter().map(|member| (member.user_id, clean::line(&member.username))));
        Ok(())
    }

    pub fn knows(&self, user_id: UserId) -> bool {
        self.names.contains_key(&user_id)
    }

    /// The person's name, or the beginning of its id.
    pub fn name(&self, user_id: UserId) -> String {
        self.names.get(&user_id).cloned().unwrap_or_else(|| format!("somebody ({})", short(user_id)))
    }

    /// What one knows of the person under this name.
    pub fn called(&self, name: &str) -> Option<UserId> {
        self.names.iter().find(|(_, known)| *known == name).map(|(user_id, _)| *user_id)
    }
}

/// The beginning of an id: enough for people.
pub fn short(id: impl std::fmt::Display) -> String {
    id.to_string().chars().take(8).collect()
}

/// The person of this exact name, who is not oneself.
///
/// # Errors
/// [`Failure::Nobody`], [`Failure::Oneself`].
pub async fn find(client: &Client, name: &str) -> Outcome<UserId> {
    let found = match client.find_person(name).await {
        Err(error) if error.code() == Some(sotto_protocol::ProblemCode::NotFound) => {
            return Err(Failure::Nobody(name.to_owned()));
        }
        other => other?,
    };
    if found.user_id == client.user_id() { Err(Failure::Oneself(name.to_owned())) } else { Ok(found.user_id) }
}

/// [`find`] for several.
pub async fn find_all(client: &Client, names: &[String]) -> Outcome<Vec<UserId>> {
    let mut found = Vec::new();
    for name in names {
        found.push(find(client, name).await?);
    }
    Ok(found)
}

/// How far the person's key is trusted, for people.
pub fn trust(trust: Trust) -> &'static str {
    match trust {
        Trust::Unverified => "not known yet",
        Trust::FirstUse => "not verified",
        Trust::Verified => "verified",
        Trust::Violated => "KEY CHANGED",
    }
}
