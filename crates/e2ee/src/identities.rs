//! Identities of people: the pinned master key, the highest device list seen, and keys of its devices.

use serde::{Deserialize, Serialize};
use sotto_identity::{
    CrossSigning, Ed25519Public, SortedMap, SortedSet, check_certified_device, check_cross_signing, hash, verify_first,
    verify_next,
};
use sotto_protocol::{
    DeviceId, UserId,
    keys::{DeviceKeys, DeviceList, ListAuthor, ListedDevice, QueryKeysRequest, UserIdentity},
};

use crate::{state::Machine, trust::Alarm};

/// What is known of a person.
#[derive(Serialize, Deserialize)]
pub(crate) struct UserRecord {
    /// The pinned master key, unpadded base64.
    pub(crate) master: String,
    pub(crate) self_signing: Option<String>,
    /// The highest entry seen.
    pub(crate) list: Option<DeviceList>,
    pub(crate) list_hash: Option<String>,
    /// Verified keys of devices in that entry.
    pub(crate) devices: SortedMap<DeviceId, DeviceKeys>,
    /// One's own identity; of others, that they were compared before devices told each other ([`crate::verdicts`]).
    pub(crate) verified: bool,
    /// Another master key that the server offers.
    pub(crate) offered_master: Option<String>,
    /// Master keys that the person had before, as a person accepted: conversations begun then name them.
    #[serde(default)]
    pub(crate) former: SortedSet<String>,
}

/// Whether a device may get keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Active,
    Revoked,
}

impl UserRecord {
    /// A pinned master key and nothing else yet.
    pub(crate) fn pinned(master: String) -> Self {
        Self {
            master,
            self_signing: None,
            list: None,
            list_hash: None,
            devices: SortedMap::new(),
            verified: false,
            offered_master: None,
            former: SortedSet::new(),
        }
    }

    /// The same person with a new identity.
    pub(crate) fn renewed(&self, master: String) -> Self {
        let mut former = self.former.clone();
        former.insert(self.master.clone());
        Self { former, ..Self::pinned(master) }
    }

    /// Whether a conversation that names this master key means this person.
    pub(crate) fn answers_to(&self, master: &str) -> bool {
        self.master == master || self.former.contains(master)
    }

    fn version(&self) -> i64 {
        self.list.as_ref().map_or(0, |list| list.version)
    }

    pub(crate) fn cross_signing(&self, user_id: UserId) -> Option<CrossSigning> {
        let master = Ed25519Public::parse(&self.master).ok()?;
        let self_signing = Ed25519Public::parse(self.self_signing.as_deref()?).ok()?;
        Some(CrossSigning { user_id, master, self_signing })
    }

    pub(crate) fn active(&self) -> &[ListedDevice] {
        self.list.as_ref().map_or(&[], |list| &list.devices)
    }

    /// The device as the highest list seen names it.
    pub(crate) fn device(&self, device_id: DeviceId) -> Option<(&ListedDevice, Standing)> {
        let list = self.list.as_ref()?;
        let find = |devices: &'_ [ListedDevice]| devices.iter().position(|device| device.device_id == device_id);
        let active = find(&list.devices).and_then(|at| list.devices.get(at)).map(|device| (device, Standing::Active));
        active.or_else(|| {
            find(&list.revoked).and_then(|at| list.revoked.get(at)).map(|device| (device, Standing::Revoked))
        })
    }

    /// Whether every active device's own keys are here.
    pub(crate) fn is_complete(&self) -> bool {
        self.list.is_some() && self.active().iter().all(|device| self.devices.contains_key(&device.device_id))
    }

    /// Takes over a verified entry.
    pub(crate) fn advance(&mut self, entry: &DeviceList) {
        self.devices.retain(|id, _| entry.devices.iter().any(|device| device.device_id == *id));
        self.list_hash = hash(entry).ok();
        self.list = Some(entry.clone());
    }
}

impl Machine {
    /// What to ask so that the identities of these people are current.
    pub fn query_for(&self, users: impl IntoIterator<Item = UserId>) -> QueryKeysRequest {
        let version = |user_id: &UserId| {
            // Version 0 gives the keys of every device again.
            self.users.get(user_id).filter(|user| user.is_complete()).map_or(0, UserRecord::version)
        };
        QueryKeysRequest { users: users.into_iter().map(|user_id| (user_id, version(&user_id))).collect() }
    }

    /// Verifies and takes over identities. What does not check is refused, with an [`Alarm`].
    pub fn receive_identities(&mut self, identities: Vec<UserIdentity>) {
        for identity in identities {
            self.receive_identity(&identity);
        }
    }

