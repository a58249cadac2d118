//! JSON text of serde's types, as `serde_json` reads and writes it, with little code for each type.
//!
//! Code that serde derives is compiled once for every deserializer and serializer. Here is one of each; what does not
//! depend on a type is outside of it, and errors carry no text. A tenth of `serde_json`'s size in WebAssembly.
//!
//! The same text is written. What is read is the same but for two things that no type of ours has: a struct is an
//! object, never an array; and fractions are read over, not read. `serde_json::value::RawValue` works.

#![deny(missing_docs)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod cursor;
mod error;
mod reader;
mod writer;

use serde::{Serialize, de::DeserializeOwned};

pub use error::Error;

/// `serde_json`'s name for text that is kept as it is.
const RAW: &str = "$serde_json::private::RawValue";

/// Reads a value that fills the whole text.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    from_str(std::str::from_utf8(bytes).map_err(|_| Error::Syntax)?)
}

/// Reads a value that fills the whole text.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let mut reader = reader::Reader::new(text);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Writes a value without spaces.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    let mut writer = writer::Writer::default();
    value.serialize(&mut writer)?;
    Ok(writer.into_text())
}

/// Writes a value without spaces.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Error> {
    to_string(value).map(String::into_bytes)
}
