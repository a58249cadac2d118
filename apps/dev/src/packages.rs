//! The programs of other people that a cluster needs, installed with apt-get where they are missing.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::accounts;
use crate::error::{Context, Failure, Result};
use crate::progress;

const INSTALL: &str = include_str!("../../../scripts/install-packages.sh");

/// A Debian package and how to see that it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Package {
    /// PostgreSQL.
    Postgres,
    /// Redis.
    Redis,
    /// nginx.
    Nginx,
}

impl Package {
    fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::Redis => "redis-server",
            Self::Nginx => "nginx",
        }
    }

    fn present(self) -> bool {
        match self {
            Self::Postgres => postgres_bin(None).is_ok(),
            Self::Redis => find("redis-server").is_ok(),
            Self::Nginx => find("nginx").is_ok(),
        }
    }
}

/// Installs those of the packages that are missing.
pub fn ensure(wanted: &[Package]) -> Result<()> {
    let missing: Vec<&str> = wanted.iter().filter(|package| !package.present()).map(|package| package.name()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if find("apt-get").is_err() {
        return Err(Failure::new(format!(
            "please install {list}: this program only knows how to on Debian and Ubuntu"
        )));
    }
    let step = progress::begin("packages", &format!("installing {list} with apt-get; their services are not started"));
    let output = installer()
        .ok_or_else(|| Failure::new(format!("{list} missing. Install them as root: apt-get install {list}")))?
        .args(["-c", INSTALL, "install-packages"])
        .args(&missing)
        .stdin(std::process::Stdio::inherit())
        .stdout(std::io::stderr())
        .status()
        .context("apt-get")?;
    match wanted.iter().find(|package| !package.present()) {
        None => step.done("installed"),
        Some(package) => {
            return Err(Failure::new(format!("apt-get ({output}) did not bring {}: see above", package.name())));
        }
    }
    Ok(())
}

/// A shell with root's power: directly, or through sudo, which asks only where somebody can answer.
fn installer() -> Option<Command> {
    if accounts::is_root() {
        return Some(Command::new("sh"));
    }
    let mut command = Command::new(find("sudo").ok()?);
    if !std::io::stdin().is_terminal() {
        command.arg("-n");
    }
    command.arg("sh");
    Some(command)
}

/// A program in PATH or in the folders of system programs, which an ordinary user's PATH lacks on Debian.
pub fn find(program: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/bin", "/sbin", "/usr/local/bin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(system)
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| Failure::new(format!("{program} is not installed")))
}

/// The folder with PostgreSQL's programs: of this major version, or the newest.
pub fn postgres_bin(version: Option<u32>) -> Result<PathBuf> {
    newest_postgres(Path::new("/usr/lib/postgresql"), version)
        .or_else(|| find("postgres").ok().filter(|_| version.is_none())?.parent().map(Path::to_owned))
        .ok_or_else(|| match version {
            Some(version) => {
                Failure::new(format!("the data were made by PostgreSQL {version}, which is not installed"))
            }
            None => Failure::new("PostgreSQL is not installed"),
        })
}

fn newest_postgres(folder: &Path, version: Option<u32>) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    entries
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))))
        .filter(|(found, bin)| version.is_none_or(|wanted| wanted == *found) && bin.join("initdb").is_file())
        .max()
        .map(|(_, bin)| bin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::scratch;

    #[test]
    fn the_newest_postgres_is_taken_unless_data_ask_for_another() {
        let dir = scratch("versions");
        for version in ["9", "15", "17"] {
            fs::create_dir_all(dir.join(version).join("bin")).unwrap();
            fs::write(dir.join(version).join("bin/initdb"), "").unwrap();
        }
        assert_eq!(newest_postgres(&dir, None), Some(dir.join("17/bin")));
        assert_eq!(newest_postgres(&dir, Some(15)), Some(dir.join("15/bin")));
        assert_eq!(newest_postgres(&dir, Some(16)), None);
    }
}
