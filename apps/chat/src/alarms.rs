//! Alarms in plain words: what the server, or somebody behind it, was caught at.

use sotto_sdk::Alarm;

use crate::people::{People, short};

/// A stable word, and a sentence.
pub fn words(alarm: &Alarm, people: &People) -> (&'static str, String) {
    let name = |user_id: &_| people.name(*user_id);
    match alarm {
        Alarm::BadIdentity { user_id, reason } => (
            "bad_identity",
            format!("the keys that the server gave for {} are not sound ({reason}); not used", name(user_id)),
        ),
        Alarm::MasterKeyChanged { user_id, .. } => (
            "master_key_changed",
            format!(
                "the server gives another key for {}: a new identity, or somebody in between. Nothing is sent to them until you decide: `sotto-chat verify <name>`",
                name(user_id)
            ),
        ),
        Alarm::SelfSigningKeyChanged { user_id } => {
            ("self_signing_key_changed", format!("{} signs devices with another key now", name(user_id)))
        }
        Alarm::ListRefused { user_id, reason } => {
            ("list_refused", format!("a device list of {} does not check ({reason}); not used", name(user_id)))
        }
        Alarm::ListForked { user_id, version } => {
            ("list_forked", format!("the server has two device lists of {} with the number {version}", name(user_id)))
        }
        Alarm::ListRolledBack { user_id, version } => (
            "list_rolled_back",
            format!("the server gave an old device list of {} ({version}); not used", name(user_id)),
        ),
        Alarm::UnsignedDevice { user_id, device_id } => (
            "unsigned_device",
            format!(
                "the server names a device {} that {} did not sign; it gets no keys",
                short(device_id),
                name(user_id)
            ),
        ),
        Alarm::OwnDeviceAdded { device_id, .. } => (
            "own_device_added",
            format!(
                "the device {} came into your account, not through this one. If that was not you: `sotto-chat revoke {}`",
                short(device_id),
                short(device_id)
            ),
        ),
        Alarm::ForgedOneTimeKey { device_id } => (
            "forged_one_time_key",
            format!("a key that the server gave for device {} is forged; not used", short(device_id)),
        ),
        Alarm::GhostMember { user_id, .. } => (
            "ghost_member",
            format!("the server names {} as a member, whom no member let in; no keys for them", name(user_id)),
        ),
        Alarm::MembershipRefused { reason, .. } => {
            ("membership_refused", format!("a change of members does not check ({reason}); not used"))
        }
        Alarm::MembershipByRevokedDevice { .. } => {
            ("membership_by_revoked_device", "members were changed by a device that was thrown out since".to_owned())
        }
        Alarm::MemberKeyMismatch { user_id, .. } => (
            "member_key_mismatch",
            format!("whoever let {} in knows another key of them than this device; no keys for them", name(user_id)),
        ),
        Alarm::RosterRolledBack { .. } => {
            ("roster_rolled_back", "the server gave an old list of members; not used".to_owned())
        }
        Alarm::ForeignRoomKey { device_id, .. } => (
            "foreign_room_key",
            format!("the device {} gave a key of somebody else's messages; not used", short(device_id)),
        ),
        Alarm::BackupRefused { .. } => {
            ("backup_refused", "the description of your key backup does not check; not used".to_owned())
        }
        Alarm::AcknowledgedLost { .. } => {
            ("acknowledged_lost", "the server lost messages of yours that it had said to have".to_owned())
        }
    }
}
