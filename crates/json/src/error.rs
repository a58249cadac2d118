//! Errors without text of their own: what built it would be compiled for every type.

use std::fmt;

/// What is wrong with a text or a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The text is no JSON.
    Syntax,
    /// It nests too deeply.
    Deep,
    /// There is something else than the type has.
    Type,
    /// A field is missing.
    MissingField,
    /// A field is there twice.
    DuplicateField,
    /// A field or variant that the type does not have.
    Unknown,
    /// A value that its type refuses, or that JSON has no form for.
    Value,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "the text is not JSON",
            Self::Deep => "the JSON nests too deeply",
            Self::Type => "the JSON has another shape",
            Self::MissingField => "a field is missing",
            Self::DuplicateField => "a field is there twice",
            Self::Unknown => "a field or variant is unknown",
            Self::Value => "a value is not acceptable",
        })
    }
}

impl std::error::Error for Error {}

impl serde::ser::Error for Error {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Value
    }
}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Value
    }

    fn invalid_type(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self::Type
    }

    fn invalid_value(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self::Value
    }

    fn invalid_length(_: usize, _: &dyn serde::de::Expected) -> Self {
        Self::Type
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::Unknown
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::Unknown
    }

    fn missing_field(_: &'static str) -> Self {
        Self::MissingField
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self::DuplicateField
    }
}
