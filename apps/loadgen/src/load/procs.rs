//! What processes use: CPU, memory, descriptors, threads; each server's apart.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
};

use serde::{Deserialize, Serialize};

use crate::cluster::State;

/// What a part of the cluster uses. A part is a process with all below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Since the processes began, seconds.
    pub cpu_s: f64,
    /// Proportional set size: what is shared counts in parts. Bytes.
    pub pss: u64,
    /// Resident set size, bytes.
    pub rss: u64,
    pub descriptors: u64,
    pub threads: u64,
}

/// Parts by name, with the processes they begin with.
#[derive(Clone, Debug)]
pub struct Watch(Vec<(String, i32)>);

/// All parts at one moment.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Look {
    pub at_ns: u64,
    pub parts: BTreeMap<String, Usage>,
}

/// What `nodes`, `postgres`, `redis`, `nginx` and `generators` used between two moments, CPU seconds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Spent(pub BTreeMap<String, f64>);

impl Watch {
    /// Every server of the cluster, and generators.
    pub fn new(state: &State, generators: &[i32]) -> Self {
        let services = state.pids.iter().filter_map(|(name, pid)| Some((name.clone(), (*pid)?)));
        let nodes = state.nodes.iter().filter_map(|node| Some((node.name.clone(), node.pid?)));
        let generators = generators.iter().enumerate().map(|(at, pid)| (format!("generator-{at}"), *pid));
        Self(services.chain(nodes).chain(generators).collect())
    }

    /// Looks; `closely` also at memory and descriptors, which costs more.
    pub fn look(&self, closely: bool) -> Look {
        let table = Table::read();
        let parts = self.0.iter().map(|(name, root)| {
            let mut usage = Usage::default();
            for pid in table.family(*root) {
                usage.cpu_s += table.seconds(pid);
                if closely {
                    add_memory(&mut usage, pid);
                }
            }
            (name.clone(), usage)
        });
        Look { at_ns: super::clock::now_ns(), parts: parts.collect() }
    }
}

impl Look {
    /// What was spent since an earlier look, by kind of server.
    pub fn since(&self, before: &Self) -> Spent {
        let mut spent: BTreeMap<String, f64> = BTreeMap::new();
        for (name, usage) in &self.parts {
            let earlier = before.parts.get(name).map_or(0.0, |usage| usage.cpu_s);
            *spent.entry(kind(name).to_owned()).or_default() += (usage.cpu_s - earlier).max(0.0);
        }
        Spent(spent)
    }

    /// All parts of a kind together.
    pub fn of(&self, wanted: &str) -> Usage {
        let parts = self.parts.iter().filter(|(name, _)| kind(name) == wanted).map(|(_, usage)| *usage);
        parts.fold(Usage::default(), |sum, one| Usage {
            cpu_s: sum.cpu_s + one.cpu_s,
            pss: sum.pss + one.pss,
            rss: sum.rss + one.rss,
            descriptors: sum.descriptors + one.descriptors,
            threads: sum.threads + one.threads,
        })
    }
}

impl Spent {
    /// Of all servers; not of the generators.
    pub fn servers(&self) -> f64 {
        self.0.iter().filter(|(name, _)| *name != "generators").map(|(_, seconds)| seconds).sum()
    }

    /// `nodes 0.04, postgres 0.03, ..` for a thousand of something.
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    pub fn per_thousand(&self, count: u64) -> BTreeMap<String, f64> {
        let each = |seconds: f64| (seconds * 1e6 / count.max(1) as f64).round() / 1e3;
        let all = self.0.iter().map(|(name, seconds)| (name.clone(), each(*seconds)));
        all.chain([("servers".to_owned(), each(self.servers()))]).collect()
    }
}

fn kind(name: &str) -> &str {
    if name.starts_with("node-") {
        "nodes"
    } else if name.starts_with("generator-") {
        "generators"
    } else {
        name
    }
}

/// All processes of the machine.
struct Table {
    children: HashMap<i32, Vec<i32>>,
    ticks: HashMap<i32, u64>,
}

impl Table {
    fn read() -> Self {
        let mut table = Self { children: HashMap::new(), ticks: HashMap::new() };
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        for pid in entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()) {
            let Ok(text) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
            if let Some((parent, ticks)) = stat(&text) {
                table.ticks.insert(pid, ticks);
                table.children.entry(parent).or_default().push(pid);
            }
        }
        table
    }

    fn family(&self, root: i32) -> Vec<i32> {
        let (mut open, mut all) = (vec![root], Vec::new());
        while let Some(pid) = open.pop() {
            all.push(pid);
            open.extend(self.children.get(&pid).into_iter().flatten());
        }
        all
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds, for people")]
    fn seconds(&self, pid: i32) -> f64 {
        self.ticks.get(&pid).copied().unwrap_or(0) as f64 / rustix::param::clock_ticks_per_second() as f64
    }
}

/// Parent and CPU ticks, those of ended children included, of a line of proc(5) stat.
fn stat(text: &str) -> Option<(i32, u64)> {
    // The name stands in parentheses and may hold anything.
    let fields: Vec<&str> = text.rsplit(") ").next()?.split(' ').collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    Some((fields.get(1)?.parse().ok()?, number(11) + number(12) + number(13) + number(14)))
}

fn add_memory(usage: &mut Usage, pid: i32) {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let bytes = |name: &str| field(&text, name) * 1024;
    usage.rss += bytes("Rss:");
    usage.pss += bytes("Pss:");
    usage.descriptors += fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, |entries| entries.count() as u64);
    usage.threads += field(&fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default(), "Threads:");
}

fn field(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_does_not_move_the_fields() {
        let text = "12 (a (b) c) S 7 12 12 0 -1 4194304 100 0 0 0 5 6 1 2 20 0 1 0 100 0 0";
        assert_eq!(stat(text), Some((7, 14)));
    }

    #[test]
    fn this_process_is_found_with_its_memory_and_descriptors() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let look = Watch(vec![("node-1".into(), pid)]).look(true);
        let usage = look.of("nodes");
        assert!(usage.rss > 100_000 && usage.pss > 0 && usage.descriptors >= 3 && usage.threads >= 1, "{usage:?}");
    }

    #[test]
    fn what_was_spent_is_told_by_kind_and_without_generators() {
        let look = |cpu_s: f64| {
            let usage = Usage { cpu_s, ..Usage::default() };
            let names = ["node-1", "node-2", "postgres", "generator-0"];
            Look { at_ns: 0, parts: names.into_iter().map(|name| (name.to_owned(), usage)).collect() }
        };
        let spent = look(3.0).since(&look(1.0));
        assert_eq!((spent.0["nodes"], spent.0["postgres"], spent.0["generators"]), (4.0, 2.0, 2.0));
        assert!((spent.servers() - 6.0).abs() < 1e-9);
        assert!((spent.per_thousand(100_000)["servers"] - 0.06).abs() < 1e-9);
    }
}
