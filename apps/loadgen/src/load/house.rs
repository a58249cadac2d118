//! Who sits where: devices of seeded people, dealt out to workers and to nodes.

use std::{collections::HashMap, net::SocketAddr};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use super::{
    Bench,
    pilot::{self, target},
    plan::{Device, Plan, Role, Talk},
    seed::Seeded,
};
use crate::{
    cluster::State,
    error::{Context, Failure, Outcome},
};

/// Connections of one worker: below the descriptors that a process may have.
pub const MOST_SEATS: usize = 17_000;
/// The pilot's token is of today.
const PILOT_LIFE_S: i64 = 600;

/// A device that is played.
#[derive(Clone, Debug)]
pub struct Seat {
    pub worker: usize,
    /// Place in the seeded people.
    pub person: usize,
    /// Place among the person's devices.
    pub device: usize,
    pub role: Role,
    pub reads: bool,
    /// Places in the seeded conversations that are watched.
    pub talks: Vec<usize>,
    /// Place among the targets.
    pub target: usize,
}

impl Seat {
    /// An ordinary device that watches nothing.
    pub fn new(worker: usize, person: usize, device: usize) -> Self {
        Self { worker, person, device, role: Role::Ordinary, reads: device == 0, talks: Vec::new(), target: 0 }
    }
}

/// All of them.
pub struct House {
    pub workers: usize,
    pub seats: Vec<Seat>,
    pub targets: Vec<SocketAddr>,
    pub run: u32,
    resume: Option<String>,
    /// Newest position of every conversation before the load.
    pub base: i64,
    /// Place of each seat among those of its worker.
    places: Vec<u32>,
    /// Place of each conversation among those of each worker.
    talks: Vec<HashMap<usize, u32>>,
}

/// Where connections go.
pub fn targets(state: &State, direct: bool) -> Outcome<Vec<SocketAddr>> {
    if direct { state.nodes.iter().map(|node| target(&node.url)).collect() } else { Ok(vec![target(&state.base_url)?]) }
}

impl House {
    /// Seats with targets in turn. Devices resume where the first one of them, the pilot, stands now.
    pub async fn open(bench: &Bench, seeded: &Seeded, mut seats: Vec<Seat>, targets: Vec<SocketAddr>) -> Outcome<Self> {
        let workers = seats.iter().map(|seat| seat.worker).max().map_or(1, |most| most + 1);
        for (at, seat) in seats.iter_mut().enumerate() {
            // Shifted by one each round: with three seats a pair and three nodes all senders would be on one of them.
            seat.target = (at + at / targets.len()) % targets.len();
        }
        let (mut taken, mut places) = (vec![0_u32; workers], Vec::with_capacity(seats.len()));
        let mut talks = vec![HashMap::new(); workers];
        for seat in &seats {
            places.push(taken[seat.worker]);
            taken[seat.worker] += 1;
            for talk in &seat.talks {
                let known: &mut HashMap<usize, u32> = &mut talks[seat.worker];
                let next = u32::try_from(known.len()).context("conversations")?;
                known.entry(*talk).or_insert(next);
            }
        }
        if let Some(most) = taken.iter().max().filter(|most| **most as usize > MOST_SEATS) {
            return Err(Failure::new(format!("{most} connections are too many for one worker: more --workers")));
        }
        let first = seats.first().ok_or_else(|| Failure::new("nobody to connect"))?;
        let person = &seeded.people[first.person];
        let token = bench.minter.mint(person.user_id, person.devices[first.device], PILOT_LIFE_S)?;
        let resume = Some(pilot::sync_token(targets[0], token).await?);
        let run = StdRng::from_rng(&mut rand::rng()).next_u32();
        Ok(Self { workers, seats, targets, run, resume, base: 0, places, talks })
    }

    /// What each worker is told first.
    pub fn plans(&self, bench: &Bench, seeded: &Seeded) -> Vec<Plan> {
        let mut plans: Vec<Plan> = Vec::with_capacity(self.workers);
        let mut first = 0;
        for worker in 0..self.workers {
            let seats = || self.seats.iter().filter(|seat| seat.worker == worker);
            let mut talks: Vec<(u32, usize)> = self.talks[worker].iter().map(|(talk, at)| (*at, *talk)).collect();
            talks.sort_unstable();
            let devices: Vec<Device> = seats().map(|seat| self.device(seeded, seat)).collect();
            let count = devices.len();
            plans.push(Plan {
                worker: u16::try_from(worker).unwrap_or(u16::MAX),
                run: self.run,
                keys: bench.keys(),
                targets: self.targets.clone(),
                first,
                devices,
                talks: talks.iter().map(|(_, talk)| Talk { id: seeded.talks[*talk].id, base: self.base }).collect(),
                resume: self.resume.clone(),
            });
            first += count;
        }
        plans
    }

    fn device(&self, seeded: &Seeded, seat: &Seat) -> Device {
        let person = &seeded.people[seat.person];
        Device {
            user_id: person.user_id,
            device_id: person.devices[seat.device],
            target: seat.target,
            role: seat.role,
            reads: seat.reads,
            talks: seat.talks.iter().map(|talk| self.talks[seat.worker][talk]).collect(),
        }
    }

    /// `(seat, conversation)` of the whole house as streams of one worker.
    pub fn streams(&self, worker: usize, senders: &[(usize, usize)]) -> Vec<(u32, u32)> {
        let mine = senders.iter().filter(|(seat, _)| self.seats[*seat].worker == worker);
        mine.map(|(seat, talk)| (self.places[*seat], self.talks[worker][talk])).collect()
    }
}
