//! From nothing to a live connection, and back again after it is lost.

use std::{net::SocketAddr, time::Duration};

use rand::RngExt as _;
use rustix::event::epoll;
use sotto_protocol::CloseCode;

use super::{State, TOKEN_LIFE_S, Worker, say, socket, socket::Socket, timers::Timer, wire};
use crate::load::{clock::ns, plan::Role, tokens::Minter};

/// As the SDK does it: full jitter below a ceiling that doubles.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Where devices go in.
pub struct Doors {
    pub minter: Minter,
    pub targets: Vec<SocketAddr>,
    pub first: usize,
}

impl Worker {
    /// When the next device is to be opened, if there is room for it.
    pub(super) fn next_opening(&self) -> Option<u64> {
        let opening = self.orders.opening?;
        let turn = u64::try_from(self.orders.next - self.orders.first).ok()?;
        (self.orders.next < self.orders.end && self.on_the_way() < opening.at_once)
            .then(|| opening.pace.intended(u64::from(self.number), turn))
    }

    fn on_the_way(&self) -> usize {
        self.figures.absent.try_into().unwrap_or(usize::MAX)
    }

    pub(super) fn open_due(&mut self) {
        while let Some(intended) = self.next_opening().filter(|at| *at <= self.now) {
            let at = self.orders.next;
            self.orders.next += 1;
            let device = &mut self.devices[at];
            if matches!(device.state, State::Off) {
                device.intended = Some(intended);
                self.connect(at);
            }
        }
    }

    /// Changes the state, and the counts of who is where; those who send garbage are kept out and count nowhere.
    fn set(&mut self, at: usize, state: State) {
        let device = &mut self.devices[at];
        let counts = &mut self.figures;
        let counted = device.role != Role::Garbage;
        for (of, by) in [(device.state, u64::MAX), (state, 1)].into_iter().filter(|_| counted) {
            let count = match of {
                State::Live => &mut counts.live,
                State::Gone => &mut counts.gone,
                State::Off => continue,
                _ => &mut counts.absent,
            };
            *count = count.wrapping_add(by);
        }
        device.state = state;
    }

    /// Begins to connect.
    pub(super) fn connect(&mut self, at: usize) {
        self.set(at, State::Connecting);
        let device = &mut self.devices[at];
        device.began = self.now;
        device.positions.reconnect();
        let from = socket::address(self.doors.first + at);
        device.generation = device.generation.wrapping_add(1);
        device.partial = Vec::new();
        let key = epoll::EventData::new_u64(device.key(at));
        // By edges: one system call in the life of a connection.
        let flags = epoll::EventFlags::IN | epoll::EventFlags::OUT | epoll::EventFlags::RDHUP | epoll::EventFlags::ET;
        let begun = Socket::begin(from, self.doors.targets[device.target]).and_then(|socket| {
            epoll::add(&self.epoll, socket.stream(), key, flags)?;
            Ok(socket)
        });
        match begun {
            Ok(socket) => device.socket = Some(socket),
            Err(error) => self.fail(at, &format!("connect: {}", error.kind())),
        }
    }

    pub(super) fn on_connected(&mut self, at: usize) {
        let device = &mut self.devices[at];
        let Some(socket) = &mut device.socket else { return };
        if let Some(error) = socket.trouble() {
            return self.fail(at, &format!("connect: {}", error.kind()));
        }
        let request = wire::request(self.doors.targets[device.target], &device.token);
        if socket.write(request.as_bytes()).is_err() {
            return self.fail(at, "connect: no request");
        }
        self.set(at, State::Upgrading);
    }

    /// Takes the head of the answer; gives the bytes it took, none while it is not whole.
    pub(super) fn on_answer(&mut self, at: usize, bytes: &[u8]) -> usize {
        let Some(answer) = wire::answer(bytes) else { return 0 };
        if answer.status != 101 {
            self.devices[at].asked_to_wait_ms = answer.retry_after_s.unwrap_or(0).saturating_mul(1_000);
            self.fail(at, &format!("http {}", answer.status));
            return bytes.len();
        }
        let device = &self.devices[at];
        self.out.clear();
        say::hello(&mut self.out, device.resume.as_deref(), device.inbox_seq);
        self.set(at, State::Greeting);
        self.write_out(at);
        answer.body
    }

