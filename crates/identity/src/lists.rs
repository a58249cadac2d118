//! The signed device list of an account: each entry a full snapshot, chained by hash.

use sotto_protocol::{
    DeviceId,
    keys::{DeviceList, ListAuthor, ListedDevice},
    limits::MAX_DEVICES_PER_USER,
};

use crate::{
    canonical::{CanonicalError, hash},
    devices::CrossSigning,
    keys::{Curve25519Public, Ed25519Public, KeyError},
    signing::{SignatureError, cross_key_id, device_key_id, only_signed_by, verify},
    sorted::SortedSet,
};

/// Why an entry does not extend a chain.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// Of another account.
    #[error("the entry is of another account")]
    WrongUser,
    /// Not the version after the one before.
    #[error("the version is {got}, not {expected}")]
    Version {
        /// What follows.
        expected: i64,
        /// What the entry says.
        got: i64,
    },
    /// It names another entry before it.
    #[error("the entry does not follow the one before")]
    BrokenLink,
    /// Nobody who may extend the list: not active in the entry before, or not the master key in entry 1.
    #[error("the author may not extend the list")]
    Author,
    /// Not ordered by id without repetition, or one key in two devices.
    #[error("the devices are not ordered and distinct")]
    Order,
    /// None, or more than allowed.
    #[error("the number of devices is not allowed")]
    Count,
    /// A revoked device is active again, under its id or with one of its keys.
    #[error("a revoked device returns")]
    Returns,
    /// A device that stays has other keys than before.
    #[error("a device changed its keys")]
    KeysChanged,
    /// The revoked devices are not those of before and those that left.
    #[error("the revoked devices are not exactly those that left")]
    Revoked,
    /// A key itself.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A signature.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The entry has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

/// Checks entry 1: authored by the master key, nothing revoked.
pub fn verify_first(entry: &DeviceList, account: &CrossSigning) -> Result<(), ListError> {
    if entry.version != 1 {
        return Err(ListError::Version { expected: 1, got: entry.version });
    }
    if entry.prev_hash.is_some() {
        return Err(ListError::BrokenLink);
    }
    if entry.author != ListAuthor::Master {
        return Err(ListError::Author);
    }
    if !entry.revoked.is_empty() {
        return Err(ListError::Revoked);
    }
    check_shape(entry, account)?;
    check_signatures(entry, account, None)
}

/// Checks that `next` extends the chain that ends with the verified entry `prev`.
pub fn verify_next(prev: &DeviceList, next: &DeviceList, account: &CrossSigning) -> Result<(), ListError> {
    if next.version != prev.version + 1 {
        return Err(ListError::Version { expected: prev.version + 1, got: next.version });
    }
    if next.prev_hash.as_deref() != Some(hash(prev)?.as_str()) {
        return Err(ListError::BrokenLink);
    }
    check_shape(next, account)?;
    check_devices(prev, next)?;
    check_signatures(next, account, Some(prev))
}

/// Checks a whole chain from entry 1 and gives its head.
pub fn verify_chain<'a>(entries: &'a [DeviceList], account: &CrossSigning) -> Result<&'a DeviceList, ListError> {
    let (first, rest) = entries.split_first().ok_or(ListError::Count)?;
    verify_first(first, account)?;
    rest.iter().try_fold(first, |prev, next| verify_next(prev, next, account).map(|()| next))
}

/// The entry after `prev`, not signed yet: with `add` and without `revoke`.
pub fn next_entry(
    prev: &DeviceList,
    add: Option<ListedDevice>,
    revoke: Option<DeviceId>,
    author: ListAuthor,
) -> Result<DeviceList, CanonicalError> {
    let (left, mut devices): (Vec<_>, Vec<_>) =
        prev.devices.iter().cloned().partition(|device| Some(device.device_id) == revoke);
    devices.extend(add);
    devices.sort();
    let mut revoked = [prev.revoked.clone(), left].concat();
    revoked.sort();
    Ok(DeviceList {
        user_id: prev.user_id,
        version: prev.version + 1,
        prev_hash: Some(hash(prev)?),
        devices,
        revoked,
        author,
        signatures: std::collections::BTreeMap::new(),
    })
}

fn check_shape(entry: &DeviceList, account: &CrossSigning) -> Result<(), ListError> {
    if entry.user_id != account.user_id {
        return Err(ListError::WrongUser);
    }
    if !(1..=MAX_DEVICES_PER_USER).contains(&entry.devices.len()) {
        return Err(ListError::Count);
    }
    let ascending = |devices: &[ListedDevice]| devices.windows(2).all(|pair| pair[0].device_id < pair[1].device_id);
    if !ascending(&entry.devices) || !ascending(&entry.revoked) {
        return Err(ListError::Order);
    }
    let mut ids = SortedSet::new();
    let mut keys = SortedSet::new();
    for device in entry.devices.iter().chain(&entry.revoked) {
        Ed25519Public::parse(&device.ed25519)?;
        Curve25519Public::parse(&device.curve25519)?;
        if !ids.insert(device.device_id) {
            return Err(ListError::Returns);
        }
        if !keys.insert(&device.ed25519) || !keys.insert(&device.curve25519) {
            return Err(ListError::Order);
        }
    }
    Ok(())
}

fn check_devices(prev: &DeviceList, next: &DeviceList) -> Result<(), ListError> {
    for device in &next.devices {
        let returns = |gone: &ListedDevice| {
            gone.device_id == device.device_id || gone.ed25519 == device.ed25519 || gone.curve25519 == device.curve25519
        };
        if prev.revoked.iter().any(returns) {
            return Err(ListError::Returns);
        }
        if prev.devices.iter().any(|before| before.device_id == device.device_id && before != device) {
            return Err(ListError::KeysChanged);
        }
    }
    let stays = |device: &&ListedDevice| next.devices.iter().any(|after| after.device_id == device.device_id);
    let mut revoked: Vec<&ListedDevice> = prev.revoked.iter().collect();
    revoked.extend(prev.devices.iter().filter(|device| !stays(device)));
    revoked.sort();
    if next.revoked.iter().ne(revoked) { Err(ListError::Revoked) } else { Ok(()) }
}

fn check_signatures(entry: &DeviceList, account: &CrossSigning, prev: Option<&DeviceList>) -> Result<(), ListError> {
    let by_account = cross_key_id(&account.self_signing.to_base64());
    let (by_author, author_key) = match entry.author {
        ListAuthor::Master => (cross_key_id(&account.master.to_base64()), account.master),
        ListAuthor::Device(device_id) => {
            let author = prev
                .and_then(|prev| prev.devices.iter().find(|device| device.device_id == device_id))
                .ok_or(ListError::Author)?;
            (device_key_id(device_id), Ed25519Public::parse(&author.ed25519)?)
        }
    };
    only_signed_by(entry, account.user_id, &[&by_account, &by_author])?;
    verify(entry, account.user_id, &by_account, &account.self_signing)?;
    verify(entry, account.user_id, &by_author, &author_key)?;
    Ok(())
}
