//! `sotto-loadgen report`: one page with curves from the results, which needs nothing else to be read.

mod charts;
mod page;
mod svg;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{Context, Failure, Outcome};

/// What is read and written.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The folder of results.
    #[arg(long, default_value = "loadtest/results")]
    results: PathBuf,
    /// The page; `report.html` in that folder unless given.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Reads all results and writes the page.
pub fn run(args: &Args) -> Outcome<()> {
    let results = read(&args.results)?;
    if results.is_empty() {
        return Err(Failure::new(format!("no results in {}", args.results.display())));
    }
    let out = args.out.clone().unwrap_or_else(|| args.results.join("report.html"));
    std::fs::write(&out, page::page(&results)).context(out.display())?;
    println!("{}", out.display());
    Ok(())
}

/// Results by name; other JSON in the folder is passed over.
fn read(folder: &Path) -> Outcome<Vec<Value>> {
    let entries = std::fs::read_dir(folder).context(folder.display())?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let mut results = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).context(path.display())?;
        let result: Value = serde_json::from_str(&text).context(path.display())?;
        if result["measured"]["name"].is_string() {
            results.push(result);
        }
    }
    Ok(results)
}
