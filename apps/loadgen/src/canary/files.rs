//! Every log, and what Redis and nginx keep on disk.

use std::path::{Path, PathBuf};

use super::Canary;
use crate::error::{Context, Outcome};

/// Names the files below these folders that hold the mark. PostgreSQL's own files are searched as tables.
pub fn search_files(folders: &[PathBuf], canary: &Canary) -> Outcome<(usize, Vec<String>)> {
    let (mut searched, mut hits) = (0, Vec::new());
    for folder in folders {
        walk(folder, canary, &mut searched, &mut hits)?;
    }
    Ok((searched, hits))
}

fn walk(path: &Path, canary: &Canary, searched: &mut usize, hits: &mut Vec<String>) -> Outcome<()> {
    let found = match std::fs::metadata(path) {
        Ok(found) => found,
        // Temporary files come and go.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).context(path.display()),
    };
    if found.is_dir() {
        for entry in std::fs::read_dir(path).context(path.display())? {
            walk(&entry.context(path.display())?.path(), canary, searched, hits)?;
        }
    } else if found.is_file() {
        let bytes = std::fs::read(path).context(path.display())?;
        *searched += 1;
        if canary.is_in(&bytes) {
            hits.push(format!("file {}", path.display()));
        }
    }
    Ok(())
}
