//! `SOTTO_SERVER__LISTEN=..` over `[server] listen = ..`.

use toml::{Table, Value};

use super::ConfigError;

const PREFIX: &str = "SOTTO_";

/// Puts the variables over the table. Those without `__` belong to other programs; unknown fields are refused where
/// the table is read, like those of the file.
pub fn overlay(table: &mut Table, environment: impl IntoIterator<Item = (String, String)>) -> Result<(), ConfigError> {
    for (name, text) in environment {
        let Some(path) = name.strip_prefix(PREFIX).filter(|path| path.contains("__")) else { continue };
        let path = path.to_ascii_lowercase();
        let keys: Vec<&str> = path.split("__").collect();
        put(table, &keys, text).ok_or_else(|| ConfigError(format!("{name} names no field")))?;
    }
    Ok(())
}

fn put(table: &mut Table, keys: &[&str], text: String) -> Option<()> {
    let (last, sections) = keys.split_last()?;
    let mut place = table;
    for section in sections {
        let inner = place.entry(section.to_owned()).or_insert_with(|| Value::Table(Table::new()));
        place = inner.as_table_mut()?;
    }
    // Only rates lie deeper than a section, and they are numbers.
    let value = match text.parse() {
        Ok(number) if sections.len() > 1 => Value::Integer(number),
        _ => Value::String(text),
    };
    place.insert((*last).to_owned(), value);
    Some(())
}
