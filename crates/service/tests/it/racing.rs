//! Revoking, linking, changing members and sending at the same moment, on two nodes: nothing blocks for ever, every
//! change raises the roster's version once, and a revoked device is never taken for a live one again.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use sotto_protocol::{
    ConversationId, DeviceId, ProblemCode, TxnId,
    devices::RevokeDeviceRequest,
    keys::{ALGORITHM_MEGOLM, ALGORITHM_OLM},
    membership::{ConversationKind, MembershipAction, Role},
    messages::{EnvelopeUpload, MegolmContent, OlmContent, SendMessage},
};
use sotto_service::{ServiceResult, limits::Limit, limits::Rate, tokens::AccessClaims};
use tokio::task::JoinSet;

use crate::{
    cast::{Person, id},
    home::{Home, Phone},
    linking::{ask, completion},
    world::{Throwaway, World, refused},
};

const OWNERS: usize = 3;
const TURNS: usize = 16;
const MEMBERSHIP_TURNS: usize = 24;

/// What every task knows.
struct Race {
    /// Two nodes on one database.
    nodes: [World; 2],
    groups: Vec<ConversationId>,
    /// Devices that are never revoked: everybody's envelopes go there, and they change the members.
    firsts: Vec<Person>,
    /// Changes of rosters in all groups together, as their makers were told.
    list_changes: AtomicI64,
    member_changes: Vec<AtomicI64>,
    over: AtomicBool,
}

impl Race {
    fn node(&self, rng: &mut StdRng) -> &World {
        &self.nodes[rng.random_range(0..2)]
    }

    async fn send(&self, node: &World, by: &AccessClaims, to: DeviceId, group: ConversationId) -> ServiceResult<i64> {
        let roster_version = node.service.conversation(&self.firsts[0].claims(), group).await?.roster_version;
        Ok(node.service.send_message(by, group, message(roster_version, to)).await?.seq)
    }

    /// Sends to every group until the device is revoked, or the race is over.
    async fn talk(self: Arc<Self>, by: AccessClaims, mut rng: StdRng) {
        while !self.over.load(Ordering::Relaxed) {
            let group = self.groups[rng.random_range(0..self.groups.len())];
            let to = self.firsts[rng.random_range(0..self.firsts.len())].device_id;
            match self.send(self.node(&mut rng), &by, to, group).await.map_err(|error| error.into_problem().code) {
                Ok(_) | Err(ProblemCode::StaleRoster) => {}
                Err(ProblemCode::DeviceRevoked) => return,
                Err(code) => panic!("a send met {code:?}"),
            }
        }
    }

    /// Changes the members of a group, against the other admins.
    async fn admit_and_dismiss(self: Arc<Self>, by: usize, at: usize, guest: Arc<Person>, mut rng: StdRng) {
        let (admin, group) = (&self.firsts[by], self.groups[at]);
        for _ in 0..MEMBERSHIP_TURNS {
            let node = self.node(&mut rng);
            let act = if rng.random_bool(0.5) {
                MembershipAction::Add { members: vec![guest.comes_in(Role::Member)] }
            } else {
                MembershipAction::Remove { user_id: guest.user_id }
            };
            match node.change(admin, group, act).await.map_err(|error| error.into_problem().code) {
                Ok(_) => drop(self.member_changes[at].fetch_add(1, Ordering::Relaxed)),
                // Another admin was first, or the guest is in (or out) already.
                Err(ProblemCode::ChainConflict | ProblemCode::InvalidRequest | ProblemCode::Forbidden) => {}
                Err(code) => panic!("a change of members met {code:?}"),
            }
        }
    }
}

/// An account that links and revokes devices while they talk.
struct Owner {
    race: Arc<Race>,
    home: Home,
    first: Phone,
    claims: AccessClaims,
    others: Vec<(Phone, AccessClaims)>,
    talking: JoinSet<()>,
    rng: StdRng,
}

impl Owner {
    async fn turn(&mut self) {
        if self.others.len() < 2 || self.rng.random_bool(0.4) {
            return self.link_against(None).await;
        }
        let at = self.rng.random_range(0..self.others.len());
        if self.rng.random_bool(0.5) { self.link_against(Some(at)).await } else { self.revoke(at).await }
    }

