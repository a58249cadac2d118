//! People with devices who talk all the while, everything they see being recorded.

use std::{sync::Arc, time::Duration};

use futures_util::future::try_join_all;
use parking_lot::Mutex;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use sotto_protocol::{
    ConversationId, UserId,
    devices::{DeviceType, NewDevice},
};
use sotto_sdk::{Client, Running, Settings, Store, SystemEnvironment};
use tokio::{sync::watch, task::JoinSet, time::Instant};

use super::{
    handset::{Directory, Handset},
    wire::{Mischiefs, WireTap},
};
use crate::{
    error::{Context, Failure, Outcome},
    record::{Actor, Recording, What},
};

const NAMES: [&str; 8] = ["ana", "ben", "chen", "dalia", "emre", "farah", "goran", "hana"];
const PASSWORD: &str = "correct horse battery";
/// Sends of one device that may wait in one conversation.
const PATIENT: usize = 20;
/// Until a device is connected at first.
const ARRIVAL: Duration = Duration::from_mins(1);

/// How the crew is made up.
pub struct Plan<'a> {
    /// Everything random comes from here.
    pub seed: u64,
    /// How many people, two devices each; at most eight.
    pub people: usize,
    /// The endpoints of a person's device, tried in turn.
    pub ways: &'a (dyn Fn(usize, usize) -> Vec<String> + Sync),
    /// Where everything is noted.
    pub recording: Arc<Recording>,
}

/// Somebody.
pub struct Person {
    /// The username.
    pub username: String,
    /// The account.
    pub user: UserId,
    /// The devices that take part; the first one registered.
    pub devices: Mutex<Vec<Arc<Handset>>>,
}

/// A conversation.
#[derive(Clone, Debug)]
pub struct Chat {
    /// Its id.
    pub id: ConversationId,
    /// Who is in, by number; the first one began it.
    pub members: Vec<usize>,
}

/// The people and their conversations.
pub struct Crew {
    /// All of them.
    pub people: Vec<Person>,
    /// Where they talk.
    pub chats: Mutex<Vec<Chat>>,
    /// What happens to frames.
    pub mischiefs: Arc<Mischiefs>,
    /// What everybody saw.
    pub recording: Arc<Recording>,
    /// For what happens to all.
    pub world: Actor,
    directory: Directory,
    stop: watch::Sender<bool>,
    seed: u64,
}

impl Crew {
    /// Everybody registers and links a second device.
    pub async fn arrive(plan: &Plan<'_>) -> Outcome<Arc<Self>> {
        let (mischiefs, directory) = (Arc::default(), Directory::default());
        let people = (0..plan.people.min(NAMES.len())).map(|index| person(plan, index, &mischiefs, &directory));
        let people = try_join_all(people).await?;
        let world = plan.recording.actor("world")?;
        let (recording, stop) = (Arc::clone(&plan.recording), watch::Sender::new(false));
        let chats = Mutex::default();
        Ok(Arc::new(Self { people, chats, mischiefs, recording, world, directory, stop, seed: plan.seed }))
    }

    /// Direct conversations around, a group of all, and a group of all but one.
    pub async fn meet(&self) -> Outcome<()> {
        let count = self.people.len();
        for first in 0..count {
            let second = (first + 1) % count;
            if first < second {
                self.begin(vec![first, second]).await?;
            }
        }
        if count > 2 {
            self.begin((0..count).collect()).await?;
            self.begin((1..count).rev().collect()).await?;
        }
        Ok(())
    }

    /// One conversation; everybody else agrees to it.
    pub async fn begin(&self, members: Vec<usize>) -> Outcome<ConversationId> {
        let device = |person: usize| self.people[person].first();
        let first = device(members[0])?;
        let mut others = Vec::new();
        for member in &members[1..] {
            let found = first.client.find_person(&self.people[*member].username).await.context("looking up")?;
            others.push(found.user_id);
        }
        let id = match others.as_slice() {
            [other] => first.client.create_direct(*other).await,
            several => first.client.create_group(several).await,
        };
        let id = id.context("beginning a conversation")?;
        for member in &members {
            for device in &*self.people[*member].devices.lock() {
                self.world.note(What::Join { conversation: id, device: device.id, seq: 1 });
            }
        }
        for member in &members[1..] {
            device(*member)?.client.accept(id).await.context("agreeing to a conversation")?;
        }
        self.chats.lock().push(Chat { id, members });
        Ok(id)
    }

