//! Placing a secret file once, whoever else tries at the same time.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

/// Writes the file whole, readable by its owner only, unless it exists: then the other's content stays.
pub fn create_once(path: &Path, content: &[u8], unique: &str) -> io::Result<()> {
    let temporary = path.with_extension(format!("{unique}.tmp"));
    let written = write_new(&temporary, content);
    // A hard link appears whole or not at all, and never replaces.
    let linked = written.and_then(|()| match fs::hard_link(&temporary, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    });
    fs::remove_file(&temporary)?;
    linked
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
