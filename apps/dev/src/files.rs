//! Small things with files: folders of a given owner and mode, whole-or-nothing writes, random secrets.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::accounts::Account;
use crate::error::{Context, Failure, Result};

/// A folder with this mode that belongs to `owner` (or to us). Refuses a link or somebody else's folder in its place.
pub fn folder(path: &Path, mode: u32, owner: Option<&Account>) -> Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).context(path.display()),
    }
    let found = fs::symlink_metadata(path).context(path.display())?;
    let us = rustix::process::geteuid().as_raw();
    let wanted = owner.map_or(us, |account| account.uid);
    if !found.is_dir() || (found.uid() != wanted && found.uid() != us) {
        let text = format!("{} is not a folder of user {wanted}: move it away and try again", path.display());
        return Err(Failure::new(text));
    }
    if let Some(account) = owner {
        std::os::unix::fs::chown(path, Some(account.uid), Some(account.gid)).context(path.display())?;
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).context(path.display())
}

/// Writes a file whole or not at all: a reader sees the old or the new one.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    replace_for(path, bytes, mode, None)
}

/// As [`replace`], for a file that another account reads.
pub fn replace_for(path: &Path, bytes: &[u8], mode: u32, owner: Option<&Account>) -> Result<()> {
    let draft = path.with_extension("new");
    let _ = fs::remove_file(&draft);
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft).context(draft.display())?;
    file.write_all(bytes).context(draft.display())?;
    if let Some(account) = owner {
        std::os::unix::fs::chown(&draft, Some(account.uid), Some(account.gid)).context(draft.display())?;
    }
    fs::rename(&draft, path).context(path.display())
}

/// The text of a file, `None` when there is none.
pub fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context(path.display()),
    }
}

/// The secret kept in this file, made at the first call: 32 random bytes as hexadecimal digits.
pub fn secret(path: &Path) -> Result<String> {
    if let Some(found) = read(path)? {
        return Ok(found);
    }
    let mut bytes = [0_u8; 32];
    fs::File::open("/dev/urandom").and_then(|mut random| random.read_exact(&mut bytes)).context("/dev/urandom")?;
    let text = bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    replace(path, text.as_bytes(), 0o600)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::scratch;

    #[test]
    fn a_secret_is_made_once_and_readable_by_its_owner_only() {
        let dir = scratch("secret");
        let path = dir.join("one");
        let first = secret(&path).unwrap();
        assert_eq!(secret(&path).unwrap(), first);
        assert_eq!((first.len(), fs::metadata(&path).unwrap().mode() & 0o777), (64, 0o600));
        assert_ne!(secret(&dir.join("two")).unwrap(), first);
    }

    #[test]
    fn a_link_in_the_place_of_a_folder_is_refused() {
        let dir = scratch("link");
        std::os::unix::fs::symlink("/tmp", dir.join("trap")).unwrap();
        assert!(folder(&dir.join("trap"), 0o700, None).is_err());
    }
}
