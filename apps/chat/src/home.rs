//! The folder of a device: `device.redb` (sealed), `key` that seals it, `server`, `lock`. Only its owner may read it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use rand::Rng as _;
use sotto_sdk::{Environment as _, Store, SystemEnvironment};
use zeroize::Zeroizing;

use crate::failure::{Failure, Outcome};

const STORE: &str = "device.redb";
/// A store whose device is not in its account yet.
const UNFINISHED: &str = "unfinished.redb";
const KEY: &str = "key";
const SERVER: &str = "server";

/// A device's folder, held by this process alone.
pub struct Home {
    folder: PathBuf,
    _lock: File,
}

/// Where a device lives when nobody says otherwise.
pub fn default_folder() -> PathBuf {
    let data = std::env::var_os("XDG_DATA_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
    let data = data.or_else(|| std::env::home_dir().map(|home| home.join(".local/share")));
    data.unwrap_or_default().join("sotto-chat")
}

impl Home {
    /// The folder of a device that is there.
    ///
    /// # Errors
    /// [`Failure::NoDevice`]; [`Failure::Busy`]: another process has it.
    pub fn of_device(folder: &Path) -> Outcome<Self> {
        if !folder.join(STORE).exists() {
            return Err(Failure::NoDevice(folder.to_owned()));
        }
        Self::hold(folder)
    }

    /// A folder for a new device, with a store of its own that [`Home::keep`] makes the device's.
    ///
    /// # Errors
    /// [`Failure::Occupied`]: a device is there already. [`Failure::Busy`].
    pub fn for_new_device(folder: &Path) -> Outcome<(Self, Arc<Store>)> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(about(folder))?;
        let home = Self::hold(folder)?;
        if home.path(STORE).exists() {
            return Err(Failure::Occupied(folder.to_owned()));
        }
        let mut key = Zeroizing::new([0; 32]);
        SystemEnvironment.rng().fill_bytes(key.as_mut());
        home.write(KEY, key.as_ref())?;
        home.write(UNFINISHED, b"")?;
        let store = Store::open(home.path(UNFINISHED), *key, &SystemEnvironment)?;
        Ok((home, store))
    }

    /// The new device is in its account (or may be): it stays.
    pub fn keep(&self, server: &str) -> Outcome<()> {
        self.write(SERVER, server.as_bytes())?;
        let (from, to) = (self.path(UNFINISHED), self.path(STORE));
        fs::rename(&from, &to).map_err(about(&to))
    }

    /// The new device came to nothing: nothing of it stays.
    pub fn discard(&self) {
        for name in [UNFINISHED, KEY] {
            let _ = fs::remove_file(self.path(name));
        }
    }

    /// The device is out for good: its keys and messages go.
    pub fn remove(&self) {
        for name in [STORE, KEY, SERVER] {
            let _ = fs::remove_file(self.path(name));
        }
    }

    /// The device's store.
    pub fn store(&self) -> Outcome<Arc<Store>> {
        let path = self.path(KEY);
        let bytes = Zeroizing::new(fs::read(&path).map_err(about(&path))?);
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| Failure::BadKey(path))?;
        Ok(Store::open(self.path(STORE), key, &SystemEnvironment)?)
    }

    /// The address where the device lives.
    pub fn server(&self) -> Option<String> {
        let text = fs::read_to_string(self.path(SERVER)).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn hold(folder: &Path) -> Outcome<Self> {
        let path = folder.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let lock = lock.map_err(about(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: folder.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Failure::Busy(folder.to_owned())),
            Err(TryLockError::Error(error)) => Err(about(&path)(error)),
        }
    }

    /// A new file that only its owner reads, in place of the old one.
    fn write(&self, name: &str, content: &[u8]) -> Outcome<()> {
        let path = self.path(name);
        let _ = fs::remove_file(&path);
        let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(content)).map_err(about(&path))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn about(path: &Path) -> impl Fn(std::io::Error) -> Failure {
    move |source| Failure::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_folder_is_its_owners_alone_and_holds_one_device_for_one_process() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("some/device");
        assert!(matches!(Home::of_device(&folder), Err(Failure::NoDevice(_))));
        let (home, store) = Home::for_new_device(&folder).unwrap();
        assert!(matches!(Home::for_new_device(&folder), Err(Failure::Busy(_))));
        home.keep("http://somewhere").unwrap();
        let mode = |name: &str| std::fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(""), mode(KEY), mode(STORE)), (0o700, 0o600, 0o600));
        drop((home, store));
        assert!(matches!(Home::for_new_device(&folder), Err(Failure::Occupied(_))));
        let home = Home::of_device(&folder).unwrap();
        assert_eq!(home.server().as_deref(), Some("http://somewhere"));
        home.store().unwrap();
    }

    #[test]
    fn what_came_to_nothing_leaves_room_for_another_attempt() {
        let folder = tempfile::tempdir().unwrap();
        let (home, store) = Home::for_new_device(folder.path()).unwrap();
        home.discard();
        drop((home, store));
        assert!(matches!(Home::of_device(folder.path()), Err(Failure::NoDevice(_))));
        // Cut off in the middle, nothing discarded.
        drop(Home::for_new_device(folder.path()).unwrap());
        drop(Home::for_new_device(folder.path()).unwrap());
    }
}
