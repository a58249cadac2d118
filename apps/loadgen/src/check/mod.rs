//! The checker: eleven invariants over the record of a run and, where it is given, the database.

#[cfg(test)]
mod fixture;
mod history;
mod invariants;
mod read;
mod tables;
mod verdict;

use std::{path::PathBuf, time::Duration};

pub use self::{
    history::{Fence, History, Message, Show, Span, Window},
    tables::{InboxState, Row, Tables, Wanted},
    verdict::{Finding, Verdict},
};
use crate::error::{Context, Outcome};

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder with the record of a run.
    folder: PathBuf,
    /// The database that the run used; without it, what only the database shows is skipped.
    #[arg(long, env = "DATABASE_URL")]
    database_url: Option<String>,
    /// How long after a fault everything may take to arrive, milliseconds.
    #[arg(long, default_value_t = 5_000)]
    caught_up_ms: u64,
}

/// Numbers that the invariants need.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How long after a fault, or after its acknowledgement, a message may take to be shown.
    pub caught_up: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self { caught_up: Duration::from_secs(5) }
    }
}

/// Everything that an invariant looks at.
#[derive(Clone, Copy)]
pub(crate) struct Evidence<'a> {
    pub history: &'a History,
    pub tables: Option<&'a Tables>,
    pub rules: &'a Rules,
}

/// Holds all invariants.
pub fn judge(history: &History, tables: Option<&Tables>, rules: &Rules) -> Verdict {
    let findings = invariants::hold_all(Evidence { history, tables, rules });
    Verdict::new(history, findings)
}

/// Reads the folder and the database and judges. The last line is JSON; `false`: something was broken.
pub async fn run(args: &Args) -> Outcome<bool> {
    let history = read::folder(&args.folder)?;
    let tables = match &args.database_url {
        Some(url) => Some(Tables::read(url, &Tables::wanted(&history)).await?),
        None => None,
    };
    let rules = Rules { caught_up: Duration::from_millis(args.caught_up_ms) };
    let verdict = judge(&history, tables.as_ref(), &rules);
    println!("{}", serde_json::to_string(&verdict).context("the verdict")?);
    Ok(verdict.clean)
}
