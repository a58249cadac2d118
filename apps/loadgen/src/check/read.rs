//! Reading a folder of records.

use std::{fs, path::Path};

use super::History;
use crate::{
    error::{Context, Failure, Outcome},
    record::Line,
};

/// All lines of all files, in the order of time.
pub(super) fn folder(folder: &Path) -> Outcome<History> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder).context(folder.display())? {
        let path = entry.context(folder.display())?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            file(&path, &mut lines)?;
        }
    }
    if lines.is_empty() {
        return Err(Failure::new(format!("{} holds no record", folder.display())));
    }
    // Stable: lines of one actor that happened at once keep their order.
    lines.sort_by_key(|line| line.at_us);
    let mut history = History::default();
    for line in &lines {
        history.apply(line);
    }
    Ok(history)
}

fn file(path: &Path, lines: &mut Vec<Line>) -> Outcome<()> {
    let text = fs::read_to_string(path).context(path.display())?;
    for (number, line) in text.lines().enumerate() {
        // An actor that was killed may leave half a line at the end.
        match serde_json::from_str(line) {
            Ok(line) => lines.push(line),
            Err(_) if number + 1 == text.lines().count() && !text.ends_with('\n') => {}
            Err(error) => return Err(Failure::new(format!("{} line {}: {error}", path.display(), number + 1))),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::fixture;

    #[test]
    fn lines_of_several_files_are_read_in_the_order_of_time_and_half_a_line_at_the_end_is_passed_over() {
        let folder = std::env::temp_dir().join(format!("sotto-check-read-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let lines = fixture::lines();
        let text = |keep: &dyn Fn(usize) -> bool| {
            let kept = lines.iter().enumerate().filter(|(at, _)| keep(*at));
            kept.map(|(_, line)| serde_json::to_string(line).unwrap() + "\n").collect::<String>()
        };
        fs::write(folder.join("a.jsonl"), text(&|at| at % 2 == 0) + "{\"at_us\":1,").unwrap();
        fs::write(folder.join("b.jsonl"), text(&|at| at % 2 == 1)).unwrap();
        let read = super::folder(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let mut expected = History::default();
        for line in &lines {
            expected.apply(line);
        }
        assert_eq!(format!("{:?}", read.shows()), format!("{:?}", expected.shows()));
        assert_eq!((read.messages().count(), read.begun_us()), (expected.messages().count(), expected.begun_us()));
    }
}