    /// Links a device; at the same moment, and from the same head of the list, another one may be revoked. One wins.
    async fn link_against(&mut self, revoked: Option<usize>) {
        let race = Arc::clone(&self.race);
        let new = Phone::new(self.home.user_id);
        let request = ask(&self.home, &self.first, &new);
        let entry = request.device_list.clone();
        let [one, two] = &race.nodes;
        let grant = one.service.create_grant(&one.fresh(self.claims), request).await.unwrap().grant;
        let completing = completion(&grant, &new);
        let complete = one.service.complete_link(&completing);
        let Some(at) = revoked else {
            let session = complete.await.unwrap();
            return self.linked(new, entry, one.claims(&session));
        };
        let lost = self.others[at].0.device_id;
        let shorter = self.home.next(None, Some(lost), &self.first);
        let revoking = RevokeDeviceRequest { device_list: Some(shorter.clone()) };
        let fresh = two.fresh(self.claims);
        let (linked, revoked) = tokio::join!(complete, two.service.revoke_device(&fresh, lost, &revoking));
        match (linked, revoked) {
            (Ok(session), Err(error)) => {
                assert_eq!(error.into_problem().code, ProblemCode::ChainConflict);
                self.linked(new, entry, one.claims(&session));
            }
            (Err(error), Ok(_)) => {
                let code = error.into_problem().code;
                assert!([ProblemCode::ChainConflict, ProblemCode::Forbidden].contains(&code), "{code:?}");
                self.home.accept(shorter);
                self.gone(at).await;
            }
            (linked, revoked) => panic!("{:?} and {:?}", linked.is_ok(), revoked.is_ok()),
        }
    }

    fn linked(&mut self, new: Phone, entry: sotto_protocol::keys::DeviceList, claims: AccessClaims) {
        self.home.accept(entry);
        self.race.list_changes.fetch_add(1, Ordering::Relaxed);
        let rng = StdRng::from_rng(&mut self.rng);
        self.talking.spawn(Arc::clone(&self.race).talk(claims, rng));
        self.others.push((new, claims));
    }

    async fn revoke(&mut self, at: usize) {
        let lost = self.others[at].0.device_id;
        let entry = self.home.next(None, Some(lost), &self.first);
        let node = &self.race.nodes[0];
        let request = RevokeDeviceRequest { device_list: Some(entry.clone()) };
        node.service.revoke_device(&node.fresh(self.claims), lost, &request).await.unwrap();
        self.home.accept(entry);
        self.gone(at).await;
    }

    /// From the answer on the device is nobody, on either node.
    async fn gone(&mut self, at: usize) {
        self.race.list_changes.fetch_add(1, Ordering::Relaxed);
        let (lost, claims) = self.others.remove(at);
        for node in &self.race.nodes {
            let group = self.race.groups[0];
            let sent = self.race.send(node, &claims, self.first.device_id, group).await;
            assert_eq!(refused(sent), ProblemCode::DeviceRevoked);
            assert!(!node.has_inbox(lost.device_id).await);
        }
        let to_it = self.race.send(&self.race.nodes[0], &self.claims, lost.device_id, self.race.groups[0]).await;
        let code = refused(to_it);
        assert!([ProblemCode::StaleRoster, ProblemCode::UnknownRecipient].contains(&code), "{code:?}");
    }
}

fn message(roster_version: i64, to: DeviceId) -> SendMessage {
    let content = OlmContent {
        algorithm: ALGORITHM_OLM.into(),
        sender_key: vec![1; 32].into(),
        message_type: 1,
        body: vec![1].into(),
    };
    SendMessage {
        txn_id: TxnId(id().0),
        prev_txn_id: None,
        roster_version,
        content: MegolmContent {
            algorithm: ALGORITHM_MEGOLM.into(),
            session_id: vec![1; 32].into(),
            ciphertext: vec![1].into(),
        },
        envelopes: vec![EnvelopeUpload { device_id: to, content }],
        expires_in_ms: None,
    }
}

/// Watches that versions only rise.
async fn watch(race: Arc<Race>) {
    let mut last = vec![0; race.groups.len()];
    while !race.over.load(Ordering::Relaxed) {
        for (group, last) in race.groups.iter().zip(&mut last) {
            let seen = race.nodes[1].service.conversation(&race.firsts[0].claims(), *group).await.unwrap();
            assert!(seen.roster_version >= *last, "{} after {last}", seen.roster_version);
            *last = seen.roster_version;
        }
        tokio::task::yield_now().await;
    }
}

