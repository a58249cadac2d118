//! Messages leave at their intended moments, however the ones before fare: an open loop.

use rand::RngExt as _;

use super::{State, Worker, lean::Lean, say::Message, streams::Unanswered, timers::Timer, txn::Txn};

/// Messages of one turn of the loop, so that reading goes on when sending is behind.
const BURST: usize = 64;
/// Looks for a live device in a conversation.
const TRIES: usize = 32;

impl Worker {
    pub(super) fn send_due(&mut self) {
        for _ in 0..BURST {
            let Some(load) = &self.load else { return };
            if load.settled || load.next_moment().is_none_or(|at| at > self.now) {
                return;
            }
            let stream = self.choose();
            let Some(load) = &mut self.load else { return };
            let (txn, message) = load.begin(stream, self.run);
            self.send(stream, txn, message, true);
        }
    }

    /// In turn, or by weight of conversations among devices that are live.
    fn choose(&mut self) -> u32 {
        let Some(load) = &self.load else { return 0 };
        let count = load.streams.len();
        if load.spec.weights.is_empty() {
            return u32::try_from(load.next % count.max(1) as u64).unwrap_or(0);
        }
        let mut chosen = 0;
        for _ in 0..TRIES {
            // Weights are cumulative, one a stream.
            let point = self.rng.random::<f64>() * load.spec.weights.last().copied().unwrap_or(1.0);
            chosen = load.spec.weights.partition_point(|weight| *weight <= point).min(count - 1);
            if self.devices[load.streams[chosen].device].state == State::Live {
                break;
            }
        }
        u32::try_from(chosen).unwrap_or(0)
    }

    /// Writes it if the device is live; otherwise it goes out when the device is back.
    fn send(&mut self, stream: u32, txn: Txn, message: Unanswered, fresh: bool) {
        let Some(load) = &self.load else { return };
        let (at, talk) = (load.streams[stream as usize].device, load.streams[stream as usize].talk);
        if self.devices[at].state != State::Live {
            return;
        }
        let types = fresh && load.spec.typing > 0.0 && self.rng.random_bool(load.spec.typing);
        let (mut text, mut prev) = (String::with_capacity(36), String::new());
        txn.write(&mut text);
        if let Some(txn) = message.prev {
            txn.write(&mut prev);
        }
        let talk = &self.talks[talk as usize].text;
        self.out.clear();
        if types {
            self.sayer.typing(&mut self.out, talk);
        }
        let prev = message.prev.map(|_| &*prev);
        let message = Message { talk, txn: &text, prev, stream: stream as usize, turn: message.turn };
        self.sayer.message(&mut self.out, message);
        self.figures.sent += 1;
        self.write_out(at);
    }

    /// What has no answer yet goes out again, in order and with the same bytes.
    pub(super) fn send_again(&mut self, at: usize) {
        let Some(load) = &self.load else { return };
        let number = load.spec.number;
        for stream in load.of_device.get(&at).cloned().unwrap_or_default() {
            let Some(load) = &self.load else { return };
            let waiting: Vec<Unanswered> = load.streams[stream as usize].unanswered.iter().copied().collect();
            for message in waiting {
                let txn = Txn { run: self.run, worker: self.number, load: number, turn: message.turn };
                self.send(stream, txn, message, false);
            }
        }
    }

    /// `sent` or `refused`.
    pub(super) fn on_verdict(&mut self, frame: &Lean<'_>) {
        let Some(txn) = frame.txn_id.as_deref().and_then(Txn::read).filter(|txn| txn.run == self.run) else { return };
        let Some(load) = &mut self.load else { return };
        if let Some(problem) = &frame.problem {
            self.figures.note(format!("refused {}", problem.code));
            load.on_refused(txn);
        } else if let Some(talk) = load.on_stored(txn, self.now) {
            let acked = &mut self.talks[talk as usize].acked;
            *acked = (*acked).max(frame.seq);
        }
    }

    pub(super) fn on_delivery(&mut self, talk: u32, txn: Txn, live: bool) {
        if let Some(load) = &mut self.load {
            load.on_delivery(talk, txn, self.now, live);
        }
    }

    /// Sessions that will end.
    pub(super) fn begin_churn(&mut self) {
        let Some(churn) = self.load.as_ref().and_then(|load| load.spec.churn) else { return };
        for at in 0..self.devices.len() {
            let wait = self.exponential(churn.on_ns);
            self.timers.at(self.now + wait, Timer::Toggle(at));
        }
    }

    /// Ends a session, or begins one.
    pub(super) fn toggle(&mut self, at: usize) {
        let Some(churn) = self.load.as_ref().filter(|load| load.churns).and_then(|load| load.spec.churn) else {
            return;
        };
        let mean = if self.devices[at].state == State::Off {
            self.connect(at);
            churn.on_ns
        } else {
            self.switch_off(at);
            churn.off_ns
        };
        let wait = self.exponential(mean);
        self.timers.at(self.now + wait, Timer::Toggle(at));
    }

    /// When the last message is out, everybody comes back to get what is missing.
    pub(super) fn end_churn(&mut self) {
        let Some(load) = self.load.as_mut().filter(|load| load.churns && load.spec.until_ns <= self.now) else {
            return;
        };
        load.churns = false;
        for at in 0..self.devices.len() {
            if self.devices[at].state == State::Off {
                self.connect(at);
            }
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a random time"
    )]
    fn exponential(&mut self, mean: u64) -> u64 {
        (-(1.0 - self.rng.random::<f64>()).ln() * mean as f64) as u64
    }
}
