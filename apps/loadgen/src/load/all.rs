//! Everything, in an order that lets each have what it needs: a fresh cluster first, the heaviest last.

use clap::Parser;

use super::{Bench, Which};
use crate::error::{Context, Outcome};

/// How much.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Small loads that only show that everything works.
    #[arg(long)]
    pub quick: bool,
    /// Only those whose line holds this text.
    #[arg(long)]
    pub only: Option<String>,
}

/// At this machine's targets.
const FULL: &[&str] = &[
    "idle --direct --nodes 3 --connections 15000",
    "storm --rate 1000 --connections 6000",
    "storm --rate 2000 --connections 16000",
    "dm --rate 500 --seconds 30 --runs 3",
    "dm --rate 3000 --seconds 10 --find-max",
    "dm --direct --rate 1000 --seconds 10 --runs 3",
    "dm --direct --rate 5000 --seconds 10 --runs 3",
    "dm --direct --rate 10000 --seconds 10 --runs 3",
    "dm --rate 200 --seconds 30 --label read-state",
    "dm --direct --rate 100 --pairs 50 --encrypt",
    "group --direct --rate 20 --seconds 10",
    "group --direct --seconds 10",
    "group --direct --groups 20 --rate 200 --seconds 10 --find-max",
    "room --direct",
    "room",
    "claims --direct --rate 5000 --seconds 8",
    "link",
    "history",
    "revoke --runs 10",
    "mixed --people 2000 --rate 300 --seconds 60",
    "garbage --direct",
    "reconnect",
    "scale",
    "idle --nodes 8 --connections 100000",
    "failover --nodes 8 --connections 100000 --fill-rate 1000",
    "soak --nodes 3 --people 1000 --rate 200 --seconds 1800",
];

/// That everything works, in a few minutes.
const QUICK: &[&str] = &[
    "idle --direct --connections 1000 --hold 30 --rate 200",
    "storm --connections 500 --rate 100",
    "dm --direct --rate 100 --pairs 50 --seconds 5 --runs 3",
    "dm --rate 100 --pairs 50 --seconds 5",
    "dm --direct --rate 50 --pairs 100 --seconds 3 --find-max --label dm-quick-max --limit-ms 500",
    "dm --direct --rate 10 --pairs 3 --seconds 5 --encrypt",
    "group --direct --members 50 --rate 10 --seconds 5",
    "room --direct --members 300 --messages 5",
    "claims --direct --rate 200 --seconds 4",
    "link --runs 5",
    "history --messages 2000",
    "mixed --people 100 --rate 50 --seconds 15 --on 5 --off 3 --largest 30",
    "garbage --rate 100 --pairs 50 --seconds 15 --frozen 3",
    "reconnect --connections 500",
    "revoke --runs 3",
    "scale --rate 100 --seconds 4 --pairs 30 --node-counts 2,3 --connections 0,300 --members 2,50 --history 0,500",
    "failover --connections 600 --pairs 30 --rate 50 --seconds 15 --fill-rate 200",
    "soak --people 100 --rate 50 --seconds 30 --on 10 --off 5 --largest 30 --look-every 2",
];

#[derive(Parser)]
#[command(no_binary_name = true)]
struct Line {
    #[command(subcommand)]
    which: Which,
}

/// Runs them; what fails is told and does not keep the others from running.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<()> {
    let lines = if args.quick { QUICK } else { FULL };
    let mut failures = 0;
    for line in lines.iter().filter(|line| args.only.as_ref().is_none_or(|only| line.contains(only))) {
        let which = Line::try_parse_from(line.split(' ')).context(line)?.which;
        if let Err(failure) = bench.measure(&which, &format!("sotto-loadgen bench {line}")).await {
            eprintln!("sotto-loadgen bench {line}: {failure}");
            failures += 1;
            if bench.interrupted.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(failure);
            }
        }
    }
    if failures == 0 { Ok(()) } else { Err(crate::error::Failure::new(format!("{failures} measurements failed"))) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_is_understood() {
        for line in FULL.iter().chain(QUICK) {
            let parsed = Line::try_parse_from(line.split(' '));
            assert!(parsed.is_ok(), "{line}: {}", parsed.err().unwrap());
        }
    }

    #[test]
    fn what_is_shown_is_what_is_measured() {
        let home = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let readme = std::fs::read_to_string(format!("{home}/README.md")).unwrap();
        let commands = readme.split("make bench ARGS='").skip(1);
        let shown: BTreeSet<&str> = commands.filter_map(|rest| Some(rest.split_once('\'')?.0)).collect();
        let mut measured = BTreeSet::new();
        for file in std::fs::read_dir(format!("{home}/loadtest/results")).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|kind| kind == "json") {
                let result: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                let command = result["command"].as_str().unwrap_or_else(|| panic!("{} has no command", path.display()));
                measured.extend(command.strip_prefix("sotto-loadgen bench ").map(str::to_owned));
            }
        }
        let all: BTreeSet<&str> = FULL.iter().copied().collect();
        assert_eq!((shown, measured.iter().map(String::as_str).collect()), (all.clone(), all));
    }
}
