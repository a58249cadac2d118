//! The account's key backup: begun, read and continued in a task of its own.

use std::{
    sync::{
        Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sotto_e2ee::{BackupStanding, E2eeError, Machine};
use sotto_protocol::{
    ProblemCode,
    backup::{Backup, PutBackupRequest, PutBackupSessionsRequest, PutRecoveryKeyRequest, RecoveryPublicKey},
    limits::{MAX_BACKUP_SESSIONS, MAX_BACKUP_SESSIONS_PER_PAGE},
};
use tokio::sync::{Mutex, Notify};

use crate::{
    SdkError, SdkResult,
    core::Core,
    environment::full_jitter,
    shared::{Shared, Wanted},
};

/// How often new sessions are looked for.
const TICK: Duration = Duration::from_secs(2);
/// The longest wait after failures.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Steps from no backup at all to one that takes sessions, with others that are faster in between.
const STEPS: usize = 4;

/// What the task and its callers share.
#[derive(Default)]
pub(crate) struct Keeper {
    /// One at a time.
    one: Mutex<()>,
    /// What the server has is to be looked at (again).
    look: AtomicBool,
    due: Notify,
}

impl Keeper {
    /// Has the descriptor read again, soon.
    pub(crate) fn look(&self) {
        self.look.store(true, Ordering::Relaxed);
        self.due.notify_one();
    }
}

/// What the server's state asks of this device.
enum Due {
    Nothing,
    Begin,
}

/// Runs until the client is shut down or gone.
pub(crate) async fn run(client: Weak<Shared>) {
    let mut failures = 0;
    loop {
        let Some(shared) = client.upgrade() else { return };
        let mut wanted = shared.wanted.subscribe();
        if *wanted.borrow_and_update() == Wanted::Shutdown {
            return;
        }
        let online = shared.core.lock().await.online.is_some();
        let outcome = if online { shared.tend_backup().await } else { Ok(()) };
        let wait = match outcome {
            Ok(()) => {
                failures = 0;
                TICK
            }
            Err(error) => {
                tracing::debug!(%error, "the backup waits");
                failures += 1;
                TICK + full_jitter(&mut shared.environment.rng(), TICK, LONGEST_WAIT, failures)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = shared.backup.due.notified() => {}
            _ = wanted.changed() => {}
        }
    }
}

impl Shared {
    /// Brings the backup up to date, as far as this device can.
    pub(crate) async fn tend_backup(&self) -> SdkResult<()> {
        let _one = self.backup.one.lock().await;
        if self.backup.look.swap(false, Ordering::Relaxed)
            && let Err(error) = self.look_at_backup().await
        {
            self.backup.look.store(true, Ordering::Relaxed);
            return Err(error);
        }
        self.read_backup().await?;
        self.share_backup().await?;
        self.write_backup().await
    }

    /// Reads the descriptor, and begins a backup when there is none that counts.
    async fn look_at_backup(&self) -> SdkResult<()> {
        for _ in 0..STEPS {
            if !self.core.lock().await.machine.holds_self_signing_key() {
                return Ok(());
            }
            let state = self.published_backup().await?;
            let due = {
                let mut core = self.core.lock().await;
                let due = judge(&mut core.machine, &state);
                core.commit().await?;
                due
            };
            match due {
                Due::Nothing => return Ok(()),
                Due::Begin => match self.begin_backup(state.version).await {
                    // Another device was first: look at what it made.
                    Err(error) if error.code() == Some(ProblemCode::ChainConflict) => {}
                    other => return other,
                },
            }
        }
        Err(SdkError::Endless("backup's state"))
    }

    /// The server's state of the backup, once the account's first recovery key is there: what takes its place has to follow
    /// it, and a device that was just registered may not have published it yet.
    pub(crate) async fn settled_backup(&self) -> SdkResult<Backup> {
        let _one = self.backup.one.lock().await;
        self.published_backup().await
    }

    async fn published_backup(&self) -> SdkResult<Backup> {
        let mut state = self.http.get_backup().await?;
        let first = first_key(&self.core.lock().await.machine, &state).cloned();
        if let Some(recovery_key) = first {
            let request = PutRecoveryKeyRequest { recovery_key, recovery_bundle: None };
            self.http.put_recovery_key(&request).await?;
            state = self.http.get_backup().await?;
        }
        Ok(state)
    }

    async fn begin_backup(&self, newest: i64) -> SdkResult<()> {
        let descriptor = {
            let mut core = self.core.lock().await;
            let Core { machine, rng, .. } = &mut *core;
            let descriptor = machine.start_backup(newest, rng)?;
            core.commit().await?;
            descriptor
        };
        let outcome = self.http.put_backup(&PutBackupRequest { descriptor }).await;
        let mut core = self.core.lock().await;
        match &outcome {
            Ok(_) => core.machine.backup_begun(),
            Err(error) if error.is_refusal() => core.machine.backup_given_up(),
            // The same bytes again, later.
            Err(_) => {}
        }
        core.commit().await?;
        outcome.map(drop)
    }

    /// Reads all sessions, once a version: events that waited for one of them are shown.
    pub(crate) async fn read_backup(&self) -> SdkResult<()> {
        let Some(version) = self.core.lock().await.machine.backup_to_read() else { return Ok(()) };
        let mut after = None;
        for _ in 0..=MAX_BACKUP_SESSIONS / MAX_BACKUP_SESSIONS_PER_PAGE {
            let page = match self.http.list_backup_sessions(version, after.as_deref()).await {
                Err(error) if error.code() == Some(ProblemCode::ChainConflict) => return Err(self.outdated(error)),
                page => page?,
            };
            let now_ms = self.now_ms();
            let mut core = self.core.lock().await;
            let import = core.machine.receive_backup(&page.sessions, now_ms)?;
            if !import.refused.is_empty() {
                tracing::warn!(
                    version,
                    refused = import.refused.len(),
                    "the backup holds what this account did not write"
                );
            }
            for event in import.events {
                core.take_outcome(event, 0);
            }
            if page.next.is_none() {
                core.machine.backup_read(version);
            }
            core.commit().await?;
            self.tells.notify_one();
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
        Err(SdkError::Endless("backup"))
    }

    /// The server has another version by now: it is looked at next time, after the pause of a failure, since a server may
    /// say so for ever.
    fn outdated(&self, error: SdkError) -> SdkError {
        self.backup.look.store(true, Ordering::Relaxed);
        error
    }

    /// Gives the key to other own devices that this one has not given it to.
    async fn share_backup(&self) -> SdkResult<()> {
        let mut core = self.core.lock().await;
        match core.machine.share_backup_key() {
            Ok(Some(_)) => {
                core.commit().await?;
                self.sends.notify_one();
                Ok(())
            }
            Ok(None) | Err(E2eeError::NoBackupKey) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn write_backup(&self) -> SdkResult<()> {
        loop {
            let (version, sessions) = {
                let mut core = self.core.lock().await;
                if !core.machine.backup_lacks() {
                    return Ok(());
                }
                let Core { machine, rng, .. } = &mut *core;
                (machine.backup_version(), machine.backup_entries(page_size(), rng)?)
            };
            let request = PutBackupSessionsRequest { sessions };
            match self.http.put_backup_sessions(version, &request).await {
                Err(error) if error.code() == Some(ProblemCode::ChainConflict) => return Err(self.outdated(error)),
                answer => answer?,
            };
            let mut core = self.core.lock().await;
            core.machine.backup_stored(version, &request.sessions);
            core.commit().await?;
        }
    }

    /// On a device that was just recovered: the backup's key, and all that it opens.
    pub(crate) async fn restore_backup(&self, recovery_key: &sotto_e2ee::RecoveryKey) -> SdkResult<()> {
        let _one = self.backup.one.lock().await;
        let state = self.http.get_backup().await?;
        let (Some(published), Some(descriptor)) = (&state.recovery_key, &state.descriptor) else { return Ok(()) };
        {
            let mut core = self.core.lock().await;
            let standing = core.machine.receive_backup_descriptor(published, descriptor);
            if standing == BackupStanding::NoKey {
                core.machine.open_backup(recovery_key)?;
            }
            core.commit().await?;
        }
        self.read_backup().await
    }
}

fn page_size() -> usize {
    usize::try_from(MAX_BACKUP_SESSIONS_PER_PAGE).unwrap_or(usize::MAX)
}

fn judge(machine: &mut Machine, state: &Backup) -> Due {
    let Some(published) = &state.recovery_key else { return Due::Nothing };
    let Some(descriptor) = &state.descriptor else {
        return if machine.receive_recovery_key(published) { Due::Begin } else { Due::Nothing };
    };
    match machine.receive_backup_descriptor(published, descriptor) {
        BackupStanding::AuthorLeft => Due::Begin,
        BackupStanding::Held | BackupStanding::NoKey if machine.backup_is_outdated() => Due::Begin,
        _ => Due::Nothing,
    }
}

/// The account's first recovery key, if the server never had one.
fn first_key<'m>(machine: &'m Machine, state: &Backup) -> Option<&'m RecoveryPublicKey> {
    machine.recovery_public_key().filter(|_| state.recovery_key.is_none() && state.recovery_version == 0)
}
