//! The elements of a list, the entries of a mapping and the one variant of a choice, as serde asks for them.

use std::slice;

use serde::{
    Deserialize,
    de::{
        DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
        value::StrDeserializer,
    },
};

use super::{Decoder, Fault};
use crate::config::node::{Entry, Node, Value};

/// The elements of a list. One that is wrong is listed as such and left out.
pub(super) struct List<'a> {
    whole: Decoder<'a>,
    rest: std::iter::Enumerate<slice::Iter<'a, Node>>,
}

impl<'a> List<'a> {
    pub(super) fn new(whole: &Decoder<'a>, nodes: &'a [Node]) -> Self {
        Self { whole: whole.clone(), rest: nodes.iter().enumerate() }
    }

    fn next(&mut self) -> Option<Decoder<'a>> {
        let (index, node) = self.rest.next()?;
        Some(self.whole.below(node, self.whole.key.index(index)))
    }
}

impl<'de> SeqAccess<'de> for List<'_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        self.next().map(|element| element.seed(seed)).transpose()
    }

    /// A seed can be used once; without one, the next element can take the place of one that is wrong.
    fn next_element<T: Deserialize<'de>>(&mut self) -> Result<Option<T>, Fault> {
        while let Some(element) = self.next() {
            match element.read() {
                Ok(value) => return Ok(Some(value)),
                Err(fault) => self.whole.list(fault),
            }
        }
        Ok(None)
    }
}

/// The entries of a mapping.
pub(super) struct Map<'a> {
    whole: Decoder<'a>,
    rest: std::vec::IntoIter<&'a Entry>,
    value: Option<Decoder<'a>>,
}

impl<'a> Map<'a> {
    pub(super) fn new(whole: &Decoder<'a>, entries: Vec<&'a Entry>) -> Self {
        Self { whole: whole.clone(), rest: entries.into_iter(), value: None }
    }
}

impl<'de> MapAccess<'de> for Map<'_> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let Some(entry) = self.rest.next() else {
            return Ok(None);
        };
        self.value = Some(self.whole.below(&entry.node, self.whole.key.field(&entry.key)));
        seed.deserialize(key(&entry.key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let value = self.value.take().expect("serde asks for a value after its key");
        value.seed(seed)
    }
}

/// The one of several variants that was chosen. Only the type that is read knows whether its variants are words or keys.
pub(super) struct Variant<'a> {
    variants: &'static [&'static str],
    name: &'a str,
    choice: Choice<'a>,
}

/// How a variant was chosen.
enum Choice<'a> {
    /// As a word.
    Word,
    /// As a mapping's key, with its value.
    Key(Decoder<'a>),
    /// Not at all.
    Neither,
}

impl<'a> Variant<'a> {
    /// Finds out what `whole` chooses.
    pub(super) fn chosen(whole: &Decoder<'a>, variants: &'static [&'static str]) -> Result<Self, Fault> {
        let variant = |name, choice| Self { variants, name, choice };
        let entries = match &whole.node.value {
            Value::Text(text) if variants.contains(&text.as_str()) => return Ok(variant(text, Choice::Word)),
            Value::Map(entries) if !entries.is_empty() => entries,
            _ => {
                return Ok(variant(variants.first().copied().unwrap_or_default(), Choice::Neither));
            }
        };
        match whole.known_entries(entries, variants).as_slice() {
            [] => Err(Fault::Listed),
            [only] => {
                let value = whole.below(&only.node, whole.key.field(&only.key));
                Ok(variant(&only.key, Choice::Key(value)))
            }
            several => {
                let names: Vec<&str> = several.iter().map(|entry| entry.key.as_str()).collect();
                let text = format!("must have one key; {} are here together", names.join(" and "));
                Err(Fault::Text(text))
            }
        }
    }
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Fault> {
        Ok((seed.deserialize(key(self.name))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.choice {
            Choice::Word => Ok(()),
            Choice::Key(_) | Choice::Neither => {
                Err(Fault::Text(format!("must be one of the words {}", self.variants.join(", "))))
            }
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Fault> {
        match self.choice {
            Choice::Key(value) => value.seed(seed),
            Choice::Word | Choice::Neither => {
                let keys = self.variants.join(", ");
                Err(Fault::Text(format!("must be a mapping with one key out of {keys}")))
            }
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Fault> {
        unreachable!("no type in file.rs has a variant of several fields")
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Fault> {
        unreachable!("no type in file.rs has a variant with named fields")
    }
}

fn key(name: &str) -> StrDeserializer<'_, Fault> {
    name.into_deserializer()
}
