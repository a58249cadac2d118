//! Canonical JSON as the Matrix specification has it (appendices, "Canonical JSON").

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The largest integer that canonical JSON may hold, and its negative the smallest.
pub const MAX_INTEGER: i64 = (1 << 53) - 1;

/// Why a value has no canonical form.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// It can't be written as JSON.
    #[error("the value is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// A number is a fraction or outside -(2^53)+1 ..= 2^53-1.
    #[error("the number {0} is not an integer within 53 bits")]
    Number(String),
    /// Only objects are signed and hashed.
    #[error("the value is not an object")]
    NotAnObject,
}

/// The canonical JSON of a value: keys sorted by code point, no spaces, UTF-8, integers only.
pub fn canonical_json<T: Serialize + ?Sized>(value: &T) -> Result<String, CanonicalError> {
    let mut out = String::new();
    write(&serde_json::to_value(value)?, &mut out)?;
    Ok(out)
}

/// The bytes that a signature covers: canonical JSON without the top-level `signatures` and `unsigned`.
pub fn signing_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let mut value = serde_json::to_value(value)?;
    let object = value.as_object_mut().ok_or(CanonicalError::NotAnObject)?;
    object.remove("signatures");
    object.remove("unsigned");
    let mut out = String::new();
    write(&value, &mut out)?;
    Ok(out.into_bytes())
}

/// SHA-256 over [`signing_bytes`], in unpadded base64: the hash that links chains.
pub fn hash<T: Serialize + ?Sized>(value: &T) -> Result<String, CanonicalError> {
    Ok(STANDARD_NO_PAD.encode(Sha256::digest(signing_bytes(value)?)))
}

fn write(value: &Value, out: &mut String) -> Result<(), CanonicalError> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => match number.as_i64() {
            Some(integer) if (-MAX_INTEGER..=MAX_INTEGER).contains(&integer) => out.push_str(&integer.to_string()),
            _ => return Err(CanonicalError::Number(number.to_string())),
        },
        Value::String(text) => write_text(text, out)?,
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(object) => {
            // Sorted here, so that no feature of serde_json (preserve_order) can change what is signed.
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (at, (key, item)) in entries.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_text(key, out)?;
                out.push(':');
                write(item, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn write_text(text: &str, out: &mut String) -> Result<(), CanonicalError> {
    out.push_str(&serde_json::to_string(text)?);
    Ok(())
}
