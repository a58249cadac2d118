//! One actor's file.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::Path,
};

use super::Line;
use crate::error::{Context, Outcome};

pub(super) struct LineFile(BufWriter<File>);

pub(super) fn make_folder(folder: &Path) -> Outcome<()> {
    fs::create_dir_all(folder).context(folder.display())
}

impl LineFile {
    pub(super) fn create(folder: &Path, actor: &str) -> Outcome<Self> {
        let name: String = actor.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let path = folder.join(format!("{name}.jsonl"));
        let file = File::options().create(true).append(true).open(&path).context(path.display())?;
        Ok(Self(BufWriter::new(file)))
    }

    /// A record that can't be written must not pass for a clean one.
    pub(super) fn write(&mut self, line: &Line) {
        let written = serde_json::to_writer(&mut self.0, line).map_err(std::io::Error::from);
        if let Err(error) = written.and_then(|()| self.0.write_all(b"\n")) {
            tracing::error!(%error, "a line of the record is lost");
        }
    }

    pub(super) fn flush(&mut self) {
        if let Err(error) = self.0.flush() {
            tracing::error!(%error, "the record is not written");
        }
    }
}
