//! The one deserializer.

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use crate::{
    Error, RAW,
    cursor::{Cursor, Number},
};

pub(crate) struct Reader<'a> {
    cursor: Cursor<'a>,
    /// The next value is an object's key: numbers and truth values are in quotes.
    is_key: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { cursor: Cursor::new(text), is_key: false }
    }

    pub(crate) fn end(&mut self) -> Result<(), Error> {
        self.cursor.end()
    }

    fn number(&mut self) -> Result<Number, Error> {
        if self.is_key { self.cursor.quoted(Cursor::number) } else { self.cursor.number() }
    }

    fn boolean(&mut self) -> Result<bool, Error> {
        if self.is_key { self.cursor.quoted(Cursor::boolean) } else { self.cursor.boolean() }
    }

    fn null(&mut self) -> Result<(), Error> {
        if self.cursor.word("null") { Ok(()) } else { Err(self.cursor.unexpected()) }
    }

    /// Whether an object has a further key, which is next then.
    fn more_keys(&mut self, first: &mut bool) -> Result<bool, Error> {
        let more = self.cursor.more(b'}', first)?;
        if more && self.cursor.peek() != Some(b'"') {
            return Err(Error::Syntax);
        }
        self.is_key = more;
        Ok(more)
    }

    /// From a key to its value.
    fn value(&mut self) -> Result<(), Error> {
        self.is_key = false;
        self.cursor.need(b':')
    }
}

/// What is inside of an array or object.
struct Items<'r, 'a> {
    reader: &'r mut Reader<'a>,
    first: bool,
}

fn items<'r, 'a>(reader: &'r mut Reader<'a>, bracket: u8) -> Result<Items<'r, 'a>, Error> {
    reader.cursor.open(bracket)?;
    Ok(Items { reader, first: true })
}

macro_rules! forward {
    ($($method:ident => $to:ident;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> { self.$to(visitor) })*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    forward! {
        deserialize_i8 => deserialize_i64;
        deserialize_i16 => deserialize_i64;
        deserialize_i32 => deserialize_i64;
        deserialize_u8 => deserialize_i64;
        deserialize_u16 => deserialize_i64;
        deserialize_u32 => deserialize_i64;
        deserialize_u64 => deserialize_i64;
        deserialize_f32 => deserialize_i64;
        deserialize_f64 => deserialize_i64;
        deserialize_char => deserialize_str;
        deserialize_string => deserialize_str;
        deserialize_identifier => deserialize_str;
        deserialize_byte_buf => deserialize_bytes;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.cursor.peek() {
            Some(b'"') => self.deserialize_str(visitor),
            Some(b'{') => self.deserialize_map(visitor),
            Some(b'[') => self.deserialize_seq(visitor),
            Some(b't' | b'f') => self.deserialize_bool(visitor),
            Some(b'n') => self.deserialize_unit(visitor),
            _ => match self.number()? {
                Number::Natural(number) => visitor.visit_u64(number),
                Number::Negative(number) => visitor.visit_i64(number),
                // Fits no type of ours and can be ignored; reading fractions exactly takes tables of their own.
                Number::Other => visitor.visit_f64(f64::NAN),
            },
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.boolean()?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.number()? {
            Number::Natural(number) => visitor.visit_u64(number),
            Number::Negative(number) => visitor.visit_i64(number),
            Number::Other => Err(Error::Type),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(&self.cursor.string()?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.cursor.peek() == Some(b'[') {
            return self.deserialize_seq(visitor);
        }
        visitor.visit_bytes(self.cursor.string()?.as_bytes())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.cursor.word("null") { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.null()?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == RAW {
            return visitor.visit_map(Raw { text: self.cursor.raw()?, is_name: true });
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let value = visitor.visit_seq(items(self, b'[')?)?;
        self.cursor.close(b']')?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let value = visitor.visit_map(items(self, b'{')?)?;
        self.cursor.close(b'}')?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let has_value = self.cursor.peek() == Some(b'{');
        if has_value {
            self.cursor.open(b'{')?;
        }
        let value = visitor.visit_enum(Variant { reader: self, has_value })?;
        if has_value {
            self.cursor.close(b'}')?;
        }
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.cursor.skip()?;
        visitor.visit_unit()
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if self.reader.cursor.more(b']', &mut self.first)? {
            seed.deserialize(&mut *self.reader).map(Some)
        } else {
            Ok(None)
        }
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if self.reader.more_keys(&mut self.first)? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        self.reader.value()?;
        seed.deserialize(&mut *self.reader)
    }
}

/// A variant's name, or an object of the name and what it holds.
struct Variant<'r, 'a> {
    reader: &'r mut Reader<'a>,
    has_value: bool,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Error> {
        let name = seed.deserialize(&mut *self.reader)?;
        if self.has_value {
            self.reader.value()?;
        }
        Ok((name, self))
    }
}

impl Variant<'_, '_> {
    fn held(&self) -> Result<(), Error> {
        if self.has_value { Ok(()) } else { Err(Error::Type) }
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        if self.has_value { self.reader.null() } else { Ok(()) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        self.held()?;
        seed.deserialize(self.reader)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.held()?;
        self.reader.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.held()?;
        self.reader.deserialize_map(visitor)
    }
}

/// A value's text, in the shape that `RawValue` takes it.
struct Raw<'a> {
    text: &'a str,
    is_name: bool,
}

impl<'de> MapAccess<'de> for Raw<'de> {
    type Error = Error;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if std::mem::take(&mut self.is_name) {
            seed.deserialize(serde::de::value::BorrowedStrDeserializer::new(RAW)).map(Some)
        } else {
            Ok(None)
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(serde::de::value::BorrowedStrDeserializer::new(self.text))
    }
}
