//! A Redis of the cluster's own. It keeps nothing: what must last is in PostgreSQL.

use std::time::Duration;

use rustix::process::Signal;

use crate::error::Result;
use crate::layout::Layout;
use crate::processes::{self, Spec};
use crate::{accounts, files, http, packages, progress};

/// The part's name.
pub const NAME: &str = "redis";
const PATIENCE: Duration = Duration::from_secs(20);

/// Redis under a layout.
pub struct Redis<'a> {
    /// Where.
    pub layout: &'a Layout,
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// How many databases it has. The nodes use the first one.
    pub databases: u16,
}

impl Redis<'_> {
    /// Starts it if it does not run.
    pub fn up(&self) -> Result<()> {
        if processes::find(self.layout, NAME).is_some() {
            progress::line(NAME, &format!("runs on 127.0.0.1:{}", self.port));
            return Ok(());
        }
        let step = progress::begin(NAME, &format!("starting on 127.0.0.1:{}", self.port));
        let account = accounts::for_service(&["redis"])?;
        let home = self.layout.service(NAME);
        files::folder(&home, 0o700, account.as_ref())?;
        let config = home.join("redis.conf");
        files::replace_for(&config, self.settings()?.as_bytes(), 0o600, account.as_ref())?;
        let program = packages::find("redis-server")?;
        let spec = Spec { name: NAME.into(), program, args: vec![config.into()], env: Vec::new(), account };
        processes::start(self.layout, &spec)?;
        processes::await_ready(self.layout, NAME, PATIENCE, || answers(self.port))?;
        step.done("ready");
        Ok(())
    }

    /// Its address, with its password.
    pub fn url(&self) -> Result<String> {
        Ok(format!("redis://default:{}@127.0.0.1:{}/0", self.password()?, self.port))
    }

    fn password(&self) -> Result<String> {
        files::secret(&self.layout.secret(NAME))
    }

    fn settings(&self) -> Result<String> {
        Ok(format!(
            "# Written at every start by sotto-dev.\n\
             bind 127.0.0.1\n\
             port {port}\n\
             databases {databases}\n\
             protected-mode yes\n\
             requirepass {password}\n\
             dir \"{home}\"\n\
             daemonize no\n\
             save \"\"\n\
             appendonly no\n\
             maxmemory-policy noeviction\n\
             maxclients 2000\n\
             client-output-buffer-limit pubsub 128mb 64mb 30\n",
            port = self.port,
            databases = self.databases,
            password = self.password()?,
            home = self.layout.service(NAME).display(),
        ))
    }
}

/// Ends the Redis of a layout.
pub fn stop(layout: &Layout) -> Result<bool> {
    processes::stop(layout, NAME, Signal::TERM, PATIENCE)
}

/// Whether Redis answers here; that it wants a password first is an answer.
pub fn answers(port: u16) -> bool {
    http::exchange(port, b"PING\r\nQUIT\r\n", 1024)
        .is_some_and(|text| text.starts_with("+PONG") || text.starts_with("-NOAUTH"))
}
