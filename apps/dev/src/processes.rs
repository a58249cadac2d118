//! Processes that outlive this program: started in a session of their own, found again by a pid file.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Signal};
use serde::{Deserialize, Serialize};

use crate::accounts::Account;
use crate::error::{Context, Failure, Result};
use crate::files;
use crate::layout::Layout;

const LARGEST_LOG: u64 = 64 * 1024 * 1024;
const POLL: Duration = Duration::from_millis(50);

/// A program to start.
pub struct Spec {
    /// The name of the part: pid file and log are called so.
    pub name: String,
    /// The program.
    pub program: PathBuf,
    /// Its arguments; no secrets, everybody can read them.
    pub args: Vec<OsString>,
    /// Its environment beside the inherited one.
    pub env: Vec<(String, String)>,
    /// The account it runs under, ours when `None`.
    pub account: Option<Account>,
}

/// A process that can't be confused with a later one of the same pid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The pid.
    pub pid: i32,
    /// When it began, in clock ticks since boot.
    started: u64,
    /// Which boot.
    boot: String,
}

impl Identity {
    /// The living process of this pid.
    fn of(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        Some(Self { pid, started: start_if_alive(&stat)?, boot: boot.trim().to_owned() })
    }

    fn lives(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let Some(pid) = Pid::from_raw(self.pid).filter(|_| self.lives()) else {
            return Ok(());
        };
        match rustix::process::kill_process(pid, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error).context(format!("signal to pid {}", self.pid)),
        }
    }
}

/// Starts a program unless it runs already. Says whether it had to.
pub fn start(layout: &Layout, spec: &Spec) -> Result<bool> {
    if find(layout, &spec.name).is_some() {
        return Ok(false);
    }
    let log = layout.log(&spec.name);
    if fs::metadata(&log).is_ok_and(|found| found.len() > LARGEST_LOG) {
        fs::rename(&log, log.with_extension("log.1")).context(log.display())?;
    }
    let out = OpenOptions::new().create(true).append(true).mode(0o640).open(&log).context(log.display())?;
    let err = out.try_clone().context(log.display())?;
    // setsid(1) execs in place: the pid stays, and a closed terminal ends nothing.
    let mut command = Command::new("setsid");
    command.arg(&spec.program).args(&spec.args).current_dir("/");
    scrub(&mut command);
    command.envs(spec.env.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(out).stderr(err);
    if let Some(account) = &spec.account {
        command.uid(account.uid).gid(account.gid);
    }
    let child = command.spawn().context(spec.program.display())?;
    let pid = i32::try_from(child.id()).context("pid")?;
    let Some(identity) = Identity::of(pid) else {
        return Err(ended(layout, &spec.name));
    };
    let text = serde_json::to_vec(&identity).context("pid file")?;
    files::replace(&layout.pid_file(&spec.name), &text, 0o600)?;
    Ok(true)
}

/// Takes what steers this program out of the environment of what it starts.
pub fn scrub(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if ours(&name.to_string_lossy()) {
            command.env_remove(&name);
        }
    }
}

/// Variables that steer this program and mean nothing, or something else, to what it starts.
fn ours(name: &str) -> bool {
    name == "DATABASE_URL" || name == "REDIS_URL" || name.starts_with("SOTTO_") || name.starts_with("PG")
}

/// The living process of a part.
pub fn find(layout: &Layout, name: &str) -> Option<Identity> {
    let bytes = fs::read(layout.pid_file(name)).ok()?;
    serde_json::from_slice::<Identity>(&bytes).ok().filter(Identity::lives)
}

/// The names of all parts that have a pid file.
pub fn names(layout: &Layout) -> Vec<String> {
    let entries = fs::read_dir(layout.dir.join("pids")).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".json")?.to_owned())).collect();
    names.sort();
    names
}

/// Sends a signal to a part, if it lives.
pub fn signal(layout: &Layout, name: &str, signal: Signal) -> Result<()> {
    find(layout, name).map_or(Ok(()), |identity| identity.signal(signal))
}

/// Ends a part: `gentle` first, SIGKILL after `patience`. Says whether there was one to end.
pub fn stop(layout: &Layout, name: &str, gentle: Signal, patience: Duration) -> Result<bool> {
    // Looked for before the signal: it may be gone right after.
    let found = find(layout, name);
    if let Some(identity) = &found {
        identity.signal(gentle)?;
    }
    end_of(layout, name, found, patience)
}

/// Waits for the end of a part that was asked to go; SIGKILL after `patience`. Says whether there was one.
pub fn await_end(layout: &Layout, name: &str, patience: Duration) -> Result<bool> {
    end_of(layout, name, find(layout, name), patience)
}

fn end_of(layout: &Layout, name: &str, found: Option<Identity>, patience: Duration) -> Result<bool> {
    let Some(identity) = found else {
        let _ = fs::remove_file(layout.pid_file(name));
        return Ok(false);
    };
    if !wait(patience, || !identity.lives()) {
        identity.signal(Signal::KILL)?;
        wait(Duration::from_secs(5), || !identity.lives());
    }
    if identity.lives() {
        return Err(Failure::new(format!("{name} (pid {}) does not end", identity.pid)));
    }
    fs::remove_file(layout.pid_file(name)).context("pid file")?;
    Ok(true)
}

