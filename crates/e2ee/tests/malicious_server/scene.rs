//! Two devices, the person who holds both, and a rendezvous slot that honestly holds what is put there unless a test
//! bends it.

use std::{collections::VecDeque, time::Duration};

use rand::{SeedableRng as _, rngs::StdRng};
use sotto_e2ee::linking::{
    Entered, ExistingLink, LinkAction, LinkDone, LinkEvent, LinkFailure, NewLink, Newcomer, Now, TypedCode,
};
use sotto_protocol::{
    Base64Bytes, DeviceId, ProblemCode,
    devices::{DeviceType, NewDevice},
    keys::UserIdentity,
    linking::{CreateGrantRequest, GrantResponse, LinkHeadResponse},
};

use crate::{Client, Server, client::uuid};

pub const URL: &str = "https://chat.example";
pub const RENDEZVOUS: [u8; 16] = [9; 16];
pub const CODE: &str = "7K3M-9QX0";

/// Which device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Existing,
    New,
}

/// Who shows what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ExistingShows,
    NewShows,
    Typed,
}

pub const WAYS: [Way; 3] = [Way::ExistingShows, Way::NewShows, Way::Typed];

/// How it ended on a side.
#[derive(Debug)]
pub enum End {
    Linked { handed_over: bool },
    Entered(Entered),
    Failed(LinkFailure),
}

pub struct Slot {
    pub content: Vec<u8>,
    pub token: u64,
    pub gone: bool,
}

type Bend<T> = Box<dyn FnMut(T) -> T>;

pub struct Scene {
    pub server: Server,
    pub alice: Client,
    pub existing: ExistingLink,
    pub new: Option<NewLink>,
    pub device_id: DeviceId,
    pub slot: Option<Slot>,
    pub now: Now,
    pub queue: VecDeque<(Side, LinkAction)>,
    /// Who waits for the slot to be another than this; an empty token is none.
    pub polls: [Option<String>; 2],
    /// Who asks for digits that nobody shows yet.
    unanswered: Option<(Side, u32)>,
    /// What each side shows.
    pub digits: [Vec<String>; 2],
    pub qr: Option<Vec<u8>>,
    pub account_shown: Option<String>,
    pub asked: Option<NewDevice>,
    pub same_network: Option<bool>,
    pub puts: Vec<(Side, Vec<u8>)>,
    pub ends: [Option<End>; 2],
    pub granted: Option<CreateGrantRequest>,
    pub reread: bool,
    pub history: bool,
    /// Its export does not come to an end.
    pub keep_history: bool,
    /// What the server says to the new device's completion.
    pub bend_completion: Option<ProblemCode>,
    /// What the person types instead of what it reads.
    pub mistype: Option<(Side, &'static str)>,
    pub bend_slot: Bend<(Side, Vec<u8>)>,
    pub bend_head: Bend<LinkHeadResponse>,
    pub bend_identity: Bend<UserIdentity>,
}

fn installation() -> NewDevice {
    NewDevice { name: "Ada's laptop".to_owned(), device_type: DeviceType::Desktop }
}

impl Scene {
    pub fn new(way: Way) -> Self {
        let mut rng = StdRng::seed_from_u64(4);
        let device_id = DeviceId(uuid(&mut rng));
        Self::with(way, Newcomer::Fresh(device_id), device_id)
    }

    pub fn with(way: Way, newcomer: Newcomer, device_id: DeviceId) -> Self {
        let mut server = Server::default();
        let alice = Client::register(&mut server, 1);
        Self::on(server, alice, way, newcomer, device_id)
    }

