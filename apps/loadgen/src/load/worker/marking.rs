//! Devices mark what they have, after a run of frames, at once or within some time.

use rand::RngExt as _;

use super::{State, Worker, timers::Timer};

impl Worker {
    /// Marks what was read, now or at a random moment of the time that marks are spread over; once for all that comes until
    /// then.
    pub(super) fn flush_marks(&mut self, at: usize) {
        let Some(spread) = self.mark_spread else { return };
        let device = &mut self.devices[at];
        if device.unmarked.is_empty() || device.mark_is_due || device.state != State::Live {
            return;
        }
        if spread > 0 {
            device.mark_is_due = true;
            let wait = self.rng.random_range(0..=spread);
            return self.timers.at(self.now + wait, Timer::Mark(at));
        }
        self.mark(at);
    }

    /// Marks what was read, now.
    pub(super) fn mark(&mut self, at: usize) {
        let device = &mut self.devices[at];
        device.mark_is_due = false;
        if device.state != State::Live {
            return;
        }
        let reads = device.reads;
        let mut unmarked = std::mem::take(&mut device.unmarked);
        self.out.clear();
        for (talk, seq) in unmarked.drain(..) {
            self.sayer.mark(&mut self.out, &self.talks[talk as usize].text, seq, reads);
            if reads {
                self.on_read(at, talk, seq);
            }
        }
        // Its room is used again.
        self.devices[at].unmarked = unmarked;
        self.write_out(at);
    }
}
