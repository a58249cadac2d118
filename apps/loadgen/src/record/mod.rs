//! What actors saw, as JSON lines: one file an actor, read by [`crate::check`].

mod file;
mod lines;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;

use self::file::LineFile;
pub use self::lines::{Line, What};
use crate::{check::History, error::Outcome};

/// Lines wait for the disk this long at most.
const FLUSH_EVERY: Duration = Duration::from_millis(250);

/// Everything that actors note: in memory for questions while it goes on, and in files if there is a folder.
pub struct Recording {
    folder: Option<PathBuf>,
    history: Mutex<History>,
    files: Mutex<Vec<Arc<Mutex<LineFile>>>>,
}

/// Somebody who notes.
#[derive(Clone)]
pub struct Actor {
    name: Arc<str>,
    recording: Arc<Recording>,
    file: Option<Arc<Mutex<LineFile>>>,
}

impl Recording {
    /// In memory only.
    pub fn in_memory() -> Arc<Self> {
        Arc::new(Self { folder: None, history: Mutex::default(), files: Mutex::default() })
    }

    /// In memory and in this folder, which is made. Needs a tokio runtime.
    pub fn in_folder(folder: &Path) -> Outcome<Arc<Self>> {
        file::make_folder(folder)?;
        let recording = Self { folder: Some(folder.to_owned()), history: Mutex::default(), files: Mutex::default() };
        let recording = Arc::new(recording);
        let weak = Arc::downgrade(&recording);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(FLUSH_EVERY).await;
                let Some(recording) = weak.upgrade() else { return };
                recording.flush();
            }
        });
        Ok(recording)
    }

    /// An actor of this name; it has a file of its own.
    pub fn actor(self: &Arc<Self>, name: &str) -> Outcome<Actor> {
        let file = match &self.folder {
            Some(folder) => {
                let file = Arc::new(Mutex::new(LineFile::create(folder, name)?));
                self.files.lock().push(Arc::clone(&file));
                Some(file)
            }
            None => None,
        };
        Ok(Actor { name: name.into(), recording: Arc::clone(self), file })
    }

    /// Does something with what was noted so far.
    pub fn history<T>(&self, with: impl FnOnce(&History) -> T) -> T {
        with(&self.history.lock())
    }

    /// Everything noted so far is in the files.
    pub fn flush(&self) {
        for file in &*self.files.lock() {
            file.lock().flush();
        }
    }
}

impl Actor {
    /// Notes that this happened now.
    pub fn note(&self, what: What) {
        // One lock over the clock and the history: the history is in the order of time.
        let mut history = self.recording.history.lock();
        let line = Line { at_us: monotonic_us(), actor: Arc::clone(&self.name), what };
        history.apply(&line);
        drop(history);
        if let Some(file) = &self.file {
            file.lock().write(&line);
        }
    }

    /// The recording that it notes in.
    pub fn recording(&self) -> &Arc<Recording> {
        &self.recording
    }
}

/// The machine's monotonic clock, microseconds: the same for all processes.
pub fn monotonic_us() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    seconds * 1_000_000 + u64::try_from(now.tv_nsec).unwrap_or_default() / 1_000
}
