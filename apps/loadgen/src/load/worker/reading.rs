//! How long what is read on one device of a person takes to show on the other one.

use std::collections::{HashMap, VecDeque};

use sotto_protocol::UserId;

use super::{
    Worker,
    device::Device,
    lean::{self, LeanMarks},
};

/// Of each conversation and person the positions that were read and not shown yet, and when they were marked.
pub(super) type UnshownReads = HashMap<(u32, UserId), VecDeque<(i64, u64)>>;

/// Notes which devices read something that another device of this worker is told of, and which are told.
pub(super) fn pair(devices: &mut [Device]) {
    let mut people: HashMap<UserId, (bool, bool)> = HashMap::new();
    for device in &*devices {
        let (reads, looks) = people.entry(device.user_id).or_default();
        *reads |= device.reads;
        *looks |= !device.reads;
    }
    for device in devices {
        device.is_paired = people[&device.user_id] == (true, true);
    }
}

impl Worker {
    /// A device reads up to here.
    pub(super) fn on_read(&mut self, at: usize, talk: u32, seq: i64) {
        let device = &self.devices[at];
        if device.is_paired && self.load.as_ref().is_some_and(|load| load.spec.churn.is_none()) {
            self.unshown_reads.entry((talk, device.user_id)).or_default().push_back((seq, self.now));
        }
    }

    /// A `marks` frame.
    pub(super) fn on_marks(&mut self, at: usize, payload: &[u8]) {
        self.figures.marks += 1;
        let device = &self.devices[at];
        if !device.is_paired || device.reads || self.unshown_reads.is_empty() {
            return;
        }
        let Some(frame) = lean::marks(payload) else {
            self.figures.unreadable += 1;
            return;
        };
        self.settle_reads(device.user_id, &frame);
    }

    fn settle_reads(&mut self, user_id: UserId, frame: &LeanMarks) {
        let Some(talk) = self.places.get(&frame.conversation_id.0.as_u128()) else { return };
        let Some(waiting) = self.unshown_reads.get_mut(&(*talk, user_id)) else { return };
        let read = frame.marks.iter().filter(|mark| mark.user_id == user_id).map(|mark| mark.read_seq).max();
        while let Some((seq, marked)) = waiting.front().copied()
            && read >= Some(seq)
        {
            waiting.pop_front();
            self.figures.time("read", self.now.saturating_sub(marked));
        }
    }
}
