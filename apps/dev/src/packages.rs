//! The programs of other people that a cluster needs, installed with apt-get where they are missing.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
    /// nginx's module that sends `.br` files. Without it they are sent gzipped.
    Brotli,
}

/// Where Debian and Ubuntu put nginx's module.
pub const BROTLI_MODULE: &str = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so";

impl Package {
    fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::Redis => "redis-server",
            Self::Nginx => "nginx",
            Self::Brotli => "libnginx-mod-http-brotli-static",
        }
    }

    /// As the installing script is told of it: a question mark goes before what the cluster works without.
    fn argument(self) -> String {
        if self.is_optional() { format!("?{}", self.name()) } else { self.name().to_owned() }
    }

    fn is_optional(self) -> bool {
        self == Self::Brotli
    }

    fn present(self) -> bool {
        match self {
            Self::Postgres => postgres_bin(None).is_ok(),
            Self::Redis => find("redis-server").is_ok(),
            Self::Nginx => find("nginx").is_ok(),
            Self::Brotli => Path::new(BROTLI_MODULE).is_file(),
        }
    }
}

/// Installs those of the packages that are missing; what can be done without, only if that takes no question.
pub fn ensure(wanted: &[Package]) -> Result<()> {
    let mut missing: Vec<Package> = wanted.iter().copied().filter(|package| !package.present()).collect();
    if missing.iter().all(|package| package.is_optional()) {
        missing.retain(|package| can_be_had(*package));
    }
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.iter().map(|package| package.name()).collect::<Vec<_>>().join(" ");
    if find("apt-get").is_err() {
        return Err(Failure::new(format!(
            "please install {list}: this program only knows how to on Debian and Ubuntu"
        )));
    }
    let step = progress::begin("packages", &format!("installing {list} with apt-get; their services are not started"));
    let output = installer()
        .ok_or_else(|| Failure::new(format!("{list} missing. Install them as root: apt-get install {list}")))?
        .args(["-c", INSTALL, "install-packages"])
        .args(missing.iter().map(|package| package.argument()))
        .stdin(Stdio::inherit())
        .stdout(std::io::stderr())
        .status()
        .context("apt-get")?;
    match wanted.iter().find(|package| !package.is_optional() && !package.present()) {
        None => {
            step.done(if missing.iter().all(|package| package.present()) { "installed" } else { "installed in part" });
        }
        Some(package) => {
            return Err(Failure::new(format!("apt-get ({output}) did not bring {}: see above", package.name())));
        }
    }
    Ok(())
}

/// Whether apt-get would bring it and change nothing else, without asking for a password.
fn can_be_had(package: Package) -> bool {
    let works = |command: &mut Command| {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    };
    let root = accounts::is_root() || works(Command::new("sudo").args(["-n", "true"]));
    root && works(Command::new("apt-get").args([
        "install",
        "--simulate",
        "--no-remove",
        "--no-upgrade",
        package.name(),
    ]))
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
    fn what_can_be_done_without_is_marked_for_the_script() {
        assert_eq!(Package::Nginx.argument(), "nginx");
        assert_eq!(Package::Brotli.argument(), "?libnginx-mod-http-brotli-static");
    }

    /// With an apt-get that knows one package only and says what it was asked for.
    #[test]
    fn the_script_goes_on_without_what_is_not_there() {
        let dir = scratch("apt");
        let apt = "#!/bin/sh\nlast() { for last; do :; done; }\nlast \"$@\"\necho \"$@\" >>\"$0.log\"\n\
                   case $last in *none) exit 100 ;; esac\n";
        fs::write(dir.join("apt-get"), apt).unwrap();
        fs::set_permissions(dir.join("apt-get"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let run = |arguments: &[&str]| {
            let path = format!("{}:/usr/bin:/bin", dir.display());
            // Whoever runs the tests may not be able to write the machine's own.
            let script = INSTALL.replace("/usr/sbin/policy-rc.d", &format!("{}/policy", dir.display()));
            let script = script.replace("/run/systemd/system", "/nowhere");
            let mut command = Command::new("sh");
            command.args(["-c", &script, "install-packages"]).args(arguments).env("PATH", path).output().unwrap()
        };
        assert!(run(&["one", "?none", "two", "?three"]).status.success());
        let asked = fs::read_to_string(dir.join("apt-get.log")).unwrap();
        let asked: Vec<&str> = asked.lines().collect();
        assert_eq!(asked[1], "install -y -q --no-install-recommends one two");
        assert!(asked[2].ends_with(" none") && asked[3].ends_with(" three"), "{asked:?}");
        assert!(!run(&["one", "none"]).status.success());
    }

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
