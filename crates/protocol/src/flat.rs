//! Enums with their tag among their fields, read through one struct of all fields.
//!
//! What serde derives for such an enum keeps every value in a buffer of its own first, and compiles all types in it once
//! more to read them from there: kilobytes for each variant, which browsers fetch.

/// A field that this variant has.
pub fn needed<T>(field: Option<T>) -> Result<T, &'static str> {
    field.ok_or("a field is missing")
}
