//! JSON and a page for people.

use std::{fmt::Write as _, path::Path};

use serde::Serialize;
use serde_json::{Value, json};
use sotto_sdk::{Environment as _, SystemEnvironment};

use super::machine::Machine;
use crate::{
    cluster::State,
    error::{Context, Outcome},
};

/// One measurement.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    pub name: String,
    /// Sentences.
    pub lines: Vec<String>,
    pub figures: Value,
}

impl Measured {
    pub fn new(name: impl Into<String>, lines: Vec<String>, figures: Value) -> Self {
        Self { name: name.into(), lines, figures }
    }
}

/// Where and when a measurement was made.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    at: String,
    /// What makes it again.
    command: String,
    build: String,
    nodes: usize,
    machine: Machine,
}

impl Results {
    /// Looks at the machine before anything is done.
    pub fn begin(state: &State, command: &str) -> Self {
        let build = state.bin_dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let at = time::OffsetDateTime::from_unix_timestamp(SystemEnvironment.now_ms() / 1_000);
        let at = at.map(|at| at.date().to_string()).unwrap_or_default();
        Self { at, command: command.to_owned(), build, nodes: state.nodes.len(), machine: Machine::look() }
    }

    /// Prints it, and writes a JSON file and a page.
    pub fn write(&self, folder: &Path, measured: &Measured) -> Outcome<()> {
        for line in &measured.lines {
            println!("{}: {line}", measured.name);
        }
        std::fs::create_dir_all(folder).context(folder.display())?;
        let path = folder.join(format!("{}.json", measured.name));
        let mut all = serde_json::to_value(self).context("results")?;
        all["measured"] = json!(measured);
        let mut text = serde_json::to_string_pretty(&all).context("results")?;
        text.push('\n');
        std::fs::write(&path, text).context(path.display())?;
        let path = path.with_extension("md");
        std::fs::write(&path, self.page(measured)).context(path.display())?;
        println!("{}", path.display());
        Ok(())
    }

    fn page(&self, measured: &Measured) -> String {
        let Machine { cpus, cpu, memory_mib, kernel, load } = &self.machine;
        let mut page = format!("# {}\n\n", measured.name);
        for line in &measured.lines {
            let _ = writeln!(page, "- {line}");
        }
        let _ = write!(
            page,
            "\n    {}\n\n{}: {cpus} x {cpu}, {memory_mib} MiB, Linux {kernel}, load before {load}. {} build, {} nodes, \
             with PostgreSQL, Redis, nginx and the load generator on the same machine. The private PostgreSQL writes to \
             this machine's disk, whose fsync is what it is: a slower disk shows in every acknowledgement.\n",
            self.command, self.at, self.build, self.nodes,
        );
        if self.build != "release" {
            page.push_str("\nNot a release build: these figures say nothing about the product.\n");
        }
        page
    }
}
