//! Devices mark what they have, after a run of frames and not too often.

use super::{State, Worker, timers::Timer};

impl Worker {
    /// Marks what was read, or later if it marked just now.
    pub(super) fn flush_marks(&mut self, at: usize) {
        let Some(every) = self.mark_every else { return };
        let device = &mut self.devices[at];
        if device.unmarked.is_empty() || device.mark_is_due || device.state != State::Live {
            return;
        }
        let next = device.marked_at + every;
        if every > 0 && next > self.now {
            device.mark_is_due = true;
            return self.timers.at(next, Timer::Mark(at));
        }
        device.marked_at = self.now;
        let reads = device.reads;
        let mut unmarked = std::mem::take(&mut device.unmarked);
        self.out.clear();
        for (talk, seq) in unmarked.drain(..) {
            self.sayer.mark(&mut self.out, &self.talks[talk as usize].text, seq, reads);
        }
        // Its room is used again.
        self.devices[at].unmarked = unmarked;
        self.write_out(at);
    }
}