    fn receive_identity(&mut self, identity: &UserIdentity) {
        let user_id = identity.user_id;
        let account = match check_cross_signing(user_id, &identity.master_key, &identity.self_signing_key) {
            Ok(account) => account,
            Err(reason) => return self.alarms.push(Alarm::BadIdentity { user_id, reason }),
        };
        let offered = account.master.to_base64();
        self.settle_reset(user_id, &offered);
        let known = self.users.remove(&user_id).or_else(|| self.expected_user(user_id));
        let was_pinned = known.is_some();
        let mut user = known.unwrap_or_else(|| UserRecord::pinned(offered.clone()));
        if user.master != offered {
            user.offered_master = Some(offered.clone());
            self.alarms.push(Alarm::MasterKeyChanged { user_id, offered });
        } else if user.self_signing.as_ref().is_some_and(|known| *known != account.self_signing.to_base64()) {
            self.alarms.push(Alarm::SelfSigningKeyChanged { user_id });
        } else {
            user.self_signing = Some(account.self_signing.to_base64());
            self.receive_lists(&mut user, &identity.lists, &account);
            self.receive_device_keys(&mut user, &identity.device_keys, &account);
        }
        // An identity whose list does not even begin validly is not pinned; a pin is never lost to one.
        if was_pinned || user.list.is_some() {
            self.users.insert(user_id, user);
            self.touch_user(user_id);
        }
    }

    fn receive_lists(&mut self, user: &mut UserRecord, lists: &[DeviceList], account: &CrossSigning) {
        let user_id = account.user_id;
        for entry in lists {
            let known = user.version();
            if entry.version == known && known > 0 {
                if hash(entry).ok() != user.list_hash {
                    self.alarms.push(Alarm::ListForked { user_id, version: known });
                }
                continue;
            }
            if entry.version < known {
                continue;
            }
            let checked = match &user.list {
                None => verify_first(entry, account),
                Some(head) => verify_next(head, entry, account),
            };
            if let Err(reason) = checked {
                return self.alarms.push(Alarm::ListRefused { user_id, reason });
            }
            if user_id == self.user_id() {
                self.watch_own_list(user.list.as_ref(), entry);
            }
            user.advance(entry);
        }
        if let Some(last) = lists.iter().map(|entry| entry.version).max().filter(|last| *last < user.version()) {
            self.alarms.push(Alarm::ListRolledBack { user_id, version: last });
        }
    }

    fn watch_own_list(&mut self, before: Option<&DeviceList>, entry: &DeviceList) {
        let Some(before) = before else { return };
        for device in &entry.devices {
            let known = before.devices.contains(device)
                || *device == self.account.listed()
                || self.account.granted.get(&device.device_id) == Some(device);
            if !known {
                let alarm = Alarm::OwnDeviceAdded { device_id: device.device_id, author: entry.author };
                self.alarms.push(alarm);
            }
        }
    }

    fn receive_device_keys(&mut self, user: &mut UserRecord, all: &[DeviceKeys], account: &CrossSigning) {
        let user_id = account.user_id;
        for keys in all {
            let device_id = keys.device_id;
            let listed = user.active().iter().find(|device| device.device_id == device_id).cloned();
            match (check_certified_device(keys, device_id, account), listed) {
                (Ok(checked), Some(listed)) if checked == listed => drop(user.devices.insert(device_id, keys.clone())),
                _ => self.alarms.push(Alarm::UnsignedDevice { user_id, device_id }),
            }
        }
    }

    /// The head of this account's device list and the account's keys, if this device is in it.
    pub(crate) fn own_list(&self) -> Option<(&DeviceList, CrossSigning)> {
        let user = self.users.get(&self.user_id())?;
        let list = user.list.as_ref().filter(|list| list.devices.contains(&self.account.listed()))?;
        Some((list, user.cross_signing(self.user_id())?))
    }

    /// Whether this device is in its account's list.
    pub fn is_linked(&self) -> bool {
        self.own_list().is_some()
    }

    /// Active devices of a person in the highest list seen.
    pub fn devices_of(&self, user_id: UserId) -> Vec<ListedDevice> {
        self.users.get(&user_id).map(|user| user.active().to_vec()).unwrap_or_default()
    }

    /// The version of the highest list seen; 0 if none.
    pub fn list_version(&self, user_id: UserId) -> i64 {
        self.users.get(&user_id).map_or(0, UserRecord::version)
    }

    pub(crate) fn author(&self) -> ListAuthor {
        ListAuthor::Device(self.device_id())
    }

    /// Who a device belongs to, and whether it may get keys.
    pub(crate) fn device(&self, user_id: UserId, device_id: DeviceId) -> Option<(ListedDevice, Standing)> {
        self.users.get(&user_id)?.device(device_id).map(|(device, standing)| (device.clone(), standing))
    }
}
