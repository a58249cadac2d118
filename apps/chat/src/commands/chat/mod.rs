//! `chat`: lines are sent, what comes is shown.

mod events;
mod progress;
mod slash;

use std::collections::{BTreeSet, HashSet};

use serde_json::json;
use sotto_protocol::{ConversationId, TxnId, UserId};
use sotto_sdk::{Client, ClientEvent, MessageBody, Running};
use tokio::sync::mpsc;

use self::progress::Progress;
use super::{
    conversations::{entered, stored},
    history::show_undecryptable,
    messages::Reader,
};
use crate::{
    cli::With,
    context::Context,
    device,
    failure::{Failure, Outcome},
    notices,
    people::People,
};

/// Messages of the past that are shown at the beginning.
const PAST: usize = 20;

/// A conversation on the terminal.
struct Chat<'a> {
    context: &'a mut Context,
    client: Client,
    id: ConversationId,
    reader: Reader,
    progress: Progress,
    /// Positions that were shown.
    shown: BTreeSet<i64>,
    /// What was there at the beginning ends here.
    past: i64,
    /// Messages written here whose outcome was not told yet.
    unanswered: HashSet<TxnId>,
    /// No more lines come; what is queued may go out first.
    leaving: bool,
    online: bool,
    /// What is queued will not go out by waiting for it.
    blocked: bool,
    /// Messages that will never be stored.
    refused: usize,
}

pub async fn run(context: &mut Context, with: &With, accept: bool) -> Outcome<()> {
    // The home is held to the end.
    let (_home, Running { client, mut events }) = device::open(context).await?;
    let missed = arrive(&client, &mut events).await?;
    let (id, title) = entered(context, &client, with, accept).await?;
    let mut chat = Chat::enter(context, client.clone(), id, &title).await?;
    let outcome = chat.talk(missed, &mut events).await;
    client.shut_down();
    while let Some(event) = events.recv().await {
        notices::tell(context.show, &event, &People::default());
    }
    outcome
}

/// Waits until the device has everything; gives what happened meanwhile.
async fn arrive(client: &Client, events: &mut mpsc::Receiver<ClientEvent>) -> Outcome<Vec<ClientEvent>> {
    let mut missed = Vec::new();
    let arrived = device::ready(client);
    tokio::pin!(arrived);
    let failure = loop {
        tokio::select! {
            arrived = &mut arrived => match arrived {
                Ok(_) => return Ok(missed),
                Err(failure) => break failure,
            },
            Some(event) = events.recv() => missed.push(event),
        }
    };
    client.shut_down();
    while let Some(event) = events.recv().await {
        missed.push(event);
    }
    Err(missed.iter().find_map(device::ended).unwrap_or(failure))
}

impl<'a> Chat<'a> {
    async fn enter(context: &'a mut Context, client: Client, id: ConversationId, title: &str) -> Outcome<Self> {
        let reader = Reader::new(&client, People::of(&client, id).await?).await?;
        let mut chat = Self {
            context,
            client,
            id,
            reader,
            progress: Progress::default(),
            shown: BTreeSet::new(),
            past: 0,
            unanswered: HashSet::new(),
            leaving: false,
            online: true,
            blocked: false,
            refused: 0,
        };
        chat.greet(title).await?;
        Ok(chat)
    }

    async fn greet(&mut self, title: &str) -> Outcome<()> {
        let text = format!("You talk to {title}. Each line is sent; /help lists commands, /quit ends.");
        self.context.show.tell("chat", &text, json!({ "conversation_id": self.id, "title": title }));
        let past = stored(&self.client, self.id).await?;
        for (at, message) in past.values().enumerate() {
            self.shown.insert(message.seq);
            if self.reader.is_own(message) {
                self.progress.own(message.seq);
            }
            let repeats = self.reader.repeats(message);
            if at + PAST >= past.len() && !repeats {
                self.context.show.tell("message", &self.reader.line(message), self.reader.fields(message));
            }
        }
        for seq in self.client.undecryptable(self.id).await {
            show_undecryptable(self.context, seq);
        }
        if let Some((seq, _)) = past.last_key_value() {
            self.past = *seq;
            self.client.mark_read(self.id, *seq).await?;
        }
        let marks = self.client.http().get_marks(self.id).await?.marks;
        self.show_marks(&marks);
        self.context.show.tell_program("ready", json!({}));
        Ok(())
    }

    async fn talk(&mut self, missed: Vec<ClientEvent>, events: &mut mpsc::Receiver<ClientEvent>) -> Outcome<()> {
        for event in missed {
            self.hear(event).await?;
        }
        while !self.is_over().await {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.hear(event).await?,
                    None => return Err(sotto_sdk::SdkError::Closed.into()),
                },
                line = self.context.ask.line(), if !self.leaving => match line {
                    Some(line) => self.typed(&line).await?,
                    None => self.leaving = true,
                },
            }
        }
        self.say_goodbye().await
    }

    /// Whether the person is done, and all that was written is out (or can't be).
    async fn is_over(&self) -> bool {
        let open = !self.unanswered.is_empty() || !self.client.queued(self.id).await.is_empty();
        self.leaving && (!self.online || self.blocked || !open)
    }

    async fn say_goodbye(&self) -> Outcome<()> {
        let waiting = self.client.queued(self.id).await.len();
        if self.blocked && waiting > 0 {
            return Err(Failure::Blocked(waiting));
        }
        if waiting > 0 {
            let text = format!("{waiting} messages wait in this folder; they are sent when it is online again.");
            self.context.show.tell("waiting", &text, json!({ "count": waiting }));
        }
        if self.refused > 0 { Err(Failure::Unsent(self.refused)) } else { Ok(()) }
    }

    /// A line: a command, or a message (two slashes begin one with a slash).
    async fn typed(&mut self, line: &str) -> Outcome<()> {
        match line.strip_prefix('/') {
            Some(rest) if !rest.starts_with('/') => return self.command(rest).await,
            Some(rest) => self.send(rest).await,
            None if line.trim().is_empty() => {}
            None => self.send(line).await,
        }
        Ok(())
    }

    async fn send(&mut self, text: &str) {
        let sent = async {
            let stays = self.client.timer(self.id).await?;
            self.client.send_expiring(self.id, &MessageBody::text(text), stays).await
        };
        match sent.await {
            Ok(txn_id) => {
                self.unanswered.insert(txn_id);
                self.context.show.tell_program("queued", json!({ "txn_id": txn_id }));
            }
            Err(error) => self.complain(&error.into()),
        }
    }

    /// Learns the names of people who came in since.
    async fn meet(&mut self, people: &[UserId]) {
        if people.iter().any(|user_id| !self.reader.people.knows(*user_id))
            && let Err(failure) = self.reader.people.refresh(&self.client, self.id).await
        {
            self.complain(&failure);
        }
    }

    /// Something did not work; the chat goes on.
    fn complain(&self, failure: &Failure) {
        self.context.show.fail(failure.code(), &failure.to_string(), failure.next().as_deref());
    }
}
