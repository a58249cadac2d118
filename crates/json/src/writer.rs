//! The one serializer.

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::{Error, RAW};

#[derive(Default)]
pub(crate) struct Writer {
    out: String,
    /// The next string is JSON.
    is_raw: bool,
}

impl Writer {
    pub(crate) fn into_text(self) -> String {
        self.out
    }

    fn text(&mut self, text: &str) {
        if self.is_raw {
            self.out.push_str(text);
            return;
        }
        self.out.push('"');
        let mut from = 0;
        for (at, byte) in text.bytes().enumerate() {
            let escape = match byte {
                b'"' => "\\\"",
                b'\\' => "\\\\",
                8 => "\\b",
                9 => "\\t",
                10 => "\\n",
                12 => "\\f",
                13 => "\\r",
                0..0x20 => "\\u00",
                _ => continue,
            };
            self.out.push_str(text.get(from..at).unwrap_or_default());
            self.out.push_str(escape);
            if escape.len() > 2 {
                self.out.push(char::from(b'0' + byte / 16));
                self.out.push(char::from_digit(u32::from(byte % 16), 16).unwrap_or_default());
            }
            from = at + 1;
        }
        self.out.push_str(text.get(from..).unwrap_or_default());
        self.out.push('"');
    }

    fn natural(&mut self, mut number: u64) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
            at -= 1;
            if number == 0 {
                break;
            }
        }
        self.out.extend(digits.iter().skip(at).copied().map(char::from));
    }

    /// What comes before the next item.
    fn next(&mut self, first: &mut bool) {
        if !std::mem::take(first) {
            self.out.push(',');
        }
    }

    fn field(&mut self, name: &str, first: &mut bool) {
        self.next(first);
        self.text(name);
        self.out.push(':');
    }

    /// A key that began there: a string, or a number or truth value to be put in quotes.
    fn key(&mut self, from: usize) -> Result<(), Error> {
        match self.out.as_bytes().get(from) {
            Some(b'"') => {}
            Some(b'-' | b'0'..=b'9' | b't' | b'f') => {
                self.out.insert(from, '"');
                self.out.push('"');
            }
            _ => return Err(Error::Value),
        }
        self.out.push(':');
        Ok(())
    }

    fn begin(&mut self, bracket: char, end: &'static str) -> Items<'_> {
        self.out.push(bracket);
        Items { writer: self, first: true, end }
    }

    fn variant(&mut self, name: &str) {
        self.out.push('{');
        self.field(name, &mut true);
    }
}

macro_rules! numbers {
    ($($method:ident($number:ty) as $to:ident($wide:ty);)*) => {
        $(fn $method(self, number: $number) -> Result<(), Error> { self.$to(<$wide>::from(number)) })*
    };
}

impl<'w> Serializer for &'w mut Writer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'w>;
    type SerializeTuple = Items<'w>;
    type SerializeTupleStruct = Items<'w>;
    type SerializeTupleVariant = Items<'w>;
    type SerializeMap = Items<'w>;
    type SerializeStruct = Items<'w>;
    type SerializeStructVariant = Items<'w>;

    numbers! {
        serialize_i8(i8) as serialize_i64(i64);
        serialize_i16(i16) as serialize_i64(i64);
        serialize_i32(i32) as serialize_i64(i64);
        serialize_u8(u8) as serialize_u64(u64);
        serialize_u16(u16) as serialize_u64(u64);
        serialize_u32(u32) as serialize_u64(u64);
        serialize_f32(f32) as serialize_f64(f64);
    }

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.out.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i64(self, number: i64) -> Result<(), Error> {
        if number < 0 {
            self.out.push('-');
        }
        self.natural(number.unsigned_abs());
        Ok(())
    }

    fn serialize_u64(self, number: u64) -> Result<(), Error> {
        self.natural(number);
        Ok(())
    }

    fn serialize_f64(self, _: f64) -> Result<(), Error> {
        Err(Error::Value)
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.text(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.out.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<(), Error> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(name);
        value.serialize(&mut *self)?;
        self.out.push('}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'w>, Error> {
        Ok(self.begin('[', "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'w>, Error> {
        Ok(self.begin('[', "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'w>, Error> {
        Ok(self.begin('[', "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Items<'w>, Error> {
        self.variant(name);
        Ok(self.begin('[', "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Items<'w>, Error> {
        Ok(self.begin('{', "}"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Items<'w>, Error> {
        if name == RAW {
            self.is_raw = true;
            return Ok(Items { writer: self, first: true, end: "" });
        }
        Ok(self.begin('{', "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Items<'w>, Error> {
        self.variant(name);
        Ok(self.begin('{', "}}"))
    }
}

/// What is inside of an array or object.
pub(crate) struct Items<'w> {
    writer: &'w mut Writer,
    first: bool,
    /// What ends it.
    end: &'static str,
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.writer.next(&mut self.first);
        value.serialize(&mut *self.writer)
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Error> {
        if !self.writer.is_raw {
            self.writer.field(name, &mut self.first);
        }
        value.serialize(&mut *self.writer)
    }

    fn finish(self) {
        self.writer.is_raw = false;
        self.writer.out.push_str(self.end);
    }
}

impl SerializeMap for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.writer.next(&mut self.first);
        let from = self.writer.out.len();
        key.serialize(&mut *self.writer)?;
        self.writer.key(from)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Error> {
        self.finish();
        Ok(())
    }
}

macro_rules! items {
    ($($kind:ident::$method:ident;)*) => {
        $(impl $kind for Items<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }

            fn end(self) -> Result<(), Error> {
                self.finish();
                Ok(())
            }
        })*
    };
}

items! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
    SerializeTupleVariant::serialize_field;
}

macro_rules! fields {
    ($($kind:ident)*) => {
        $(impl $kind for Items<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Error> {
                self.finish();
                Ok(())
            }
        })*
    };
}

fields! { SerializeStruct SerializeStructVariant }
