//! The story: arriving, talking, an absence, a crash, a restart, a removal, a revocation.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;
use sotto_loadgen::record::What;
use sotto_protocol::CloseCode;
use sotto_sdk::MessageBody;

use super::{
    cast::{self, Person},
    stage::Stage,
    talk::{self, Chat, Circle, settle},
};
use crate::{
    canary::search_redis,
    error::{Context, Failure, Outcome},
};

const SOON: Duration = Duration::from_mins(1);
/// At the end everything has this long to arrive.
const LAST_CALL: Duration = Duration::from_mins(2);

/// Plays it; gives sentences about what went wrong besides what the ledger counts.
pub async fn play(stage: &Arc<Stage>, messages: usize, gentle: bool) -> Outcome<Vec<String>> {
    let folder = std::env::temp_dir().join(format!("sotto-demo-{}", std::process::id()));
    std::fs::create_dir_all(&folder).context(folder.display())?;
    let outcome = story(stage, messages, gentle, &folder).await;
    let _ = std::fs::remove_dir_all(&folder);
    outcome
}

async fn story(stage: &Arc<Stage>, messages: usize, gentle: bool, folder: &std::path::Path) -> Outcome<Vec<String>> {
    let mut story = Story { stage: stage.clone(), circle: Arc::default(), people: vec![], problems: vec![] };
    stage.say("Six people arrive");
    story.people = cast::arrive(stage, folder).await?;
    let group = story.meet().await?;
    story.talk(messages * 25 / 100).await?;
    story.absence(messages * 20 / 100).await?;
    if gentle {
        story.talk(messages * 35 / 100).await?;
    } else {
        story.crash(messages * 20 / 100).await?;
        story.restart(messages * 15 / 100).await?;
    }
    story.removal(group, messages * 8 / 100).await?;
    story.revocation(messages * 12 / 100).await?;
    story.stage.say("Waiting until every device has shown everything");
    settle(stage, &[], LAST_CALL).await;
    Ok(story.problems)
}

struct Story {
    stage: Arc<Stage>,
    circle: Arc<Circle>,
    people: Vec<Person>,
    problems: Vec<String>,
}

impl Story {
    /// Conversations of two and of several; the other side agrees.
    async fn meet(&self) -> Outcome<Chat> {
        let pairs = [(0, 1), (2, 3), (4, 5), (0, 5), (1, 4)];
        let groups: [(&str, &[usize]); 3] =
            [("family", &[0, 1, 2, 3, 4, 5]), ("garden", &[1, 2, 4]), ("travel", &[3, 0, 5, 2])];
        for (a, b) in pairs {
            let title = format!("{} & {}", self.people[a].name, self.people[b].name);
            self.begin_chat(&title, &[a, b]).await?;
        }
        let mut family = None;
        for (title, members) in groups {
            let chat = self.begin_chat(title, members).await?;
            family = family.or(Some(chat));
        }
        self.stage.say(&format!("{} conversations began", pairs.len() + groups.len()));
        family.ok_or_else(|| Failure::new("no group"))
    }

    async fn begin_chat(&self, title: &str, members: &[usize]) -> Outcome<Chat> {
        let what = |step: &str| format!("{title}: {step}");
        let first = self.people[members[0]].devices[0].client()?;
        let mut others = Vec::new();
        for index in &members[1..] {
            let found = first.find_person(&self.people[*index].username).await.context(what("looking somebody up"))?;
            others.push(found.user_id);
        }
        let id = match others.as_slice() {
            [other] => first.create_direct(*other).await,
            several => first.create_group(several).await,
        };
        let id = id.context(what("beginning"))?;
        let users: Vec<_> = members.iter().map(|index| self.people[*index].user_id).collect();
        self.stage.add_conversation(id, title, &users);
        for index in &members[1..] {
            let other = self.people[*index].devices[0].client()?;
            other.accept(id).await.context(what("agreeing"))?;
        }
        let chat = Chat { id, members: users };
        self.circle.add(chat.clone());
        Ok(chat)
    }

    fn begin_talk(&self, messages: usize) -> talk::Talk {
        talk::begin(&self.stage, &self.circle, &talk::devices(&self.people), messages)
    }

    async fn talk(&self, messages: usize) -> Outcome<()> {
        self.stage.say(&format!("Everybody talks: {messages} messages"));
        self.begin_talk(messages).end().await
    }

    /// A tablet's app is closed, misses things, and is opened again from its file.
    async fn absence(&self, messages: usize) -> Outcome<()> {
        let absent = self.people[2].devices[1].clone();
        let present: Vec<_> =
            talk::devices(&self.people).into_iter().filter(|(_, device)| device.id != absent.id).collect();
        self.stage.say(&format!("{} is switched off while the others talk", absent.name));
        // What it sends just before is in its queue when it ends.
        for chat in self.circle.of(self.people[2].user_id) {
            let body = MessageBody::text(self.circle.mark(&self.stage, "one last thing before I go"));
            absent.send(&self.stage, chat, &body).await?;
        }
        absent.close().await?;
        talk::begin(&self.stage, &self.circle, &present, messages).end().await?;
        absent.reopen(&self.stage).await?;
        let begun = Instant::now();
        absent.client()?.caught_up().await.context("catching up")?;
        self.stage.say(&format!("{} is back and caught up in {} ms", absent.name, begun.elapsed().as_millis()));
        Ok(())
    }

