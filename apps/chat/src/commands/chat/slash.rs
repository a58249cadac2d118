//! Commands in a chat.

use serde_json::json;
use sotto_sdk::Client;

use super::Chat;
use crate::{
    commands::{
        devices,
        verify::{self, Said},
    },
    failure::{Failure, Outcome},
    people,
};

const HELP: &str = "  /members            who is in, and whose keys you compared
  /verify <name>      compare keys with somebody
  /add <name>         bring somebody into the group
  /leave              leave the group
  /devices            your own devices
  /quit               end
  //text              a message that begins with a slash";

impl Chat<'_> {
    pub(super) async fn command(&mut self, text: &str) -> Outcome<()> {
        let mut words = text.split_whitespace();
        let done = match (words.next().unwrap_or_default(), words.next(), words.next()) {
            ("quit", None, _) => {
                self.leaving = true;
                // What is queued stays queued.
                self.online = false;
                Ok(())
            }
            ("members", None, _) => self.show_members().await,
            ("devices", None, _) => self.show_devices().await,
            ("verify", Some(name), None) => self.verify(name).await,
            ("add", Some(name), None) => self.add(name).await,
            ("leave", None, _) => self.client.leave(self.id).await.map_err(Failure::from),
            _ => {
                self.context.show.tell("help", HELP, json!({}));
                Ok(())
            }
        };
        if let Err(failure) = done {
            self.complain(&failure);
        }
        Ok(())
    }

    async fn show_members(&mut self) -> Outcome<()> {
        self.reader.people.refresh(&self.client, self.id).await?;
        for user_id in self.client.members(self.id).await {
            let (name, trust) = (self.reader.name(user_id), self.trust(&self.client, user_id).await);
            let fields = json!({ "user_id": user_id, "name": name, "trust": trust });
            self.context.show.tell("member", &format!("  {name:<24}  {trust}"), fields);
        }
        Ok(())
    }

    async fn trust(&self, client: &Client, user_id: sotto_protocol::UserId) -> &'static str {
        if user_id == client.user_id() { "" } else { people::trust(client.trust(user_id).await) }
    }

    async fn show_devices(&self) -> Outcome<()> {
        for listed in self.client.http().list_devices().await?.devices {
            self.context.show.tell("device", &format!("  {}", devices::row(&listed)), devices::fields(&listed));
        }
        Ok(())
    }

    async fn verify(&mut self, name: &str) -> Outcome<()> {
        let person = people::find(&self.client, name).await?;
        self.client.refresh_roster(self.id).await?;
        verify::compare(self.context, &self.client, person, name, Said::default()).await
    }

    async fn add(&mut self, name: &str) -> Outcome<()> {
        let user_id = people::find(&self.client, name).await?;
        self.client.add_members(self.id, &[user_id]).await?;
        self.reader.people.refresh(&self.client, self.id).await?;
        Ok(())
    }
}
