//! Where everything of a cluster lies on disk.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use crate::accounts;
use crate::error::{Context, Result};
use crate::files;

/// A UNIX socket's path may have 107 bytes; this leaves room for `/postgres/run/.s.PGSQL.65535`.
const LONGEST_RUNTIME: usize = 75;

/// The folders of a cluster.
#[derive(Clone, Debug)]
pub struct Layout {
    /// What people call it: `.sotto`, as an absolute path. Secrets, keys and the state are here.
    pub dir: PathBuf,
    /// What services of other accounts must reach: data, logs. Usually `dir` itself.
    pub runtime: PathBuf,
}

impl Layout {
    /// The layout for a folder that may not exist yet; touches nothing.
    pub fn at(dir: &Path) -> Result<Self> {
        let dir = std::path::absolute(dir).context(dir.display())?;
        let runtime = if fits(&dir) { dir.clone() } else { fallback(&dir) };
        Ok(Self { dir, runtime })
    }

    /// Makes the folders, each with the least mode that works.
    pub fn create(&self) -> Result<()> {
        let open = if accounts::is_root() { 0o711 } else { 0o700 };
        if let Some(parent) = self.dir.parent() {
            fs::create_dir_all(parent).context(parent.display())?;
        }
        files::folder(&self.dir, open, None)?;
        files::folder(&self.dir.join("secrets"), 0o700, None)?;
        files::folder(&self.dir.join("pids"), 0o700, None)?;
        files::folder(&self.runtime, open, None)?;
        files::folder(&self.runtime.join("logs"), open, None)?;
        if self.runtime != self.dir {
            for name in ["logs", "postgres", "redis", "nginx"] {
                point(&self.dir.join(name), &self.runtime.join(name))?;
            }
        }
        Ok(())
    }

    /// The state of the last `up`.
    pub fn state_file(&self) -> PathBuf {
        self.dir.join("state.json")
    }

    /// The file of a secret.
    pub fn secret(&self, name: &str) -> PathBuf {
        self.dir.join("secrets").join(name)
    }

    /// The server's signing keys.
    pub fn keys(&self) -> PathBuf {
        self.dir.join("keys")
    }

    /// Which process runs a part.
    pub fn pid_file(&self, name: &str) -> PathBuf {
        self.dir.join("pids").join(format!("{name}.json"))
    }

    /// Where a part writes its log.
    pub fn log(&self, name: &str) -> PathBuf {
        self.logs().join(format!("{name}.log"))
    }

    /// All logs.
    pub fn logs(&self) -> PathBuf {
        self.runtime.join("logs")
    }

    /// What a service keeps.
    pub fn service(&self, name: &str) -> PathBuf {
        self.runtime.join(name)
    }
}

/// Whether services can work below this folder: short enough for sockets and, for root, open to other accounts.
fn fits(dir: &Path) -> bool {
    dir.as_os_str().len() <= LONGEST_RUNTIME && (!accounts::is_root() || dir.ancestors().skip(1).all(passable))
}

/// A folder that does not exist yet will be ours and passable.
fn passable(dir: &Path) -> bool {
    fs::metadata(dir).map_or(true, |found| found.mode() & 0o001 != 0)
}

/// A short path that only this cluster uses. Some systems sweep /var/tmp, so root, who can, keeps data elsewhere.
fn fallback(dir: &Path) -> PathBuf {
    let home = if accounts::is_root() { "/var/lib" } else { "/var/tmp" };
    PathBuf::from(format!("{home}/sotto-{:016x}", fnv1a(dir.as_os_str().as_encoded_bytes())))
}

/// FNV-1a, 64 bits: stable across builds, and nothing depends on its being hard to collide but a folder's name.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn point(link: &Path, target: &Path) -> Result<()> {
    match fs::read_link(link) {
        Ok(found) if found == target => return Ok(()),
        Ok(_) => fs::remove_file(link).context(link.display())?,
        Err(_) => {}
    }
    symlink(target, link).context(link.display())
}

/// An empty folder for one test.
#[cfg(test)]
pub fn scratch(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("sotto-dev-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_too_long_for_sockets_is_replaced_by_a_short_one_of_its_own() {
        let long = PathBuf::from(format!("/tmp/{}", "x".repeat(90)));
        let layout = Layout::at(&long).unwrap();
        assert_eq!(layout.dir, long);
        assert!(layout.runtime.starts_with("/var") && fits(&layout.runtime), "{}", layout.runtime.display());
        assert_ne!(layout.runtime, Layout::at(&long.join("y")).unwrap().runtime);
    }

    #[test]
    fn links_lead_from_the_folder_people_know_to_the_one_services_use() {
        let dir = scratch("layout");
        let layout = Layout { dir: dir.join("a"), runtime: dir.join("b") };
        layout.create().unwrap();
        layout.create().unwrap();
        assert_eq!(fs::read_link(layout.dir.join("logs")).unwrap(), layout.logs());
    }
}