    /// A node dies in the middle of it.
    async fn crash(&mut self, messages: usize) -> Outcome<()> {
        let talk = self.begin_talk(messages);
        tokio::time::sleep(Duration::from_secs(2)).await;
        let node = self.stage.cluster.state.nodes.get(1).unwrap_or(&self.stage.cluster.state.nodes[0]).name.clone();
        let devices = talk::devices(&self.people);
        let on_it = devices.iter().filter(|(_, device)| self.stage.node_of(device.id) == node).count();
        self.stage.say(&format!("{node} is killed with -9; {on_it} devices were on it"));
        self.stage.cluster.control("kill", &node).await?;
        let begun = Instant::now();
        // A dead socket is noticed at once; a moment for that, then everybody has to be back.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let back = try_join_all(devices.iter().map(|(_, device)| async {
            device.client()?.caught_up().await.context(format!("{} comes back", device.name))
        }));
        match tokio::time::timeout(SOON, back).await {
            Ok(back) => drop(back?),
            Err(_) => self.problems.push(format!("not every device was back a minute after {node} died")),
        }
        self.stage.say(&format!("every device is connected again after {} ms", begun.elapsed().as_millis()));
        self.stage.cluster.control("start", &node).await?;
        self.stage.say(&format!("{node} is started again"));
        talk.end().await
    }

    /// Redis restarts: slower for a moment, nothing lost.
    async fn restart(&mut self, messages: usize) -> Outcome<()> {
        let talk = self.begin_talk(messages);
        tokio::time::sleep(Duration::from_secs(2)).await;
        // What Redis holds now is gone afterwards, so it is looked at before.
        let hits = search_redis(&self.stage.cluster.state.redis_url, &self.stage.canary).await?;
        self.problems.extend(hits.into_iter().map(|hit| format!("plaintext before the restart in {hit}")));
        self.stage.say("Redis is restarted");
        self.stage.cluster.control("restart", "redis").await?;
        self.stage.say("Redis runs again");
        talk.end().await
    }

    /// Somebody is taken out of the group: no word of it reaches them any more, and theirs reaches nobody.
    async fn removal(&mut self, group: Chat, messages: usize) -> Outcome<()> {
        let (admin, gone) = (&self.people[0], &self.people[4]);
        let talk = self.begin_talk(messages);
        self.circle.hush(group.id);
        if !settle(&self.stage, &[group.id], SOON).await {
            self.problems.push("the group did not come to rest before the removal".into());
        }
        let title = self.stage.title(group.id);
        self.stage.say(&format!("{} removes {} from {title}", admin.name, gone.name));
        admin.devices[0].client()?.remove_member(group.id, gone.user_id).await.context("removing")?;
        self.circle.remove(group.id, gone.user_id);
        self.circle.resume();
        for device in &gone.devices {
            let body = MessageBody::text(self.circle.mark(&self.stage, "can you still hear me?"));
            device.send(&self.stage, group.id, &body).await?;
        }
        let others: Vec<_> =
            talk::devices(&self.people).into_iter().filter(|(user_id, _)| *user_id != gone.user_id).collect();
        for (_, device) in &others {
            let body = MessageBody::text(self.circle.mark(&self.stage, "now we are among ourselves"));
            device.send(&self.stage, group.id, &body).await?;
        }
        talk.end().await?;
        if !settle(&self.stage, &[group.id], SOON).await {
            self.problems.push("after the removal the group did not come to rest".into());
        }
        Ok(())
    }

    /// A lost laptop is revoked: its socket closes, and nothing reaches it any more.
    async fn revocation(&mut self, messages: usize) -> Outcome<()> {
        let owner = &self.people[5];
        let (keeper, lost) = (owner.devices[0].clone(), owner.devices[1].clone());
        let chats = self.circle.of(owner.user_id);
        for chat in &chats {
            self.circle.hush(*chat);
        }
        if !settle(&self.stage, &chats, SOON).await {
            self.problems.push("the conversations did not come to rest before the revocation".into());
        }
        self.stage.say(&format!("{} revokes {}", owner.name, lost.name));
        let mut ends = Vec::new();
        for chat in &chats {
            ends.push((*chat, keeper.client()?.position(*chat).await));
        }
        keeper.client()?.revoke_device(lost.id, &owner.password).await.context("revoking")?;
        let begun = Instant::now();
        for (conversation, seq) in ends {
            self.stage.actor.note(What::Leave { conversation, device: lost.id, seq });
        }
        while self.stage.closed(lost.id).is_none() && begun.elapsed() < Duration::from_secs(15) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        match self.stage.closed(lost.id) {
            Some(code) if code == CloseCode::Revoked.code() => {
                self.stage.say(&format!("its socket was closed after {} ms", begun.elapsed().as_millis()));
            }
            Some(code) => {
                self.stage.say(&format!("it is signed out (code {code}) after {} ms", begun.elapsed().as_millis()));
            }
            None => self.problems.push("the revoked device was still connected after 15 s".into()),
        }
        self.people[5].devices.retain(|device| device.id != lost.id);
        self.circle.resume();
        self.talk(messages).await
    }
}
