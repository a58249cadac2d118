//! JSON and a page for people.

use std::{fmt::Write as _, path::Path};

use hdrhistogram::Histogram;
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
    /// What makes it again.
    pub command: String,
    /// Sentences for the page.
    #[serde(skip)]
    pub lines: Vec<String>,
    pub figures: Value,
}

/// Measurements and what the machine was doing.
pub struct Report {
    machine: Machine,
    nodes: usize,
    build: String,
    measured: Vec<Measured>,
    at: String,
}

impl Report {
    pub fn begin(state: &State) -> Self {
        let build = state.bin_dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let at = time::OffsetDateTime::from_unix_timestamp(SystemEnvironment.now_ms() / 1_000);
        let at = at.map(|at| at.date().to_string()).unwrap_or_default();
        Self { machine: Machine::look(), nodes: state.nodes.len(), build, measured: Vec::new(), at }
    }

    pub fn add(&mut self, measured: Measured) {
        for line in &measured.lines {
            println!("{}: {line}", measured.name);
        }
        self.measured.push(measured);
    }

    /// One JSON file a measurement, and the page with all of this run.
    pub fn write(&self, folder: &Path) -> Outcome<()> {
        std::fs::create_dir_all(folder).context(folder.display())?;
        for measured in &self.measured {
            let path = folder.join(format!("{}.json", measured.name));
            let all = json!({
                "at": self.at, "build": self.build, "nodes": self.nodes, "machine": self.machine, "measured": measured,
            });
            std::fs::write(&path, serde_json::to_vec_pretty(&all).context("results")?).context(path.display())?;
            let path = folder.join(format!("{}.md", measured.name));
            std::fs::write(&path, self.page(measured)).context(path.display())?;
            println!("{}", path.display());
        }
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
            measured.command, self.at, self.build, self.nodes,
        );
        if self.build != "release" {
            page.push_str("\nNot a release build: these figures say nothing about the product.\n");
        }
        page
    }
}

fn ms(micros: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let ms = micros as f64 / 1_000.0;
    ms
}

/// `p50 .. ms, p99 .. ms, ...`
pub fn latency(times: &Histogram<u64>) -> String {
    let at = |quantile| ms(times.value_at_quantile(quantile));
    format!("p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, most {:.2} ms", at(0.5), at(0.99), at(0.999), ms(times.max()))
}

/// The same as JSON.
pub fn milliseconds(times: &Histogram<u64>) -> Value {
    let at = |quantile| ms(times.value_at_quantile(quantile));
    json!({ "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "p999": at(0.999), "max": ms(times.max()), "count": times.len() })
}
