//! A crew on two nodes, with a door before each node that can be shut.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::Duration,
};

use sotto_loadgen::{
    chaos::{
        Handset,
        crew::{Crew, Plan},
    },
    check::{Rules, Tables, Verdict, judge},
    proxy::{Mode, Proxy},
    record::{Recording, What},
};
use sotto_protocol::ConversationId;

use crate::{TestCluster, eventually};

/// Where records of failed scenes can be looked at; in memory only when it is not set.
static RECORDS: LazyLock<Option<PathBuf>> = LazyLock::new(|| std::env::var_os("SOTTO_RECORDS").map(PathBuf::from));

/// Two nodes, their doors, and people who know each other.
pub struct Scene {
    /// The nodes.
    pub cluster: TestCluster,
    /// The people.
    pub crew: Arc<Crew>,
    doors: Vec<Proxy>,
}

impl Scene {
    /// So many people, who have met and said something everywhere.
    pub async fn set(people: usize) -> Self {
        let cluster = TestCluster::start(2).await;
        let mut doors = Vec::new();
        for node in 0..2 {
            doors.push(Proxy::start(cluster.url(node).trim_start_matches("http://")).await.unwrap());
        }
        let ways = |person: usize, device: usize| {
            let way = |at: usize| format!("http://{}", doors[at % 2].address);
            vec![way(person + device), way(person + device + 1)]
        };
        let recording = match &*RECORDS {
            Some(folder) => Recording::in_folder(&folder.join(std::process::id().to_string())).unwrap(),
            None => Recording::in_memory(),
        };
        let crew = Crew::arrive(&Plan { seed: 1, people, ways: &ways, recording }).await.unwrap();
        crew.meet().await.unwrap();
        crew.say_everywhere(1).await.unwrap();
        assert!(crew.settle(Duration::from_secs(30)).await, "the crew never settled: {:?}", crew.open());
        Self { cluster, crew, doors }
    }

    /// The first device of a person.
    pub fn phone(&self, person: usize) -> Arc<Handset> {
        self.crew.people[person].first().unwrap()
    }

    /// A conversation.
    pub fn chat(&self, at: usize) -> ConversationId {
        self.crew.chats.lock()[at].id
    }

    fn endpoint(&self, person: usize, device: usize) -> String {
        self.crew.people[person].devices.lock()[device].client.http().endpoints().current().to_owned()
    }

    /// The door that the device goes through now.
    pub async fn door_of(&self, person: usize, device: usize) -> Proxy {
        eventually("the device has a door", async || {
            let endpoint = self.endpoint(person, device);
            self.doors.iter().find(|door| endpoint.ends_with(&door.address.to_string())).cloned()
        })
        .await
    }

    /// Drains a node for good; its door stays shut.
    pub async fn drain(&mut self, node: usize) {
        self.cluster.nodes[node].drain().await;
        self.cluster.nodes[node].abort();
        self.doors[node].set(Mode::Cut);
    }

    /// A device, of whoever, that goes through another door than this one.
    pub fn speaker_elsewhere(&self, person: usize, device: usize) -> Arc<Handset> {
        let here = self.endpoint(person, device);
        let all = (0..self.crew.people.len()).flat_map(|person| [(person, 0), (person, 1)]);
        let other = all.clone().find(|(person, device)| self.endpoint(*person, *device) != here);
        let (person, device) = other.expect("devices go through both doors");
        self.crew.people[person].devices.lock()[device].clone()
    }

    /// Newest positions of all conversations.
    pub async fn heads(&self) -> BTreeMap<ConversationId, i64> {
        let rows: Vec<(uuid::Uuid, i64)> = sqlx::query_as("SELECT id, last_seq FROM conversations")
            .fetch_all(self.cluster.database.pool())
            .await
            .unwrap();
        rows.into_iter().map(|(id, seq)| (id.into(), seq)).collect()
    }

    /// What the checker says.
    pub async fn judge(&self, caught_up: Duration) -> Verdict {
        let recording = &self.crew.recording;
        self.crew.world.note(What::End {});
        recording.flush();
        // The history as it is before the tables are read: what it has acknowledged is in them.
        let history = recording.history(Clone::clone);
        let tables = Tables::read_from(self.cluster.database.pool(), &Tables::wanted(&history)).await.unwrap();
        judge(&history, Some(&tables), &Rules { caught_up })
    }
}
