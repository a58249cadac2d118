//! Progress for people, line by line, on standard error: standard output stays for results.

use std::time::Instant;

/// A piece of work that was announced and will be reported as done.
pub struct Step {
    name: String,
    began: Instant,
}

/// Announces a piece of work.
pub fn begin(name: &str, doing: &str) -> Step {
    line(name, doing);
    Step { name: name.to_owned(), began: Instant::now() }
}

/// One line that has no end of its own.
pub fn line(name: &str, text: &str) {
    eprintln!("  {name:<12} {text}");
}

impl Step {
    /// Reports the end, with the time it took.
    pub fn done(self, outcome: &str) {
        line(&self.name, &format!("{outcome} ({:.1} s)", self.began.elapsed().as_secs_f32()));
    }
}