    /// Everybody talks until [`Talk::end`]: every device says something about every so often.
    pub fn talk(self: &Arc<Self>, pause: Duration) -> Talk {
        self.stop.send_replace(false);
        let mut tasks = JoinSet::new();
        for person in 0..self.people.len() {
            for at in 0..2 {
                let seed = self.seed ^ u64::try_from(person * 2 + at).unwrap_or_default();
                tasks.spawn(talk(Arc::clone(self), person, at, pause, StdRng::seed_from_u64(seed)));
            }
        }
        Talk { tasks, crew: Arc::clone(self) }
    }

    /// Every device says so many things in every conversation of its person, one after the other.
    pub async fn say_everywhere(&self, times: usize) -> Outcome<()> {
        for round in 0..times {
            for (index, person) in self.people.iter().enumerate() {
                let devices = person.devices.lock().clone();
                for (chat, device) in
                    self.chats_of(index).iter().flat_map(|chat| devices.iter().map(move |d| (chat, d)))
                {
                    device.say(*chat, &format!("round {round}")).await?;
                }
            }
        }
        Ok(())
    }

    fn chats_of(&self, person: usize) -> Vec<ConversationId> {
        self.chats.lock().iter().filter(|chat| chat.members.contains(&person)).map(|chat| chat.id).collect()
    }

    /// Messages that wait for an answer, and messages that are not shown everywhere.
    pub fn open(&self) -> (usize, usize) {
        self.recording.history(|history| (history.unanswered().count(), history.missing().len()))
    }

    /// Half of the devices go elsewhere, so that there is somebody on every way.
    pub async fn scatter(&self, rng: &mut StdRng) {
        let devices: Vec<_> = self.people.iter().flat_map(|person| person.devices.lock().clone()).collect();
        for device in devices {
            let steps = rng.random_range(0..6);
            if steps < 3 && !device.is_closed() {
                device.move_on(steps + 1).await;
            }
        }
    }

