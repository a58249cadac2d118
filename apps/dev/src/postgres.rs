//! A PostgreSQL of the cluster's own: data, port, socket and passwords.

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use crate::accounts::{self, Account};
use crate::error::{Context, Failure, Result};
use crate::layout::Layout;
use crate::processes::{self, Spec};
use crate::{files, packages, progress};

/// The part's name.
pub const NAME: &str = "postgres";
const ROLE: &str = "sotto";
const PATIENCE: Duration = Duration::from_mins(1);

/// How much the data matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Commits are on disk; the role owns its database and nothing else.
    Cluster,
    /// Nothing is synced, the role may do everything: for tests.
    Tests,
}

/// PostgreSQL under a layout.
pub struct Postgres<'a> {
    /// Where.
    pub layout: &'a Layout,
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// What for.
    pub purpose: Purpose,
}

impl Postgres<'_> {
    /// Starts it if it does not run, making data, role and database at the first time.
    pub fn up(&self) -> Result<()> {
        let runs = processes::find(self.layout, NAME).is_some();
        let verb = if runs { "runs" } else { "starting" };
        let step = progress::begin(NAME, &format!("{verb} on 127.0.0.1:{}", self.port));
        let bin = packages::postgres_bin(data_version(&self.data())?)?;
        if !runs {
            self.start(&bin)?;
        }
        processes::await_ready(self.layout, NAME, PATIENCE, || answers(self.port) && !self.recovers(&bin))?;
        // Also when it ran: the command that started it may have been ended before this.
        self.sql(&bin, &self.bootstrap()?)?;
        step.done("ready");
        Ok(())
    }

    fn start(&self, bin: &Path) -> Result<()> {
        let account = accounts::for_service(&["postgres"])?;
        let home = self.layout.service(NAME);
        files::folder(&home, 0o700, account.as_ref())?;
        files::folder(&home.join("run"), 0o700, account.as_ref())?;
        if !self.data().exists() {
            self.init(bin, account.as_ref())?;
        }
        files::replace_for(&self.data().join("sotto.conf"), self.settings().as_bytes(), 0o600, account.as_ref())?;
        let spec = Spec {
            name: NAME.into(),
            program: bin.join("postgres"),
            args: vec!["-D".into(), self.data().into()],
            env: vec![("LC_ALL".into(), "C.UTF-8".into()), ("TZ".into(), "UTC".into())],
            account,
        };
        processes::start(self.layout, &spec).map(drop)
    }

    /// The address of the application's database, with its password.
    pub fn url(&self) -> Result<String> {
        let password = files::secret(&self.layout.secret("postgres-role"))?;
        Ok(format!("postgres://{ROLE}:{password}@127.0.0.1:{}/{ROLE}", self.port))
    }

    fn data(&self) -> PathBuf {
        self.layout.service(NAME).join("data")
    }

    /// initdb into a draft that is renamed when it is whole: a half-made one is never taken for data.
    fn init(&self, bin: &Path, account: Option<&Account>) -> Result<()> {
        let home = self.layout.service(NAME);
        let draft = home.join("data.draft");
        let password_file = home.join("password");
        let _ = fs::remove_dir_all(&draft);
        let password = files::secret(&self.layout.secret("postgres-admin"))?;
        files::replace_for(&password_file, password.as_bytes(), 0o600, account)?;
        let mut command = Command::new(bin.join("initdb"));
        command.arg("-D").arg(&draft).arg("--pwfile").arg(&password_file);
        command.args(["-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]);
        if self.purpose == Purpose::Tests {
            command.arg("--no-sync");
        }
        if let Some(account) = account {
            command.uid(account.uid).gid(account.gid);
        }
        let output = command.current_dir("/").env("TZ", "UTC").output().context("initdb")?;
        let _ = fs::remove_file(&password_file);
        if !output.status.success() {
            return Err(Failure::new(format!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim())));
        }
        let main = draft.join("postgresql.conf");
        let mut file = fs::OpenOptions::new().append(true).open(&main).context(main.display())?;
        file.write_all(b"\ninclude = 'sotto.conf'\n").context(main.display())?;
        fs::rename(&draft, self.data()).context(draft.display())
    }

    fn settings(&self) -> String {
        let sync = if self.purpose == Purpose::Cluster { "on" } else { "off" };
        let cache_mb = (total_memory_mb() / 8).clamp(64, 512);
        let socket = self.layout.service(NAME).join("run");
        format!(
            "# Written at every start by sotto-dev.\n\
             listen_addresses = '127.0.0.1'\n\
             port = {port}\n\
             unix_socket_directories = '{socket}'\n\
             max_connections = 200\n\
             password_encryption = 'scram-sha-256'\n\
             shared_buffers = {cache_mb}MB\n\
             work_mem = 8MB\n\
             maintenance_work_mem = 128MB\n\
             fsync = {sync}\n\
             synchronous_commit = {sync}\n\
             full_page_writes = {sync}\n\
             wal_compression = on\n\
             max_wal_size = 2GB\n\
             checkpoint_timeout = 15min\n\
             random_page_cost = 1.1\n\
             jit = off\n\
             autovacuum_naptime = 10s\n\
             tcp_keepalives_idle = 5\n\
             tcp_keepalives_interval = 2\n\
             tcp_keepalives_count = 3\n\
             timezone = 'UTC'\n\
             log_timezone = 'UTC'\n\
             log_checkpoints = off\n\
             # Statements and the rows in error details stay out of the log.\n\
             log_error_verbosity = terse\n\
             log_min_error_statement = panic\n\
             log_parameter_max_length = 0\n\
             log_parameter_max_length_on_error = 0\n",
            port = self.port,
            socket = socket.display(),
        )
    }

    fn bootstrap(&self) -> Result<String> {
        let password = files::secret(&self.layout.secret("postgres-role"))?;
        let power = if self.purpose == Purpose::Tests { "SUPERUSER" } else { "NOSUPERUSER" };
        Ok(format!(
            "SELECT 'CREATE ROLE {ROLE}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') \\gexec\n\
             ALTER ROLE {ROLE} LOGIN {power} PASSWORD '{password}';\n\
             SELECT 'CREATE DATABASE {ROLE} OWNER {ROLE}' \
             WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{ROLE}') \\gexec\n"
        ))
    }

    /// Whether it still replays its log after a crash; any other refusal is for the next statement to report.
    fn recovers(&self, bin: &Path) -> bool {
        self.sql(bin, "SELECT 1").is_err_and(|failure| failure.to_string().contains("the database system is"))
    }

    /// Runs SQL as the administrator; passwords go by environment and standard input, never as arguments.
    fn sql(&self, bin: &Path, sql: &str) -> Result<()> {
        let mut child = Command::new(bin.join("psql"))
            .args(["-X", "-q", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres", "-d", "postgres"])
            .args(["-p", &self.port.to_string()])
            .env("PGPASSWORD", files::secret(&self.layout.secret("postgres-admin"))?)
            .env("PGCONNECT_TIMEOUT", "2")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("psql")?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(sql.as_bytes()).context("psql")?;
        }
        let output = child.wait_with_output().context("psql")?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(Failure::new(format!("PostgreSQL on port {} refuses: {}", self.port, said.trim())))
    }
}

/// Ends the PostgreSQL of a layout in good order: open transactions are rolled back, the data are synced.
pub fn stop(layout: &Layout) -> Result<bool> {
    processes::stop(layout, NAME, Signal::INT, PATIENCE)
}

/// Ends it as a crash would; it recovers from its log at the next start. SIGKILL would leave its children behind.
pub fn crash(layout: &Layout) -> Result<bool> {
    processes::stop(layout, NAME, Signal::QUIT, Duration::from_secs(10))
}

/// Whether PostgreSQL answers here, by an `SSLRequest` (protocol 3.0), which needs no account.
pub fn answers(port: u16) -> bool {
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
    crate::http::exchange(port, &SSL_REQUEST, 1).is_some_and(|answer| answer == "N" || answer == "S")
}

fn data_version(data: &Path) -> Result<Option<u32>> {
    let text = files::read(&data.join("PG_VERSION"))?;
    Ok(text.and_then(|text| text.trim().parse().ok()))
}

fn total_memory_mb() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).map_or(1024, |kb| kb / 1024)
}
