//! Shapes of names, and what refused keys and lists are called on the wire.

use sotto_identity::{DeviceKeysError, ListError, OneTimeKeyError, OneTimeKeyKind, check_one_time_key};
use sotto_protocol::{
    Problem, ProblemCode, UserId,
    devices::NewDevice,
    keys::{ListedDevice, OneTimeKeys},
    limits,
};
use uuid::Uuid;

use crate::{ServiceError, ServiceResult};

/// A refusal that says what was wrong.
#[expect(clippy::needless_pass_by_value, reason = "callers pass literals and errors alike")]
pub(crate) fn refused(code: ProblemCode, detail: impl ToString) -> ServiceError {
    Problem::new(code).with_detail(detail.to_string()).into()
}

/// `invalid_request` with what was wrong.
pub(crate) fn invalid(detail: impl ToString) -> ServiceError {
    refused(ProblemCode::InvalidRequest, detail)
}

/// The username in its one form: lower case.
pub(crate) fn username(text: &str) -> ServiceResult<String> {
    let name = text.to_ascii_lowercase();
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '-');
    if starts && name.chars().all(fits) && limits::USERNAME_CHARS.contains(&name.len()) {
        Ok(name)
    } else {
        Err(invalid("username: 3 to 32 of a-z 0-9 _ . - starting with a letter"))
    }
}

/// The name of a device.
pub(crate) fn device_name(name: &str) -> ServiceResult<()> {
    let length = name.chars().count();
    if (1..=limits::MAX_DEVICE_NAME_CHARS).contains(&length) && !name.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(invalid("name: 1 to 64 characters"))
    }
}

/// Name and type of a device.
pub(crate) fn device(device: &NewDevice) -> ServiceResult<()> {
    device_name(&device.name)
}

/// Ids that clients choose are random: version 4 or 7.
pub(crate) fn fresh_id(id: Uuid) -> ServiceResult<()> {
    if matches!(id.get_version_num(), 4 | 7) && id.get_variant() == uuid::Variant::RFC4122 {
        Ok(())
    } else {
        Err(invalid("ids are UUIDs of version 4 or 7"))
    }
}

/// A recovery bundle.
pub(crate) fn recovery_bundle(bundle: &[u8]) -> ServiceResult<()> {
    if (1..=limits::MAX_RECOVERY_BUNDLE_BYTES).contains(&bundle.len()) {
        Ok(())
    } else {
        Err(invalid("recovery_bundle: 1 byte to 16 KiB"))
    }
}

/// One-time and fallback keys that a device uploads: counts, shapes, signatures, none twice.
pub(crate) fn uploaded_keys(
    user_id: UserId,
    device: &ListedDevice,
    one_time: &OneTimeKeys,
    fallback: &OneTimeKeys,
) -> ServiceResult<()> {
    if one_time.len() > limits::MAX_ONE_TIME_KEYS_PER_UPLOAD {
        return Err(invalid("one_time_keys: at most 50"));
    }
    if fallback.len() > 1 {
        return Err(invalid("fallback_key: at most one"));
    }
    let mut seen = std::collections::BTreeSet::new();
    let kinds = [(one_time, OneTimeKeyKind::OneTime), (fallback, OneTimeKeyKind::Fallback)];
    for (keys, kind) in kinds {
        for (key_id, key) in keys {
            let public = check_one_time_key(key_id, key, kind, user_id, device).map_err(one_time_key_refusal)?;
            if !seen.insert(public.to_bytes()) {
                return Err(refused(ProblemCode::InvalidKey, "a key stands under two ids"));
            }
        }
    }
    Ok(())
}

/// Why keys of a device or account are refused.
pub(crate) fn keys_refusal(error: DeviceKeysError) -> ServiceError {
    let code = match &error {
        DeviceKeysError::Key(_) => ProblemCode::InvalidKey,
        DeviceKeysError::Signature(_) => ProblemCode::InvalidSignature,
        _ => ProblemCode::InvalidRequest,
    };
    refused(code, error)
}

/// Why a list entry is refused.
pub(crate) fn list_refusal(error: ListError) -> ServiceError {
    let code = match &error {
        ListError::Version { .. } | ListError::BrokenLink => ProblemCode::ChainConflict,
        ListError::Author => ProblemCode::Forbidden,
        ListError::Key(_) => ProblemCode::InvalidKey,
        ListError::Signature(_) => ProblemCode::InvalidSignature,
        ListError::Count => ProblemCode::LimitReached,
        _ => ProblemCode::InvalidRequest,
    };
    refused(code, error)
}

fn one_time_key_refusal(error: OneTimeKeyError) -> ServiceError {
    let code = match &error {
        OneTimeKeyError::Key(_) => ProblemCode::InvalidKey,
        OneTimeKeyError::Signature(_) => ProblemCode::InvalidSignature,
        _ => ProblemCode::InvalidRequest,
    };
    refused(code, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_have_one_form() {
        assert_eq!(username("Ada.L-9_x").unwrap(), "ada.l-9_x");
        for wrong in ["ab", "9abc", "a b c", "ädä", "_ab", "a/b", &"a".repeat(33)] {
            username(wrong).unwrap_err();
        }
    }

    #[test]
    fn device_names_are_short_and_printable() {
        device_name("Ada's Telefon 📱").unwrap();
        for wrong in ["", "a\nb", &"x".repeat(65)] {
            device_name(wrong).unwrap_err();
        }
    }
}
