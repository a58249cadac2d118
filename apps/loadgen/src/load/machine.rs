//! What the machine is and does: every figure is quoted with it.

use std::{collections::HashMap, fs};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::Serialize;

use crate::error::{Context, Failure, Outcome};

/// Lets this process have as many descriptors as it may.
pub fn raise_descriptors() -> Outcome<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }).context("descriptors")
}

/// The machine.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    pub cpus: usize,
    pub cpu: String,
    pub memory_mib: u64,
    pub kernel: String,
    /// Load averages of 1, 5 and 15 minutes before the measurement.
    pub load: String,
}

impl Machine {
    pub fn look() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let cpuinfo = read("/proc/cpuinfo");
        let field = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
            line.split(':').nth(1).unwrap_or_default().trim().to_owned()
        };
        let memory = field(&read("/proc/meminfo"), "MemTotal");
        Self {
            cpus: std::thread::available_parallelism().map_or(0, usize::from),
            cpu: field(&cpuinfo, "model name"),
            memory_mib: memory.split(' ').next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load: read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" "),
        }
    }
}

/// Resident memory of a process, bytes.
pub fn resident(pid: i32) -> Outcome<u64> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).context(&path)?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().context("VmRSS")?;
    Ok(kib * 1024)
}

/// CPU time that these processes and all below them have used, seconds.
#[expect(clippy::cast_precision_loss, reason = "seconds, for people")]
pub fn cpu_seconds(roots: &[i32]) -> f64 {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    let mut ticks: HashMap<i32, u64> = HashMap::new();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    for pid in entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()) {
        let Ok(text) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        // The name stands in parentheses and may hold anything.
        let fields: Vec<&str> = text.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        // utime, stime and those of children that ended.
        ticks.insert(pid, number(11) + number(12) + number(13) + number(14));
        if let Some(parent) = fields.get(1).and_then(|field| field.parse().ok()) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut open = roots.to_vec();
    let mut sum = 0;
    while let Some(pid) = open.pop() {
        sum += ticks.get(&pid).copied().unwrap_or(0);
        open.extend(children.get(&pid).into_iter().flatten());
    }
    let per_second = rustix::param::clock_ticks_per_second();
    sum as f64 / per_second as f64
}

/// The process with this name among what `sotto-dev state` told.
pub fn pid(found: Option<i32>, name: &str) -> Outcome<i32> {
    found.ok_or_else(|| Failure::new(format!("{name} has no process")))
}
