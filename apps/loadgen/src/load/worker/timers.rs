//! What is to be done at some later time.

use std::{cmp::Reverse, collections::BinaryHeap};

use rustix::event::Timespec;

use super::{Worker, device::State};

/// The longest time without looking whether there is something to do.
const LONGEST: u64 = 500_000_000;

/// Something for later, of one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// Connect, if it still waits.
    Return(usize),
    /// End its session, or begin one.
    Toggle(usize),
    /// Mark what it has.
    Mark(usize),
    /// Write more garbage.
    Garbage(usize),
}

/// Ordered by time.
#[derive(Default)]
pub struct Timers(BinaryHeap<Reverse<(u64, Timer)>>);

impl Timers {
    /// At this time.
    pub fn at(&mut self, ns: u64, timer: Timer) {
        self.0.push(Reverse((ns, timer)));
    }

    fn due(&mut self, now: u64) -> Option<Timer> {
        let Reverse((at, _)) = self.0.peek()?;
        if *at > now {
            return None;
        }
        self.0.pop().map(|Reverse((_, timer))| timer)
    }

    fn next(&self) -> Option<u64> {
        self.0.peek().map(|Reverse((at, _))| *at)
    }
}

/// For the kernel.
pub fn timespec(ns: u64) -> Timespec {
    let part = |ns: u64| i64::try_from(ns).unwrap_or(0);
    Timespec { tv_sec: part(ns / 1_000_000_000), tv_nsec: part(ns % 1_000_000_000) }
}

impl Worker {
    pub(super) fn fire_timers(&mut self) {
        while let Some(timer) = self.timers.due(self.now) {
            match timer {
                Timer::Return(at) if self.devices[at].state == State::Waiting => self.connect(at),
                Timer::Return(_) => {}
                Timer::Toggle(at) => self.toggle(at),
                Timer::Mark(at) => self.mark(at),
                Timer::Garbage(at) => self.write_garbage(at),
            }
        }
    }

    /// When something has to be done again, whatever comes in until then.
    pub(super) fn deadline(&self) -> u64 {
        let load = self.load.as_ref().and_then(super::load::Load::next_moment);
        let all = [self.timers.next(), load, self.next_opening(), self.orders.drop_at];
        all.into_iter().flatten().min().unwrap_or(u64::MAX).min(self.now + LONGEST)
    }
}
