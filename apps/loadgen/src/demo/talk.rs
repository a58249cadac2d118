//! Talking: every device says its share, and waiting until everybody heard it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use sotto_protocol::{ConversationId, UserId};
use sotto_sdk::MessageBody;
use tokio::task::JoinSet;

use super::{
    cast::{Device, Person},
    stage::Stage,
    words,
};
use crate::error::{Context, Outcome};

/// Sends of one device that may wait for an answer in one conversation.
const PATIENT: usize = 60;
const PAUSE_MS: u64 = 220;

/// A conversation of the demo.
#[derive(Clone, Debug)]
pub struct Chat {
    pub id: ConversationId,
    pub members: Vec<UserId>,
}

/// Who can say what where, changed as the story goes.
#[derive(Default)]
pub struct Circle {
    chats: Mutex<Vec<Chat>>,
    silent: Mutex<Vec<ConversationId>>,
    marks: AtomicUsize,
}

impl Circle {
    pub fn add(&self, chat: Chat) {
        self.chats.lock().push(chat);
    }

    /// Nobody says anything there until [`Circle::resume`].
    pub fn hush(&self, conversation_id: ConversationId) {
        self.silent.lock().push(conversation_id);
    }

    pub fn resume(&self) {
        self.silent.lock().clear();
    }

    pub fn remove(&self, conversation_id: ConversationId, user_id: UserId) {
        for chat in self.chats.lock().iter_mut().filter(|chat| chat.id == conversation_id) {
            chat.members.retain(|member| *member != user_id);
        }
    }

    pub fn of(&self, user_id: UserId) -> Vec<ConversationId> {
        let silent = self.silent.lock();
        let chats = self.chats.lock();
        let mine = chats.iter().filter(|chat| chat.members.contains(&user_id) && !silent.contains(&chat.id));
        mine.map(|chat| chat.id).collect()
    }

    /// The text with the run's mark and a number: every plaintext carries it.
    pub fn mark(&self, stage: &Stage, text: &str) -> String {
        format!("{text} {}{:05}", stage.canary.mark, self.marks.fetch_add(1, Ordering::Relaxed))
    }

    fn say(&self, stage: &Stage, device: &Device, chat: ConversationId, rng: &mut StdRng) -> MessageBody {
        let text = words::sentence(rng);
        let pick = rng.random_range(0..1000);
        let own = stage.recent(chat, Some(device.id), pick);
        let any = stage.recent(chat, None, pick);
        match (rng.random_range(0..100), own, any) {
            (0, _, _) => MessageBody::text(self.mark(stage, &words::epic(rng))),
            (1, _, _) => MessageBody::RoomName { name: self.mark(stage, &words::room_name(rng)) },
            (2..12, _, Some(target)) => {
                MessageBody::Reply { target, text: self.mark(stage, &text), mentions: Vec::new() }
            }
            (12..20, Some(target), _) => {
                MessageBody::Edit { target, text: self.mark(stage, &text), mentions: Vec::new() }
            }
            (20..32, _, Some(target)) => {
                let emoji = self.mark(stage, &words::reaction(rng));
                MessageBody::Reaction { target, emoji, remove: rng.random_bool(0.2) }
            }
            _ => MessageBody::text(self.mark(stage, &text)),
        }
    }
}

/// Everybody whose devices these are says so many things, each device its share; runs beside whatever else happens.
pub fn begin(stage: &Arc<Stage>, circle: &Arc<Circle>, devices: &[(UserId, Arc<Device>)], messages: usize) -> Talk {
    let mut talkers = JoinSet::new();
    let share = messages.div_ceil(devices.len().max(1));
    for (user_id, device) in devices.iter().cloned() {
        let (stage, circle) = (stage.clone(), circle.clone());
        let rng = StdRng::from_rng(&mut rand::rng());
        talkers.spawn(async move { talk(&stage, &circle, user_id, &device, share, rng).await });
    }
    Talk(talkers)
}

/// People who talk.
pub struct Talk(JoinSet<Outcome<()>>);

impl Talk {
    /// Until everybody has said everything.
    pub async fn end(mut self) -> Outcome<()> {
        while let Some(done) = self.0.join_next().await {
            done.context("a talker")??;
        }
        Ok(())
    }
}

async fn talk(
    stage: &Stage,
    circle: &Circle,
    user_id: UserId,
    device: &Device,
    share: usize,
    mut rng: StdRng,
) -> Outcome<()> {
    let mut said = 0;
    while said < share {
        let chats = circle.of(user_id);
        let pause = rng.random_range(0..2 * PAUSE_MS);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        if chats.is_empty() {
            continue;
        }
        let chat = chats[rng.random_range(0..chats.len())];
        if device.client()?.queued(chat).await.len() >= PATIENT {
            continue;
        }
        // Now and then somebody can't stop.
        let burst = if rng.random_bool(0.04) { rng.random_range(8..20) } else { 1 };
        for _ in 0..burst.min(share - said) {
            // Asked again for each, so that a conversation falls silent at once.
            if !circle.of(user_id).contains(&chat) {
                break;
            }
            let body = circle.say(stage, device, chat, &mut rng);
            device.send(stage, chat, &body).await?;
            said += 1;
        }
    }
    Ok(())
}

/// All devices of these people.
pub fn devices(people: &[Person]) -> Vec<(UserId, Arc<Device>)> {
    people.iter().flat_map(|person| person.devices.iter().map(|device| (person.user_id, device.clone()))).collect()
}

/// Waits until everything said (in these conversations, all if none is named) is acknowledged and shown on every
/// device that it is for. `false`: not within `patience`.
pub async fn settle(stage: &Stage, of: &[ConversationId], patience: Duration) -> bool {
    let begun = Instant::now();
    loop {
        let (open, missing) = stage.open(of);
        if open == 0 && missing == 0 {
            return true;
        }
        if begun.elapsed() > patience {
            stage.say(&format!("still {open} without an answer and {missing} not shown"));
            return false;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}
