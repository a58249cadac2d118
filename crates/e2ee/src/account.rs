//! The device's own keys: identity, one-time keys, fallback key, and keeping the server supplied with them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sotto_identity::{SortedMap, SortedSet, device_key_id, login_bytes, one_time_keys_digest, sign};
use sotto_protocol::{
    Base64Bytes, DeviceId, UserId,
    accounts::KnownDevice,
    backup::RecoveryPublicKey,
    keys::{
        ALGORITHM_MEGOLM, ALGORITHM_OLM, DeviceKeys, KeysDigestRequest, KeysDigestResponse, ListedDevice, OneTimeKeys,
        SignedOneTimeKey, UploadKeysRequest,
    },
    limits::MAX_ONE_TIME_KEYS_PER_UPLOAD,
};
use vodozemac::{Curve25519PublicKey, olm::Account};

use crate::{
    backup::Backup, error::E2eeError, pickled, records::Key, replacing::Replacement, reset::Reset, secrets::Seed,
    state::Machine,
};

/// A fallback key is replaced at most this often, so that a flood can't outrun messages on their way.
const FALLBACK_MIN_AGE_MS: i64 = 3_600_000;
/// Sessions that one device may begin with one fallback key, all of which have to be remembered: a device makes a new
/// one at most once an hour, and the key is replaced when its owner is next online.
const SESSIONS_PER_FALLBACK: usize = 32;

/// Everything of the account record.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccountState {
    pub(crate) user_id: UserId,
    pub(crate) device_id: DeviceId,
    #[serde(with = "pickled::account")]
    pub(crate) olm: Account,
    pub(crate) self_signing: Option<Seed>,
    /// Own keys with the signatures so far.
    pub(crate) device_keys: DeviceKeys,
    /// One-time keys made and not seen used: key id to public key.
    outstanding: BTreeMap<String, String>,
    /// Made and persisted, not acknowledged by the server yet.
    upload: Option<UploadKeysRequest>,
    fallback: Fallback,
    /// Keys of devices that this device certified.
    pub(crate) granted: SortedMap<DeviceId, ListedDevice>,
    /// Those of them that have not got the account's secrets.
    #[serde(default)]
    pub(crate) owed: SortedSet<DeviceId>,
    /// The account's key backup, as far as this device knows it.
    #[serde(default)]
    pub(crate) backup: Option<Backup>,
    /// The account's published recovery key, signed by the master key.
    #[serde(default)]
    pub(crate) recovery_public: Option<RecoveryPublicKey>,
    /// It recovered this device, and the server has not said yet which version it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) recovery_version_unknown: bool,
    /// Another recovery key on its way to the server.
    #[serde(default)]
    pub(crate) replacement: Option<Replacement>,
    /// A new identity on its way to the server.
    #[serde(default)]
    pub(crate) reset: Option<Reset>,
}

#[derive(Default, Serialize, Deserialize)]
struct Fallback {
    key_id: String,
    made_at_ms: i64,
    /// Sessions begun with each fallback key whose private half still lives, newest key last.
    used: Vec<FallbackUse>,
}

#[derive(Serialize, Deserialize)]
struct FallbackUse {
    public: String,
    sessions: SortedSet<String>,
    /// How many of them each device began.
    #[serde(default)]
    begun: SortedMap<DeviceId, usize>,
}

impl AccountState {
    pub(crate) fn new(user_id: UserId, device_id: DeviceId) -> Result<Self, E2eeError> {
        let olm = Account::new();
        let keys = BTreeMap::from([
            (device_key_id(device_id), olm.ed25519_key().to_base64()),
            (format!("curve25519:{device_id}"), olm.curve25519_key().to_base64()),
        ]);
        let algorithms = vec![ALGORITHM_OLM.to_owned(), ALGORITHM_MEGOLM.to_owned()];
        let mut device_keys = DeviceKeys { user_id, device_id, algorithms, keys, signatures: BTreeMap::new() };
        sign(&mut device_keys, user_id, &device_key_id(device_id), |bytes| olm.sign(bytes).to_bytes())?;
        Ok(Self {
            user_id,
            device_id,
            olm,
            self_signing: None,
            device_keys,
            outstanding: BTreeMap::new(),
            upload: None,
            fallback: Fallback::default(),
            granted: SortedMap::new(),
            owed: SortedSet::new(),
            backup: None,
            recovery_public: None,
            recovery_version_unknown: false,
            replacement: None,
            reset: None,
        })
    }