    /// It has everything.
    pub(super) fn on_caught_up(&mut self, at: usize, sync_token: &str) {
        self.set(at, State::Live);
        self.figures.opened += 1;
        let device = &mut self.devices[at];
        device.resume = Some(sync_token.into());
        (device.attempt, device.asked_to_wait_ms, device.pings) = (0, 0, 0);
        if let Some(intended) = device.intended.take() {
            self.figures.time("connected", self.now.saturating_sub(intended));
        }
        if let Some(lost) = device.lost.take() {
            self.figures.time("back", self.now.saturating_sub(lost));
            self.figures.last_back_ns = self.now;
            self.figures.time("caught_up", self.now.saturating_sub(device.began));
        }
        match device.role {
            Role::Ordinary => self.send_again(at),
            Role::Garbage => self.timers.at(self.now, Timer::Garbage(at)),
            Role::Frozen => {}
        }
    }

    /// Writes what was put together.
    pub(super) fn write_out(&mut self, at: usize) {
        let out = std::mem::take(&mut self.out);
        let written = self.devices[at].socket.as_mut().map(|socket| socket.write(&out));
        self.out = out;
        if let Some(Err(error)) = written {
            self.lose(at, &format!("write: {}", error.kind()));
        }
    }

    pub(super) fn on_writable(&mut self, at: usize) {
        if let Some(socket) = &mut self.devices[at].socket
            && let Err(error) = socket.flush()
        {
            self.lose(at, &format!("write: {}", error.kind()));
        } else if self.devices[at].role == Role::Garbage {
            self.write_garbage(at);
        }
    }

    /// A node closed it.
    pub(super) fn on_close(&mut self, at: usize, code: u16) {
        if code == CloseCode::TokenExpired.code() {
            let device = &mut self.devices[at];
            if let Ok(token) = self.doors.minter.mint(device.user_id, device.device_id, TOKEN_LIFE_S) {
                device.token = token.into();
            }
        }
        if CloseCode::may_return(code) || self.devices[at].role == Role::Garbage {
            return self.lose(at, &format!("close {code}"));
        }
        self.figures.note(format!("close {code}"));
        self.devices[at].socket = None;
        self.set(at, State::Gone);
    }

    /// An attempt came to nothing.
    fn fail(&mut self, at: usize, why: &str) {
        self.figures.failed += 1;
        self.lose(at, why);
    }

    /// It is without a connection, and comes back after a while.
    pub(super) fn lose(&mut self, at: usize, why: &str) {
        self.figures.note(why);
        // Who was away is not told of it by a frame.
        self.unshown_reads.clear();
        let device = &mut self.devices[at];
        if device.state == State::Live {
            self.figures.lost_connections += 1;
            device.lost = Some(self.now);
        }
        device.socket = None;
        device.partial = Vec::new();
        let ceiling = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(device.attempt)).min(LONGEST_WAIT);
        device.attempt = device.attempt.saturating_add(1);
        let asked = std::mem::take(&mut device.asked_to_wait_ms) * 1_000_000;
        let wait = match device.role {
            Role::Garbage => 0,
            _ => asked + self.rng.random_range(0..=ns(ceiling)),
        };
        self.set(at, State::Waiting);
        self.timers.at(self.now + wait, Timer::Return(at));
    }

    /// Ends a session on purpose.
    pub(super) fn switch_off(&mut self, at: usize) {
        if self.devices[at].state == State::Gone {
            return;
        }
        let device = &mut self.devices[at];
        device.socket = None;
        device.partial = Vec::new();
        (device.lost, device.intended) = (None, None);
        self.set(at, State::Off);
    }

    /// Cuts every connection, as a network does that fails.
    pub(super) fn drop_everybody(&mut self) {
        for at in 0..self.devices.len() {
            if self.devices[at].state == State::Live {
                self.lose(at, "cut");
            }
        }
    }
}
