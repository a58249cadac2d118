//! Fields that come as TOML from the file and as text from the environment.

use std::{fmt::Display, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error as _};

#[derive(Deserialize)]
#[serde(untagged)]
enum Either<T> {
    Text(String),
    Native(T),
}

/// A number or a truth value, or its text.
pub fn parsed<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    match Either::<T>::deserialize(deserializer)? {
        Either::Native(value) => Ok(value),
        Either::Text(text) => text.parse().map_err(|error| D::Error::custom(format!("`{text}`: {error}"))),
    }
}

/// A list, or its items with commas between them.
pub fn list<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    let items = match Either::<Vec<String>>::deserialize(deserializer)? {
        Either::Native(items) => items,
        Either::Text(text) => text.split(',').map(|item| item.trim().to_owned()).collect(),
    };
    let items = items.iter().filter(|item| !item.is_empty());
    items.map(|item| item.parse().map_err(|error| D::Error::custom(format!("`{item}`: {error}")))).collect()
}