    /// This device as lists name it.
    pub(crate) fn listed(&self) -> ListedDevice {
        ListedDevice {
            device_id: self.device_id,
            ed25519: self.olm.ed25519_key().to_base64(),
            curve25519: self.olm.curve25519_key().to_base64(),
        }
    }

    pub(crate) fn sign_bytes(&self, bytes: &[u8]) -> [u8; 64] {
        self.olm.sign(bytes).to_bytes()
    }

    fn signed_key(&self, key: Curve25519PublicKey, fallback: Option<bool>) -> Result<SignedOneTimeKey, E2eeError> {
        let mut key = SignedOneTimeKey { key: key.to_base64(), fallback, signatures: BTreeMap::new() };
        sign(&mut key, self.user_id, &device_key_id(self.device_id), |bytes| self.sign_bytes(bytes))?;
        Ok(key)
    }

    /// Makes signed one-time keys and remembers them as outstanding.
    pub(crate) fn make_one_time_keys(&mut self, count: usize) -> Result<OneTimeKeys, E2eeError> {
        self.olm.generate_one_time_keys(count);
        let made: Result<OneTimeKeys, E2eeError> = self
            .olm
            .one_time_keys()
            .into_iter()
            .map(|(id, key)| Ok((format!("signed_curve25519:{}", id.to_base64()), self.signed_key(key, None)?)))
            .collect();
        let made = made?;
        // Kept as published at once: what the server has not acknowledged yet is in `upload`.
        self.olm.mark_keys_as_published();
        self.outstanding.extend(made.iter().map(|(id, key)| (id.clone(), key.key.clone())));
        Ok(made)
    }

    /// Makes the next signed fallback key; the one before it stays usable, the one before that ends.
    pub(crate) fn make_fallback_key(&mut self, now_ms: i64) -> Result<OneTimeKeys, E2eeError> {
        self.olm.generate_fallback_key();
        let mut made = OneTimeKeys::new();
        for (id, key) in self.olm.fallback_key() {
            let key_id = format!("signed_curve25519:F{}", id.to_base64());
            self.fallback.used.push(FallbackUse {
                public: key.to_base64(),
                sessions: SortedSet::new(),
                begun: SortedMap::new(),
            });
            made.insert(key_id.clone(), self.signed_key(key, Some(true))?);
            self.fallback.key_id = key_id;
        }
        self.olm.mark_keys_as_published();
        let ended = self.fallback.used.len().saturating_sub(2);
        self.fallback.used.drain(..ended);
        self.fallback.made_at_ms = now_ms;
        Ok(made)
    }

    /// Whether this session was begun with a fallback key before: the message that would begin it is a replay.
    pub(crate) fn is_replay(&self, one_time_key: &str, session_id: &str) -> bool {
        self.fallback.used.iter().any(|used| used.public == one_time_key && used.sessions.contains(session_id))
    }

    /// Whether the device began so many sessions with this fallback key that no further one is remembered.
    pub(crate) fn is_flood(&self, one_time_key: &str, by: DeviceId) -> bool {
        let used = self.fallback.used.iter().find(|used| used.public == one_time_key);
        used.and_then(|used| used.begun.get(&by)).is_some_and(|begun| *begun >= SESSIONS_PER_FALLBACK)
    }

    /// Notes that a session was begun with this key.
    pub(crate) fn note_used(&mut self, one_time_key: &str, by: DeviceId, session_id: &str) {
        self.outstanding.retain(|_, public| public != one_time_key);
        if let Some(used) = self.fallback.used.iter_mut().find(|used| used.public == one_time_key) {
            used.sessions.insert(session_id.to_owned());
            *used.begun.or_insert(by, 0) += 1;
        }
    }
}

impl Machine {
    /// This device's public keys with the signatures so far.
    pub fn device_keys(&self) -> &DeviceKeys {
        &self.account.device_keys
    }

    /// The same with this device's own signature alone: what an account certifies. A linking that broke off may have
    /// left another one.
    pub(crate) fn self_signed_keys(&self) -> DeviceKeys {
        let mut keys = self.account.device_keys.clone();
        let own = device_key_id(self.device_id());
        keys.signatures.values_mut().for_each(|by_user| by_user.retain(|key_id, _| *key_id == own));
        keys
    }

