//! A worker: one thread, one epoll set, thousands of devices. It shares the machine with the servers it measures, so
//! it does little more than the system calls that it can't avoid.

mod connecting;
mod device;
mod hearing;
mod lean;
mod load;
mod marking;
mod orders;
mod positions;
mod reading;
mod say;
mod sending;
pub mod socket;
mod streams;
mod tally;
mod timers;
mod trouble;
mod txn;
pub mod wire;

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead as _, BufReader},
    os::fd::{AsFd as _, OwnedFd},
};

use rand::{SeedableRng as _, rngs::StdRng};
use rustix::event::epoll;
use sotto_protocol::ConversationId;

use self::{
    connecting::Doors,
    device::{Device, State},
    load::Load,
    orders::Orders,
    positions::Positions,
    say::Sayer,
    timers::Timers,
};
use super::{
    clock::now_ns,
    figures::Figures,
    machine,
    plan::{Plan, Reply},
    tokens::Minter,
};
use crate::error::{Context, Outcome};

/// Tokens outlive every load.
const TOKEN_LIFE_S: i64 = 12 * 3_600;
/// Ready descriptors taken at once.
const EVENTS: usize = 512;
/// Read at once from a connection.
const SCRATCH: usize = 64 * 1024;
/// What the epoll set calls the input.
const INPUT: u64 = u64::MAX;

/// A conversation as this worker knows it.
struct Talk {
    id: ConversationId,
    text: String,
    /// Devices of this worker in it.
    devices: Vec<u32>,
    /// Newest position that was acknowledged to this worker.
    acked: i64,
}

/// Everything.
struct Worker {
    number: u16,
    run: u32,
    doors: Doors,
    epoll: OwnedFd,
    scratch: Vec<u8>,
    out: Vec<u8>,
    devices: Vec<Device>,
    talks: Vec<Talk>,
    places: HashMap<u128, u32>,
    timers: Timers,
    orders: Orders,
    load: Option<Load>,
    mark_spread: Option<u64>,
    unshown_reads: reading::UnshownReads,
    figures: Figures,
    sayer: Sayer,
    rng: StdRng,
    /// When this turn of the loop began.
    now: u64,
}

/// Works until the input ends.
pub fn main() -> Outcome<()> {
    machine::raise_descriptors()?;
    // Moments are kept to the microsecond, not to the 50 that the kernel allows itself.
    _ = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1_000));
    let input = io::stdin().as_fd().try_clone_to_owned().context("the input")?;
    let mut input = BufReader::new(File::from(input));
    let mut line = String::new();
    input.read_line(&mut line).context("the plan")?;
    let plan = serde_json::from_str(&line).context("the plan")?;
    drop(line);
    let mut worker = Worker::new(plan)?;
    say(&Reply::Ready)?;
    worker.work(&mut input)
}

/// One line.
fn say(reply: &Reply) -> Outcome<()> {
    use std::io::Write as _;
    let mut text = serde_json::to_string(reply).context("a reply")?;
    text.push('\n');
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("the coordinator")
}

impl Worker {
    fn new(plan: Plan) -> Outcome<Self> {
        let minter = Minter::load(&plan.keys)?;
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).context("epoll")?;
        let mut talks: Vec<Talk> = plan
            .talks
            .iter()
            .map(|talk| Talk { id: talk.id, text: talk.id.to_string(), devices: Vec::new(), acked: talk.base })
            .collect();
        let places = (0..).zip(&plan.talks).map(|(at, talk)| (talk.id.0.as_u128(), at)).collect();
        let mut devices = Vec::with_capacity(plan.devices.len());
        for (at, device) in (0..).zip(plan.devices) {
            for talk in &device.talks {
                talks[*talk as usize].devices.push(at);
            }
            let known: Vec<(u32, i64)> =
                device.talks.iter().map(|talk| (*talk, plan.talks[*talk as usize].base)).collect();
            devices.push(Device {
                user_id: device.user_id,
                device_id: device.device_id,
                role: device.role,
                reads: device.reads,
                target: device.target,
                token: minter.mint(device.user_id, device.device_id, TOKEN_LIFE_S)?.into(),
                state: State::Off,
                socket: None,
                generation: 0,
                partial: Vec::new(),
                intended: None,
                began: 0,
                lost: None,
                attempt: 0,
                asked_to_wait_ms: 0,
                resume: plan.resume.as_deref().map(Into::into),
                inbox_seq: 0,
                positions: Positions::new(&known),
                pings: 0,
                unmarked: Vec::new(),
                mark_is_due: false,
                is_paired: false,
            });
        }
        reading::pair(&mut devices);
        let mut rng = StdRng::from_rng(&mut rand::rng());
        Ok(Self {
            number: plan.worker,
            run: plan.run,
            doors: Doors { minter, targets: plan.targets, first: plan.first },
            epoll,
            scratch: vec![0; SCRATCH],
            out: Vec::new(),
            devices,
            talks,
            places,
            timers: Timers::default(),
            orders: Orders::new(now_ns()),
            load: None,
            mark_spread: None,
            unshown_reads: reading::UnshownReads::new(),
            figures: Figures::default(),
            sayer: Sayer::new(&mut rng, 0),
            rng,
            now: now_ns(),
        })
    }

    fn work(&mut self, input: &mut BufReader<File>) -> Outcome<()> {
        let epoll = self.epoll.try_clone().context("epoll")?;
        let mine = epoll::EventData::new_u64(INPUT);
        epoll::add(&epoll, input.get_ref(), mine, epoll::EventFlags::IN).context("epoll")?;
        let mut events = Vec::with_capacity(EVENTS);
        while !self.orders.over {
            self.now = now_ns();
            self.fire_timers();
            self.open_due();
            self.send_due();
            self.follow_up()?;
            let wait = self.deadline().saturating_sub(now_ns());
            let timeout = timers::timespec(wait);
            events.clear();
            match epoll::wait(&epoll, rustix::buffer::spare_capacity(&mut events), Some(&timeout)) {
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(error).context("epoll"),
            }
            self.now = now_ns();
            for event in &events {
                // A packed field is copied before it is used.
                let (flags, key) = (event.flags, event.data.u64());
                if key == INPUT {
                    self.take_orders(input)?;
                } else {
                    self.on_ready(key, flags);
                }
            }
        }
        Ok(())
    }

    /// The socket that was meant, if it is still the same one.
    fn on_ready(&mut self, key: u64, flags: epoll::EventFlags) {
        let at = usize::try_from(key & 0xffff_ffff).unwrap_or(usize::MAX);
        let Some(device) = self.devices.get(at) else { return };
        if device.key(at) != key || device.socket.is_none() {
            return;
        }
        if device.state == State::Connecting {
            self.on_connected(at);
            return;
        }
        if flags.contains(epoll::EventFlags::OUT) {
            self.on_writable(at);
        }
        if flags.intersects(
            epoll::EventFlags::IN | epoll::EventFlags::RDHUP | epoll::EventFlags::HUP | epoll::EventFlags::ERR,
        ) {
            self.on_readable(at, flags.intersects(epoll::EventFlags::RDHUP | epoll::EventFlags::HUP));
        }
    }
}
