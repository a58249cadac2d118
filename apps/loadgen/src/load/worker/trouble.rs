//! Devices that do harm.

use super::{State, Worker, timers::Timer, wire, wire::Opcode};
use crate::load::plan::Role;

/// Frames of one turn.
const BURST: usize = 16;
/// JSON that is no frame, nested and long enough to cost something.
const GARBAGE_BYTES: usize = 2_000;

impl Worker {
    /// Writes garbage as long as the socket takes it.
    pub(super) fn write_garbage(&mut self, at: usize) {
        let device = &self.devices[at];
        if device.role != Role::Garbage || device.state != State::Live {
            return;
        }
        let garbage = format!(r#"{{"type":"send","message":[{}]}}"#, r#"{"a":["b",1]},"#.repeat(GARBAGE_BYTES / 14));
        self.out.clear();
        for _ in 0..BURST {
            wire::frame(&mut self.out, Opcode::Text, garbage.as_bytes());
        }
        self.figures.garbage_bytes += self.out.len() as u64;
        let out = std::mem::take(&mut self.out);
        let written = self.devices[at].socket.as_mut().map(|socket| socket.write(&out));
        self.out = out;
        match written {
            // More as soon as others had their turn; what waits is continued when the socket takes it.
            Some(Ok(false)) => self.timers.at(self.now + 1, Timer::Garbage(at)),
            Some(Ok(true)) | None => {}
            Some(Err(error)) => self.lose(at, &format!("write: {}", error.kind())),
        }
    }
}