    /// Signs a login challenge.
    pub fn login_signature(&self, challenge: &str) -> KnownDevice {
        let signature = self.account.sign_bytes(&login_bytes(challenge));
        KnownDevice {
            device_id: self.device_id(),
            challenge: challenge.to_owned(),
            signature: Base64Bytes(signature.to_vec()),
        }
    }

    /// What to upload when the server holds `server_count` one-time keys: the same set again until
    /// [`Machine::keys_uploaded`]. Persist before sending. `None` if there are enough.
    pub fn one_time_keys_to_upload(&mut self, server_count: i64) -> Result<Option<UploadKeysRequest>, E2eeError> {
        if self.account.upload.is_none() {
            let held = usize::try_from(server_count.max(0)).unwrap_or(usize::MAX);
            let wanted = MAX_ONE_TIME_KEYS_PER_UPLOAD.saturating_sub(held);
            if wanted == 0 {
                return Ok(None);
            }
            let one_time_keys = self.account.make_one_time_keys(wanted)?;
            self.account.upload = Some(UploadKeysRequest { one_time_keys, fallback_key: OneTimeKeys::new() });
            self.touch(Key::Account);
        }
        Ok(self.account.upload.clone())
    }

    /// What is persisted and not acknowledged: after a restart it is sent again.
    pub fn unacknowledged_upload(&self) -> Option<&UploadKeysRequest> {
        self.account.upload.as_ref()
    }

    /// The server stored the upload.
    pub fn keys_uploaded(&mut self) {
        self.account.upload = None;
        self.touch(Key::Account);
    }

    /// The server refused the upload with `key_conflict`: these ids are stored with other bytes. They are given up;
    /// the rest is what to send next.
    pub fn keys_conflicted(&mut self, key_ids: &[String]) -> Option<UploadKeysRequest> {
        self.account.outstanding.retain(|id, _| !key_ids.contains(id));
        if let Some(upload) = &mut self.account.upload {
            upload.one_time_keys.retain(|id, _| !key_ids.contains(id));
            upload.fallback_key.retain(|id, _| !key_ids.contains(id));
            if upload.one_time_keys.is_empty() && upload.fallback_key.is_empty() {
                self.account.upload = None;
            }
        }
        self.touch(Key::Account);
        self.account.upload.clone()
    }

    /// Digest of the one-time keys that this device holds outstanding.
    pub fn keys_digest(&self) -> KeysDigestRequest {
        let digest = one_time_keys_digest(self.account.outstanding.keys().map(String::as_str));
        KeysDigestRequest { digest: Base64Bytes(digest.to_vec()) }
    }

    /// Takes over the server's view: keys that it does not hold are not outstanding any more, and the set is refilled.
    /// Their private halves stay, since a message to a key claimed just now may be on its way.
    pub fn receive_digest(&mut self, response: &KeysDigestResponse) -> Result<Option<UploadKeysRequest>, E2eeError> {
        let Some(held) = response.key_ids.as_ref().filter(|_| !response.matches) else {
            return Ok(None);
        };
        let in_upload = |id: &String| self.account.upload.as_ref().is_some_and(|u| u.one_time_keys.contains_key(id));
        let gone: Vec<String> =
            self.account.outstanding.keys().filter(|id| !held.contains(id) && !in_upload(id)).cloned().collect();
        for id in gone {
            self.account.outstanding.remove(&id);
        }
        self.touch(Key::Account);
        let usable = held.iter().filter(|id| self.account.outstanding.contains_key(*id)).count();
        self.one_time_keys_to_upload(i64::try_from(usable).unwrap_or(i64::MAX))
    }

    /// The server handed out a fallback key: gives the upload that replaces it, whichever it is. One that was replaced
    /// before is the server's again after a restore. `None` when this device's newest is less than an hour old.
    pub fn replace_fallback_key(&mut self, now_ms: i64) -> Result<Option<UploadKeysRequest>, E2eeError> {
        if now_ms < self.account.fallback.made_at_ms + FALLBACK_MIN_AGE_MS {
            return Ok(None);
        }
        let fallback_key = self.account.make_fallback_key(now_ms)?;
        let upload = self.account.upload.get_or_insert_default();
        upload.fallback_key = fallback_key;
        let upload = upload.clone();
        self.touch(Key::Account);
        Ok(Some(upload))
    }
}