async fn prepare(throwaway: &Throwaway, rng: &mut StdRng) -> (Arc<Race>, Vec<Owner>) {
    let plenty = Rate { burst: 100_000, period_ms: 1 };
    let rates = [Limit::ConversationUser, Limit::StrangerUser, Limit::GrantAddress].map(|limit| (limit, plenty));
    let nodes = [throwaway.node(rates).await, throwaway.node(rates).await];
    let mut homes = Vec::new();
    for _ in 0..OWNERS {
        let (home, first, session) = Home::register(&nodes[0], 0).await;
        homes.push((nodes[0].claims(&session), home, first));
    }
    let firsts: Vec<Person> = homes
        .iter()
        .map(|(_, home, first)| Person {
            user_id: home.user_id,
            device_id: first.device_id,
            master_key: home.comes_in().master_key,
            key: first.key.clone(),
        })
        .collect();
    let mut groups = Vec::new();
    for first in &firsts {
        let others: Vec<&Person> = firsts.iter().filter(|other| other.user_id != first.user_id).collect();
        let group = nodes[0].create(first, ConversationKind::Group, &others).await.unwrap().conversation_id;
        for other in others {
            let promote = MembershipAction::SetRole { user_id: other.user_id, role: Role::Admin };
            nodes[0].change(first, group, promote).await.unwrap();
        }
        groups.push(group);
    }
    let member_changes = groups.iter().map(|_| AtomicI64::new(0)).collect();
    let (list_changes, over) = (AtomicI64::new(0), AtomicBool::new(false));
    let race = Arc::new(Race { nodes, groups, firsts, list_changes, member_changes, over });
    let owners = homes.into_iter().map(|(claims, home, first)| Owner {
        race: Arc::clone(&race),
        home,
        first,
        claims,
        others: Vec::new(),
        talking: JoinSet::new(),
        rng: StdRng::from_rng(rng),
    });
    let owners = owners.collect();
    (race, owners)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lists_members_and_sends_race_and_nothing_is_confused() {
    let mut rng = StdRng::seed_from_u64(u64::from_be_bytes(crate::home::random()));
    let throwaway = Throwaway::new().await;
    let (race, owners) = prepare(&throwaway, &mut rng).await;
    let mut work = JoinSet::new();
    let mut background = JoinSet::new();
    for mut owner in owners {
        let rng = StdRng::from_rng(&mut rng);
        background.spawn(Arc::clone(&race).talk(owner.claims, rng));
        work.spawn(async move {
            for _ in 0..TURNS {
                owner.turn().await;
            }
            owner.talking
        });
    }
    let [guest] = race.nodes[0].people().await;
    let guest = Arc::new(guest);
    let mut changing = JoinSet::new();
    for (at, by) in (0..OWNERS).flat_map(|at| [(at, at), (at, (at + 1) % OWNERS)]) {
        let rng = StdRng::from_rng(&mut rng);
        changing.spawn(Arc::clone(&race).admit_and_dismiss(by, at, Arc::clone(&guest), rng));
    }
    background.spawn(watch(Arc::clone(&race)));
    let talking = work.join_all().await;
    changing.join_all().await;
    race.over.store(true, Ordering::Relaxed);
    for tasks in talking {
        tasks.join_all().await;
    }
    background.join_all().await;

    let lists = race.list_changes.load(Ordering::Relaxed);
    // What `prepare` left: created, and the others promoted.
    let first = i64::try_from(OWNERS).unwrap();
    let mut messages = 0;
    for (group, changes) in race.groups.iter().zip(&race.member_changes) {
        let seen = race.nodes[0].service.conversation(&race.firsts[0].claims(), *group).await.unwrap();
        assert_eq!(seen.roster_version, first + lists + changes.load(Ordering::Relaxed), "each change counted once");
        messages += seen.last_seq - seen.membership_index;
    }
    assert!(messages > 10, "messages were among the events");
    drop(race);
    assert_eq!(throwaway.deadlocks().await, 0);
}