    /// Waits until everything is answered and shown. `false`: not within `patience`.
    pub async fn settle(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        loop {
            if self.open() == (0, 0) {
                return true;
            }
            if Instant::now() > until {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// A person takes a device of theirs out; `heads` are the newest positions just after.
    pub async fn revoke(
        &self,
        person: usize,
        heads: impl AsyncFnOnce() -> Outcome<std::collections::BTreeMap<ConversationId, i64>>,
    ) -> Outcome<()> {
        let keeper = self.people[person].first()?;
        let lost = self.people[person].devices.lock().get(1).cloned();
        let Some(lost) = lost else { return Ok(()) };
        let until = Instant::now() + ARRIVAL;
        while let Err(error) = keeper.client.revoke_device(lost.id, PASSWORD).await {
            if Instant::now() > until {
                return Err(Failure::new(format!("{} can't be revoked: {error}", lost.name)));
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let heads = heads().await?;
        self.world.note(What::Fence { device: lost.id, heads, within_ms: 10_000 });
        self.people[person].devices.lock().retain(|device| device.id != lost.id);
        Ok(())
    }

    /// Whoever began the conversation takes its last member out.
    pub async fn remove_last(&self, chat: ConversationId) -> Outcome<()> {
        let Some(Chat { members, .. }) = self.chats.lock().iter().find(|known| known.id == chat).cloned() else {
            return Ok(());
        };
        let (Some(admin), Some(gone)) = (members.first(), members.last()) else { return Ok(()) };
        let (admin, gone) = (self.people[*admin].first()?, self.people[*gone].user);
        let until = Instant::now() + ARRIVAL;
        while let Err(error) = admin.client.remove_member(chat, gone).await {
            if Instant::now() > until {
                return Err(Failure::new(format!("nobody can be removed: {error}")));
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        for known in self.chats.lock().iter_mut().filter(|known| known.id == chat) {
            known.members.pop();
        }
        Ok(())
    }

    /// A further device of a person.
    pub async fn link(&self, person: usize, ways: Vec<String>) -> Outcome<()> {
        let somebody = &self.people[person];
        let first = somebody.first()?;
        let name = format!("{}/spare{}", NAMES[person], somebody.devices.lock().len());
        let (settings, actor, tap) = seat(&self.recording, &name, ways, self.seed, &self.mischiefs)?;
        let running = link(&first.client, &settings, &name).await?;
        let handset = Handset::new(&name, running, actor, &tap, &self.directory);
        somebody.devices.lock().push(handset);
        Ok(())
    }
}

impl Person {
    /// The device that registered.
    pub fn first(&self) -> Outcome<Arc<Handset>> {
        self.devices.lock().first().cloned().ok_or_else(|| Failure::new("a person without a device"))
    }
}

/// People who talk.
pub struct Talk {
    tasks: JoinSet<Outcome<()>>,
    crew: Arc<Crew>,
}

impl Talk {
    /// Nobody begins to say anything more.
    pub async fn end(mut self) -> Outcome<()> {
        self.crew.stop.send_replace(true);
        while let Some(done) = self.tasks.join_next().await {
            done.context("a talker")??;
        }
        Ok(())
    }
}

async fn talk(crew: Arc<Crew>, person: usize, at: usize, pause: Duration, mut rng: StdRng) -> Outcome<()> {
    let mut stop = crew.stop.subscribe();
    let mut said = 0;
    loop {
        let nap = rng.random_range(0..=2 * u64::try_from(pause.as_millis()).unwrap_or(u64::MAX / 2));
        let stopped = tokio::time::timeout(Duration::from_millis(nap), stop.wait_for(|stop| *stop)).await.is_ok();
        if stopped {
            return Ok(());
        }
        let device = crew.people[person].devices.lock().get(at).cloned();
        let chats = crew.chats_of(person);
        let (Some(device), false) = (device, chats.is_empty()) else { continue };
        let chat = chats[rng.random_range(0..chats.len())];
        if device.is_closed() || device.client.queued(chat).await.len() >= PATIENT {
            continue;
        }
        // Now and then somebody can't stop.
        for _ in 0..if rng.random_ratio(1, 12) { 6 } else { 1 } {
            said += 1;
            device.say(chat, &format!("{} says its thing number {said}", device.name)).await?;
        }
    }
}

async fn person(plan: &Plan<'_>, index: usize, mischiefs: &Arc<Mischiefs>, directory: &Directory) -> Outcome<Person> {
    // Not of the seed: the same run again in the same cluster has other people.
    let username = format!("{}_{:08x}", NAMES[index], rand::rng().random::<u32>());
    let seed = |at: usize| plan.seed.wrapping_add(u64::try_from(index * 2 + at).unwrap_or_default());
    let phone = format!("{}/phone", NAMES[index]);
    let ways = (plan.ways)(index, 0);
    let (settings, actor, tap) = seat(&plan.recording, &phone, ways, seed(0), mischiefs)?;
    let new = NewDevice { name: phone.clone(), device_type: DeviceType::Mobile };
    let registered = Client::register(&settings, store()?, &username, PASSWORD, new).await;
    let registered = registered.context(format!("{username} registers"))?;
    let running = Running { client: registered.client, events: registered.events };
    let phone = Handset::new(&phone, running, actor, &tap, directory);

    let laptop = format!("{}/laptop", NAMES[index]);
    let ways = (plan.ways)(index, 1);
    let (settings, actor, tap) = seat(&plan.recording, &laptop, ways, seed(1), mischiefs)?;
    let running = link(&phone.client, &settings, &laptop).await?;
    let laptop = Handset::new(&laptop, running, actor, &tap, directory);
    for device in [&phone, &laptop] {
        let ready = tokio::time::timeout(ARRIVAL, device.client.caught_up()).await;
        ready.context(format!("{} connects", device.name))?.context(format!("{} connects", device.name))?;
    }
    let user = phone.client.user_id();
    Ok(Person { username, user, devices: Mutex::new(vec![phone, laptop]) })
}

/// Where a device is going to live.
fn seat(
    recording: &Arc<Recording>,
    name: &str,
    ways: Vec<String>,
    seed: u64,
    mischiefs: &Arc<Mischiefs>,
) -> Outcome<(Settings, Actor, Arc<WireTap>)> {
    let actor = recording.actor(name)?;
    let tap = WireTap::new(actor.clone(), Arc::clone(mischiefs), seed);
    // Few events wait, so that an app that does not read is soon felt at the socket.
    let settings =
        Settings { endpoints: ways, event_capacity: 16, tap: Some(tap.clone()), ..Settings::new(String::new()) };
    Ok((settings, actor, tap))
}

async fn link(first: &Client, settings: &Settings, name: &str) -> Outcome<Running> {
    let new = NewDevice { name: name.to_owned(), device_type: DeviceType::Desktop };
    first.link_new_device(settings, store()?, PASSWORD, new).await.context(format!("{name} is linked"))
}

fn store() -> Outcome<Arc<Store>> {
    Store::in_memory([7; 32], &SystemEnvironment).context("a store in memory")
}
