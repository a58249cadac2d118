//! Local sessions by device and by user.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use sotto_protocol::{DeviceId, SessionId, UserId};

use super::SessionHandle;

#[derive(Default)]
struct Tables {
    devices: HashMap<DeviceId, Vec<Arc<SessionHandle>>>,
    users: HashMap<UserId, usize>,
    /// Who watches whose presence.
    watchers: HashMap<UserId, Vec<Arc<SessionHandle>>>,
    sessions: usize,
}

/// Who is connected to this node.
#[derive(Default)]
pub struct Directory {
    tables: Mutex<Tables>,
}

impl Directory {
    /// Enters a session.
    pub fn add(&self, session: &Arc<SessionHandle>) {
        let mut tables = self.tables.lock();
        // Hardly ever more than one.
        tables.devices.entry(session.device_id).or_insert_with(|| Vec::with_capacity(1)).push(Arc::clone(session));
        *tables.users.entry(session.user_id).or_default() += 1;
        tables.sessions += 1;
    }

    /// Removes it; `true` when it was the user's last one here.
    pub fn remove(&self, session: &SessionHandle) -> bool {
        let mut tables = self.tables.lock();
        let Some(list) = tables.devices.get_mut(&session.device_id) else { return false };
        let before = list.len();
        list.retain(|other| other.session_id != session.session_id);
        if list.len() == before {
            return false;
        }
        if list.is_empty() {
            tables.devices.remove(&session.device_id);
        }
        tables.sessions -= 1;
        let count = tables.users.entry(session.user_id).or_default();
        *count = count.saturating_sub(1);
        let last = *count == 0;
        if last {
            tables.users.remove(&session.user_id);
        }
        last
    }

    /// Sessions of a device.
    pub fn of_device(&self, device_id: DeviceId) -> Vec<Arc<SessionHandle>> {
        self.tables.lock().devices.get(&device_id).cloned().unwrap_or_default()
    }

    /// Whether a user has a session here.
    pub fn has_user(&self, user_id: UserId) -> bool {
        self.tables.lock().users.contains_key(&user_id)
    }

    /// Every session.
    pub fn all(&self) -> Vec<Arc<SessionHandle>> {
        self.tables.lock().devices.values().flatten().cloned().collect()
    }

    /// How many sessions there are.
    pub fn len(&self) -> usize {
        self.tables.lock().sessions
    }

    /// Whether nobody is here.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A session watches these people from now on; answers those that nobody here watched before.
    pub fn watch(&self, session: &Arc<SessionHandle>, users: &[UserId]) -> Vec<UserId> {
        let mut tables = self.tables.lock();
        let mut fresh = Vec::new();
        for user_id in users {
            let list = tables.watchers.entry(*user_id).or_insert_with(|| {
                fresh.push(*user_id);
                Vec::new()
            });
            list.push(Arc::clone(session));
        }
        fresh
    }

    /// A session watches nobody any more; answers those that nobody here watches now.
    pub fn unwatch(&self, session_id: SessionId, users: &[UserId]) -> Vec<UserId> {
        let mut tables = self.tables.lock();
        let mut empty = Vec::new();
        for user_id in users {
            let Some(list) = tables.watchers.get_mut(user_id) else { continue };
            list.retain(|session| session.session_id != session_id);
            if list.is_empty() {
                tables.watchers.remove(user_id);
                empty.push(*user_id);
            }
        }
        empty
    }

    /// Who watches a person.
    pub fn watchers(&self, user_id: UserId) -> Vec<Arc<SessionHandle>> {
        self.tables.lock().watchers.get(&user_id).cloned().unwrap_or_default()
    }

    /// Everybody who is watched from here.
    pub fn watched(&self) -> Vec<UserId> {
        self.tables.lock().watchers.keys().copied().collect()
    }
}
