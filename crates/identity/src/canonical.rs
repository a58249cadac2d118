//! Canonical JSON as the Matrix specification has it (appendices, "Canonical JSON").

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use sha2::{Digest as _, Sha256};

/// The largest integer that canonical JSON may hold, and its negative the smallest.
pub const MAX_INTEGER: i64 = (1 << 53) - 1;

/// Why a value has no canonical form.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// It can't be written as JSON, or a number in it is a fraction or outside -(2^53)+1 ..= 2^53-1.
    #[error("the value has no canonical form: {0}")]
    NoForm(#[from] sotto_json::Error),
    /// Only objects are signed and hashed.
    #[error("the value is not an object")]
    NotAnObject,
}

/// The canonical JSON of a value: keys sorted by code point, no spaces, UTF-8, integers only.
pub fn canonical_json<T: Serialize + ?Sized>(value: &T) -> Result<String, CanonicalError> {
    let node: Node = sotto_json::from_str(&sotto_json::to_string(value)?)?;
    Ok(sotto_json::to_string(&node)?)
}

/// The bytes that a signature covers: canonical JSON without the top-level `signatures` and `unsigned`.
pub fn signing_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    without_signatures(&sotto_json::to_string(value)?)
}

/// SHA-256 over [`signing_bytes`], in unpadded base64: the hash that links chains.
pub fn hash<T: Serialize + ?Sized>(value: &T) -> Result<String, CanonicalError> {
    Ok(STANDARD_NO_PAD.encode(Sha256::digest(signing_bytes(value)?)))
}

fn without_signatures(text: &str) -> Result<Vec<u8>, CanonicalError> {
    let Node::Object(mut object) = sotto_json::from_str(text)? else {
        return Err(CanonicalError::NotAnObject);
    };
    object.remove("signatures");
    object.remove("unsigned");
    Ok(sotto_json::to_vec(&object)?)
}

/// JSON of which there is one text only.
enum Node {
    Null,
    Bool(bool),
    Integer(i64),
    Text(String),
    Array(Vec<Node>),
    Object(BTreeMap<String, Node>),
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(object) => serializer.collect_map(object),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without fractions")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Node, E> {
        if number.unsigned_abs() <= MAX_INTEGER.unsigned_abs() {
            Ok(Node::Integer(number))
        } else {
            Err(E::custom("the number is not an integer within 53 bits"))
        }
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Node, E> {
        self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Node::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut object = BTreeMap::new();
        while let Some((key, value)) = entries.next_entry()? {
            object.insert(key, value);
        }
        Ok(Node::Object(object))
    }
}
