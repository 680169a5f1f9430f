//! Picks a few fields out of a JSON message, which is read to its end and never becomes a tree.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// What is left of the way to a field: keys from the top down.
pub(super) type Way<'a> = &'a [String];

/// What stands in a field.
#[derive(Debug)]
pub(super) enum Picked<'m> {
    Text(Cow<'m, str>),
    Number(u64),
    /// A list of byte values.
    Bytes(Vec<u8>),
    /// Anything else.
    Other,
}

/// What stands at the ends of `ways` in the object that `message` is, or `None` if it is none. Of a key that stands there twice the
/// last one counts. What is beside them is read as thoroughly: what is no JSON there is an error too.
pub(super) fn pick<'m, const N: usize>(
    message: &'m str,
    ways: [Option<Way<'_>>; N],
) -> serde_json::Result<Option<[Option<Picked<'m>>; N]>> {
    let mut picked = [const { None }; N];
    let mut deserializer = serde_json::Deserializer::from_str(message);
    let seen = Place { ways, picked: &mut picked }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(matches!(seen, Seen::Object).then_some(picked))
}

/// A place in a message, and the ways that lead there or on from there.
struct Place<'a, 'm, const N: usize> {
    ways: [Option<Way<'a>>; N],
    picked: &'a mut [Option<Picked<'m>>; N],
}

/// What was at a place.
enum Seen {
    Object,
    Number(u64),
    Other,
}

impl<'m, const N: usize> Place<'_, 'm, N> {
    /// Keeps what stands here for each field that is here.
    fn keep(&mut self, what: impl Fn() -> Picked<'m>) {
        for (slot, way) in self.picked.iter_mut().zip(&self.ways) {
            if way.is_some_and(<[String]>::is_empty) {
                *slot = Some(what());
            }
        }
    }

    fn keep_other(mut self) -> Seen {
        self.keep(|| Picked::Other);
        Seen::Other
    }

    /// A place where nothing is kept.
    fn aside(&mut self) -> Place<'_, 'm, N> {
        Place { ways: [None; N], picked: self.picked }
    }
}

impl<'m, const N: usize> DeserializeSeed<'m> for Place<'_, 'm, N> {
    type Value = Seen;

    fn deserialize<D: Deserializer<'m>>(self, deserializer: D) -> Result<Seen, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'m, const N: usize> Visitor<'m> for Place<'_, 'm, N> {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Seen, E> {
        Ok(self.keep_other())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Seen, E> {
        Ok(self.keep_other())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Seen, E> {
        Ok(self.keep_other())
    }

    fn visit_unit<E: Error>(self) -> Result<Seen, E> {
        Ok(self.keep_other())
    }

    fn visit_u64<E: Error>(mut self, number: u64) -> Result<Seen, E> {
        self.keep(|| Picked::Number(number));
        Ok(Seen::Number(number))
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<Seen, E> {
        self.keep(|| Picked::Text(Cow::Owned(text.to_owned())));
        Ok(Seen::Other)
    }

    fn visit_borrowed_str<E: Error>(mut self, text: &'m str) -> Result<Seen, E> {
        self.keep(|| Picked::Text(Cow::Borrowed(text)));
        Ok(Seen::Other)
    }

    fn visit_seq<A: SeqAccess<'m>>(mut self, mut list: A) -> Result<Seen, A::Error> {
        let mut bytes = Some(Vec::new());
        while let Some(seen) = list.next_element_seed(self.aside())? {
            let byte = match seen {
                Seen::Number(number) => u8::try_from(number).ok(),
                Seen::Object | Seen::Other => None,
            };
            bytes = bytes.zip(byte).map(|(mut bytes, byte)| {
                bytes.push(byte);
                bytes
            });
        }
        self.keep(|| bytes.clone().map_or(Picked::Other, Picked::Bytes));
        Ok(Seen::Other)
    }

    fn visit_map<A: MapAccess<'m>>(mut self, mut object: A) -> Result<Seen, A::Error> {
        self.keep(|| Picked::Other);
        while let Some(ways) = object.next_key_seed(Key { ways: self.ways })? {
            for (slot, _) in self.picked.iter_mut().zip(&ways).filter(|(_, way)| way.is_some()) {
                *slot = None;
            }
            object.next_value_seed(Place { ways, picked: self.picked })?;
        }
        Ok(Seen::Object)
    }
}

/// A key, and the ways that lead to its object.
struct Key<'a, const N: usize> {
    ways: [Option<Way<'a>>; N],
}

impl<'a, 'm, const N: usize> DeserializeSeed<'m> for Key<'a, N> {
    type Value = [Option<Way<'a>>; N];

    fn deserialize<D: Deserializer<'m>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a, const N: usize> Visitor<'_> for Key<'a, N> {
    /// What is left of each way behind the key.
    type Value = [Option<Way<'a>>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        let behind =
            |way: Way<'a>| way.split_first().filter(|(first, _)| *first == key).map(|(_, rest)| rest);
        Ok(self.ways.map(|way| way.and_then(behind)))
    }
}
