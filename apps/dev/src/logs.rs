//! Prints logs, of one part or of all, the past and what comes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Context, Failure, Result};
use crate::layout::Layout;

const POLL: Duration = Duration::from_millis(250);
/// How much of a file's end is looked at for its last lines.
const TAIL_BYTES: u64 = 1024 * 1024;

/// Prints the last lines and, to follow, all that come until the program is ended.
pub fn print(layout: &Layout, name: Option<&str>, lines: usize, follow: bool) -> Result<()> {
    let paths = paths(layout, name)?;
    let several = paths.len() > 1;
    let mut positions = BTreeMap::new();
    for path in paths {
        let (text, end) = tail(&path, lines)?;
        show(&path, &text, several)?;
        positions.insert(path, end);
    }
    if !follow {
        return Ok(());
    }
    loop {
        std::thread::sleep(POLL);
        for (path, position) in &mut positions {
            let text = fresh(path, position)?;
            show(path, &text, several)?;
        }
    }
}

fn paths(layout: &Layout, name: Option<&str>) -> Result<Vec<PathBuf>> {
    if let Some(name) = name {
        let path = layout.log(name);
        if path.is_file() {
            return Ok(vec![path]);
        }
    }
    let entries = fs::read_dir(layout.logs()).context(layout.logs().display())?.flatten();
    let mut all: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "log")).collect();
    all.sort();
    if let Some(name) = name {
        let known: Vec<_> = all.iter().map(|path| label(path)).collect();
        return Err(Failure::new(format!("there is no log of {name:?}; there are {}", known.join(", "))));
    }
    Ok(all)
}

fn label(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The last lines of a file and the position behind them.
fn tail(path: &Path, lines: usize) -> Result<(String, u64)> {
    let end = fs::metadata(path).context(path.display())?.len();
    let mut position = end.saturating_sub(TAIL_BYTES);
    let text = fresh(path, &mut position)?;
    let all: Vec<&str> = text.split_inclusive('\n').collect();
    Ok((all[all.len().saturating_sub(lines)..].concat(), position))
}

/// What was written behind a position, which moves along; a file that shrank is read anew.
fn fresh(path: &Path, position: &mut u64) -> Result<String> {
    let mut file = fs::File::open(path).context(path.display())?;
    if file.metadata().context(path.display())?.len() < *position {
        *position = 0;
    }
    file.seek(SeekFrom::Start(*position)).context(path.display())?;
    let mut bytes = Vec::new();
    *position += file.read_to_end(&mut bytes).context(path.display())? as u64;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn show(path: &Path, text: &str, several: bool) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for line in text.lines() {
        let written = if several { writeln!(out, "{:<12} {line}", label(path)) } else { writeln!(out, "{line}") };
        written.context("output")?;
    }
    out.flush().context("output")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::scratch;

    #[test]
    fn following_shows_each_line_once_and_survives_a_new_file() {
        let path = scratch("logs").join("a.log");
        fs::write(&path, "1\n2\n3\n").unwrap();
        let (text, mut position) = tail(&path, 2).unwrap();
        assert_eq!(text, "2\n3\n");
        fs::write(&path, "1\n2\n3\n4\n").unwrap();
        assert_eq!(fresh(&path, &mut position).unwrap(), "4\n");
        fs::write(&path, "5\n").unwrap();
        assert_eq!(fresh(&path, &mut position).unwrap(), "5\n");
    }
}