/// Waits until a part is ready; fails as soon as its process has ended, with the end of its log.
pub fn await_ready(layout: &Layout, name: &str, patience: Duration, ready: impl Fn() -> bool) -> Result<()> {
    let answered = wait(patience, || find(layout, name).is_none() || ready());
    if find(layout, name).is_none() {
        return Err(ended(layout, name));
    }
    if !answered {
        let text =
            format!("{name} runs, but is not ready after {} s.\n{}", patience.as_secs(), last_words(layout, name));
        return Err(Failure::new(text));
    }
    Ok(())
}

fn ended(layout: &Layout, name: &str) -> Failure {
    Failure::new(format!("{name} ended right after its start.\n{}", last_words(layout, name)))
}

/// The end of a part's log, for an error message.
pub fn last_words(layout: &Layout, name: &str) -> String {
    let path = layout.log(name);
    let bytes = fs::read(&path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let end = lines[lines.len().saturating_sub(12)..].join("\n    ");
    format!("  The end of {}:\n    {end}", path.display())
}

/// Asks until `done` or the time is over; whether it was done.
pub fn wait(patience: Duration, mut done: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    loop {
        if done() {
            return true;
        }
        if began.elapsed() >= patience {
            return false;
        }
        std::thread::sleep(POLL);
    }
}

/// Raises the limit of open files to what this account may have: nodes and nginx inherit it. Returns the limit.
pub fn raise_open_files() -> u64 {
    let mut limit = rustix::process::getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where the hard limit is "unlimited" the kernel's own still binds: the present one stays then.
    let _ = rustix::process::setrlimit(Resource::Nofile, limit);
    rustix::process::getrlimit(Resource::Nofile).current.unwrap_or(1 << 20)
}

/// Field 22 of /proc/<pid>/stat (proc(5)), `None` for a zombie. The name in field 2 may hold spaces and brackets.
///
/// A zombie whose other threads still end (field 20) holds its ports: it counts as alive.
fn start_if_alive(stat: &str) -> Option<u64> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let threads: u32 = fields.get(17)?.parse().ok()?;
    if matches!(*fields.first()?, "Z" | "X") && threads <= 1 {
        return None;
    }
    fields.get(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::scratch;

    fn layout(name: &str) -> Layout {
        let dir = scratch(name);
        let layout = Layout { runtime: dir.clone(), dir };
        layout.create().unwrap();
        layout
    }

    fn sleeper() -> Spec {
        Spec {
            name: "sleeper".into(),
            program: "sleep".into(),
            args: vec!["60".into()],
            env: Vec::new(),
            account: None,
        }
    }

    #[test]
    fn a_running_part_is_kept_and_a_stopped_one_is_gone() {
        let layout = layout("keep");
        assert!(start(&layout, &sleeper()).unwrap());
        let first = find(&layout, "sleeper").unwrap();
        assert!(!start(&layout, &sleeper()).unwrap());
        assert_eq!(find(&layout, "sleeper"), Some(first));
        assert!(stop(&layout, "sleeper", Signal::TERM, Duration::from_secs(5)).unwrap());
        assert_eq!(find(&layout, "sleeper"), None);
        assert!(!stop(&layout, "sleeper", Signal::TERM, Duration::from_secs(5)).unwrap());
    }

    #[test]
    fn a_part_that_ends_at_once_was_there() {
        let layout = layout("at-once");
        start(&layout, &sleeper()).unwrap();
        let identity = find(&layout, "sleeper").unwrap();
        identity.signal(Signal::KILL).unwrap();
        assert!(wait(Duration::from_secs(5), || !identity.lives()));
        assert!(end_of(&layout, "sleeper", Some(identity), Duration::ZERO).unwrap());
        assert!(!layout.pid_file("sleeper").exists());
    }

    #[test]
    fn a_process_that_got_the_pid_later_is_left_alone() {
        let layout = layout("recycled");
        let mut other = Command::new("sleep").arg("60").spawn().unwrap();
        let mut old = Identity::of(i32::try_from(other.id()).unwrap()).unwrap();
        old.started -= 1;
        fs::write(layout.pid_file("node-1"), serde_json::to_vec(&old).unwrap()).unwrap();
        assert!(!stop(&layout, "node-1", Signal::KILL, Duration::ZERO).unwrap());
        assert!(other.try_wait().unwrap().is_none(), "the stranger must live");
        other.kill().unwrap();
        other.wait().unwrap();
    }

    #[test]
    fn a_program_that_ends_at_once_is_reported_with_its_log() {
        let layout = layout("ended");
        let spec = Spec { args: vec!["a week".into()], ..sleeper() };
        let error = start(&layout, &spec)
            .and_then(|_| await_ready(&layout, "sleeper", Duration::from_secs(5), || false))
            .unwrap_err();
        assert!(error.to_string().contains("a week"), "{error}");
    }

    #[test]
    fn the_start_is_read_behind_a_name_with_brackets_and_spaces() {
        let tail = (4..22).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(start_if_alive(&format!("7 (a) b) S {tail} 4711 0")), Some(4711));
    }

    #[test]
    fn a_zombie_is_alive_while_its_threads_end() {
        let stat = |threads: u32| {
            let before = (4..20).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
            format!("7 (a) Z {before} {threads} 21 4711 0")
        };
        assert_eq!(start_if_alive(&stat(1)), None);
        assert_eq!(start_if_alive(&stat(3)), Some(4711));
    }
}