    pub fn on(server: Server, alice: Client, way: Way, newcomer: Newcomer, device_id: DeviceId) -> Self {
        let now = Now { monotonic: Duration::from_secs(1_000), unix_ms: 1_000_000 };
        match way {
            Way::ExistingShows => Self::begin(server, alice, way, device_id, now, None, vec![], Some(newcomer)),
            Way::NewShows => {
                let (new, actions) = NewLink::show(URL, newcomer, installation(), now).unwrap();
                Self::begin(server, alice, way, device_id, now, Some(new), actions, None)
            }
            Way::Typed => {
                let code = TypedCode::parse(CODE).unwrap();
                let (new, actions) = NewLink::typed(code, URL, newcomer, installation(), now).unwrap();
                Self::begin(server, alice, way, device_id, now, Some(new), actions, None)
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one scene")]
    fn begin(
        server: Server,
        alice: Client,
        way: Way,
        device_id: DeviceId,
        now: Now,
        new: Option<NewLink>,
        actions: Vec<LinkAction>,
        newcomer: Option<Newcomer>,
    ) -> Self {
        let (existing, first) = ExistingLink::show(URL, now).unwrap();
        let mut scene = Self {
            server,
            alice,
            existing,
            new,
            device_id,
            slot: None,
            now,
            queue: VecDeque::new(),
            polls: [None, None],
            unanswered: None,
            digits: [vec![], vec![]],
            qr: None,
            account_shown: None,
            asked: None,
            same_network: None,
            puts: vec![],
            ends: [None, None],
            granted: None,
            reread: false,
            history: false,
            keep_history: false,
            bend_completion: None,
            mistype: None,
            bend_slot: Box::new(|(_, content)| (Side::New, content)),
            bend_head: Box::new(|head| head),
            bend_identity: Box::new(|identity| identity),
        };
        if way == Way::NewShows {
            scene.enqueue(Side::New, actions);
            scene.perform_next();
            let qr = scene.perform_until_shown();
            let (existing, actions) = ExistingLink::scan(&qr, URL, now).unwrap();
            scene.existing = existing;
            scene.enqueue(Side::Existing, actions);
        } else {
            scene.enqueue(Side::Existing, first);
            scene.perform_next();
            let qr = scene.perform_until_shown();
            match newcomer {
                None => scene.enqueue(Side::New, actions),
                Some(newcomer) => {
                    let (new, actions) = NewLink::scan(&qr, newcomer, installation(), now).unwrap();
                    scene.new = Some(new);
                    scene.enqueue(Side::New, actions);
                }
            }
        }
        scene
    }

    fn perform_until_shown(&mut self) -> Vec<u8> {
        while self.qr.is_none() {
            assert!(self.perform_next());
        }
        self.qr.clone().unwrap()
    }

    pub fn enqueue(&mut self, side: Side, actions: Vec<LinkAction>) {
        self.queue.extend(actions.into_iter().map(|action| (side, action)));
    }

    pub fn feed(&mut self, side: Side, event: LinkEvent) {
        let actions = match side {
            Side::Existing => self.existing.handle(&mut self.alice.machine, event, self.now),
            Side::New => self.new.as_mut().map(|new| new.handle(event, self.now)).unwrap_or_default(),
        };
        if side == Side::Existing {
            self.alice.persist();
        }
        if self.ends[side as usize].is_some() {
            assert!(actions.is_empty(), "{side:?} acts after its end");
        }
        self.enqueue(side, actions);
    }

    /// Runs until nothing more happens.
    pub fn run(&mut self) {
        for _ in 0..200 {
            if !self.perform_next() && !self.deliver() {
                return;
            }
        }
        panic!("the linking never comes to rest");
    }

    /// Answers the polls of a side for which there is news.
    pub fn deliver(&mut self) -> bool {
        if let Some((side, count)) = self.unanswered.take() {
            let digits = self.typed_on(side, usize::try_from(count).unwrap());
            if !digits.is_empty() {
                self.feed(side, LinkEvent::Typed(digits));
                return true;
            }
            self.unanswered = Some((side, count));
        }
        for side in [Side::Existing, Side::New] {
            let Some(after) = self.polls[side as usize].clone() else { continue };
            let Some(slot) = &self.slot else { continue };
            if slot.gone {
                self.polls[side as usize] = None;
                self.feed(side, LinkEvent::Gone);
                return true;
            }
            let token = slot.token.to_string();
            if after != token {
                self.polls[side as usize] = None;
                let content = slot.content.clone();
                self.feed(side, LinkEvent::Slot { content, token, same_network: Some(true) });
                return true;
            }
        }
        false
    }

    pub fn perform_next(&mut self) -> bool {
        let Some((side, action)) = self.queue.pop_front() else { return false };
        self.perform(side, action);
        true
    }

    fn open(&mut self, side: Side, content: Vec<u8>, with_code: bool) {
        self.slot = Some(Slot { content, token: 1, gone: false });
        let typed_code = with_code.then(|| TypedCode::parse(CODE).unwrap());
        let (token, life) = ("1".to_owned(), Duration::from_mins(5));
        self.feed(side, LinkEvent::Opened { rendezvous: RENDEZVOUS, token, typed_code, life });
    }

    fn put(&mut self, side: Side, content: Vec<u8>, replaces: &str) {
        assert!(content.len() <= 4_096);
        self.puts.push((side, content.clone()));
        self.polls[side as usize] = None;
        let Some(slot) = self.slot.as_mut().filter(|slot| !slot.gone) else {
            return self.feed(side, LinkEvent::Gone);
        };
        if slot.token.to_string() != replaces {
            return self.feed(side, LinkEvent::Refused(ProblemCode::ChainConflict));
        }
        slot.token += 1;
        slot.content = (self.bend_slot)((side, content)).1;
        let token = slot.token.to_string();
        self.feed(side, LinkEvent::Stored { token });
    }

    fn typed_on(&self, side: Side, digits: usize) -> String {
        let other = if side == Side::Existing { Side::New } else { Side::Existing };
        let shown = self.digits[other as usize].iter().rev().find(|shown| shown.len() == digits);
        match self.mistype.filter(|(mistaken, _)| *mistaken == side) {
            // It would be right, by chance.
            Some((_, text)) if shown.is_some_and(|shown| shown == text) => text.replace('0', "1"),
            Some((_, text)) => text.to_owned(),
            None => shown.cloned().unwrap_or_default(),
        }
    }

    fn perform(&mut self, side: Side, action: LinkAction) {
        match action {
            LinkAction::Open { content, with_code } => self.open(side, content, with_code),
            LinkAction::Claim(code) => {
                assert_eq!(code.to_string(), CODE);
                self.feed(side, LinkEvent::Claimed { rendezvous: RENDEZVOUS });
            }
            LinkAction::Show { qr, .. } => self.qr = Some(qr),
            LinkAction::Poll { after } => self.polls[side as usize] = Some(after.unwrap_or_default()),
            LinkAction::Put { content, replaces } => self.put(side, content, &replaces),
            LinkAction::ShowDigits(digits) => self.digits[side as usize].push(digits),
            LinkAction::AskDigits(count) => {
                let digits = self.typed_on(side, usize::try_from(count).unwrap());
                if digits.is_empty() {
                    // Nothing is shown yet: the person looks again later.
                    self.unanswered = Some((side, count));
                } else {
                    self.feed(side, LinkEvent::Typed(digits));
                }
            }
            LinkAction::AskApproval { device, same_network, number } => {
                self.same_network = same_network;
                self.asked = Some(device);
                while number && self.typed_on(side, 3).is_empty() && (self.perform_next() || self.deliver()) {}
                let number = number.then(|| self.typed_on(side, 3));
                self.feed(side, LinkEvent::Approved { number, history: self.history });
            }
            LinkAction::CreateGrant(request) => {
                self.granted = Some(*request);
                let grant = Base64Bytes(vec![5; 32]);
                self.feed(side, LinkEvent::Granted(GrantResponse { grant, expires_in_ms: 300_000 }));
            }
            LinkAction::ExportHistory if self.keep_history => {}
            LinkAction::ExportHistory => {
                let user_id = self.alice.user_id();
                let sealer = sotto_e2ee::history::HistorySealer::new(user_id, 1, &mut self.alice.rng).unwrap();
                let manifest = sealer.manifest(0);
                let pointer = sotto_e2ee::linking::HistoryPointer { address: "blob".to_owned(), manifest };
                self.feed(side, LinkEvent::History(Some(pointer)));
            }
            LinkAction::ReadOwnIdentity(query) => {
                let identity = self.server.query(&query).remove(0);
                let identity = (self.bend_identity)(identity);
                self.reread = true;
                self.feed(side, LinkEvent::OwnIdentity(Box::new(identity)));
            }
            LinkAction::FetchHead(request) => {
                let Some(granted) = self.granted.clone().filter(|_| request.grant.0 == [5; 32]) else {
                    return self.feed(side, LinkEvent::Refused(ProblemCode::GrantRejected));
                };
                let head = LinkHeadResponse {
                    username: "ada".to_owned(),
                    identity: self.server.identity(self.alice.user_id()).unwrap(),
                    device_list: granted.device_list,
                    device_keys: granted.device_keys,
                };
                let head = (self.bend_head)(head);
                self.feed(side, LinkEvent::Head(Box::new(head)));
            }
            LinkAction::ShowAccount { username } => self.account_shown = Some(username),
            LinkAction::Complete(request) => match self.bend_completion {
                Some(code) => self.feed(side, LinkEvent::Refused(code)),
                None => self.complete(side, *request),
            },
            LinkAction::Delete => {
                self.polls[side as usize] = None;
                if let Some(slot) = &mut self.slot {
                    slot.gone = true;
                }
            }
            LinkAction::Done(LinkDone::Linked { handed_over }) => self.end(side, End::Linked { handed_over }),
            LinkAction::Done(LinkDone::Entered(entered)) => self.end(side, End::Entered(entered)),
            LinkAction::Failed(failure) => self.end(side, End::Failed(failure)),
        }
    }

    fn complete(&mut self, side: Side, request: sotto_protocol::linking::CompleteLinkRequest) {
        let granted = self.granted.clone().unwrap();
        let ed25519 = &granted.device_keys.keys[&format!("ed25519:{}", granted.device_keys.device_id)];
        let signature = &request.signature.0;
        assert!(sotto_identity::verify_link(ed25519, &request.grant.0, &granted.transcript.0, signature));
        let device_id = granted.device_keys.device_id;
        self.server.one_time_keys.insert(device_id, request.one_time_keys);
        self.server.fallback_keys.insert(device_id, request.fallback_key);
        self.server.extend_list(granted.device_list, Some(granted.device_keys));
        self.feed(side, LinkEvent::Completed);
    }

    fn end(&mut self, side: Side, end: End) {
        assert!(self.ends[side as usize].is_none(), "{side:?} ends once");
        self.polls[side as usize] = None;
        self.ends[side as usize] = Some(end);
    }
}
