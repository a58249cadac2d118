//! Enums kept as the text that they have on the wire.

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{
    Decode, Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef},
};

/// A value that serde writes as a string, in a `text` column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<T>(pub T);

impl<T> Type<Postgres> for Text<T> {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }

    fn compatible(ty: &PgTypeInfo) -> bool {
        <str as Type<Postgres>>::compatible(ty)
    }
}

impl<T: Serialize> Encode<'_, Postgres> for Text<T> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match serde_json::to_value(&self.0)? {
            serde_json::Value::String(text) => <&str as Encode<'_, Postgres>>::encode_by_ref(&text.as_str(), buffer),
            _ => Err("the value is not written as a string".into()),
        }
    }
}

impl<T: DeserializeOwned> Decode<'_, Postgres> for Text<T> {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let text = <String as Decode<'_, Postgres>>::decode(value)?;
        Ok(Self(serde_json::from_value(serde_json::Value::String(text))?))
    }
}
