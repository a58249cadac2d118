//! Which account a service runs under: root hands services to accounts without power, anybody else keeps their own.

use std::fs;

use crate::error::{Context, Failure, Result};

/// An account of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
}

/// Whether this program runs as root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// For root the first of these accounts that exists, `nobody` at last; `None` for an ordinary user.
pub fn for_service(preferred: &[&str]) -> Result<Option<Account>> {
    if !is_root() {
        return Ok(None);
    }
    let text = fs::read_to_string("/etc/passwd").context("/etc/passwd")?;
    let mut names = preferred.iter().chain(&["nobody"]);
    names
        .find_map(|name| parse(&text, name))
        .map(Some)
        .ok_or_else(|| Failure::new("no account without root's power exists here, not even `nobody`"))
}

fn parse(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let found = fields.next().filter(|found| *found == name)?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { name: found.to_owned(), uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\npostgres2:x:7:8::/:/bin/sh\npostgres:x:101:104:a,,:/var:/bin/sh\n";
        assert_eq!(parse(passwd, "postgres"), Some(Account { name: "postgres".into(), uid: 101, gid: 104 }));
        assert_eq!(parse(passwd, "redis"), None);
    }
}
