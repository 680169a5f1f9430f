//! A tree of values into the types of `file.rs`, by serde. Every fault has its place and its key, and one run finds as many as it
//! can: a list goes on after an element that is wrong, a mapping after a key that it does not know.

use std::cell::RefCell;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Visitor},
    forward_to_deserialize_any,
};

use super::{
    file::File,
    key::KeyPath,
    node::{Entry, Node, Value},
    problem::Finding,
    suggest,
};

mod access;
mod fault;

use access::{List, Map, Variant};
use fault::Fault;

/// Reads the whole file's tree.
pub(super) fn decode(root: &Node) -> Result<File, Vec<Finding>> {
    let findings = RefCell::new(Vec::new());
    let whole = Decoder { node: root, key: KeyPath::root(), findings: &findings };
    let file = whole.clone().read::<File>().map_err(|fault| whole.list(fault));
    match (file, findings.into_inner()) {
        (Ok(file), findings) if findings.is_empty() => Ok(file),
        (_, findings) => Err(findings),
    }
}

/// Reads one value. What is wrong without stopping the reading goes to the list of findings.
#[derive(Clone)]
struct Decoder<'a> {
    node: &'a Node,
    key: KeyPath,
    findings: &'a RefCell<Vec<Finding>>,
}

impl<'a> Decoder<'a> {
    fn read<'de, T: Deserialize<'de>>(self) -> Result<T, Fault> {
        let here = self.clone();
        T::deserialize(self).map_err(|fault| fault.placed(&here))
    }

    fn seed<'de, S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Fault> {
        let here = self.clone();
        seed.deserialize(self).map_err(|fault| fault.placed(&here))
    }

    /// For a value inside this one.
    fn below(&self, node: &'a Node, key: KeyPath) -> Self {
        let findings = self.findings;
        Self { node, key, findings }
    }

    fn list(&self, fault: Fault) {
        self.findings.borrow_mut().extend(fault.into_finding());
    }

    /// The entries whose keys are known; the others are listed.
    fn known_entries(&self, entries: &'a [Entry], known: &'static [&'static str]) -> Vec<&'a Entry> {
        let (entries, unknown): (Vec<_>, Vec<_>) =
            entries.iter().partition(|entry| known.contains(&entry.key.as_str()));
        for entry in unknown {
            self.findings.borrow_mut().push(self.unknown_key(entry, known));
        }
        entries
    }

    fn unknown_key(&self, entry: &Entry, known: &'static [&'static str]) -> Finding {
        let place = entry.place;
        if looks_like_a_key(&entry.key) {
            let advice = suggest::advice(&entry.key, "the keys here are", known);
            return Finding { place, key: self.key.field(&entry.key), text: format!("unknown key{advice}") };
        }
        Finding {
            place,
            key: self.key.clone(),
            text: format!("something that is no key stands here; the keys here are {}", known.join(", ")),
        }
    }

    fn mismatch(&self, wanted: &str) -> Fault {
        let found = match &self.node.value {
            Value::Nothing if self.key == KeyPath::root() => "an empty file",
            Value::Nothing => "nothing; give the key a value or leave it out",
            Value::Flag(_) if wanted == "text" => "true or false; in quotes it is text",
            Value::Flag(_) => "true or false",
            Value::Number(_) | Value::Fraction if wanted == "text" => "a number; in quotes it is text",
            Value::Number(_) | Value::Fraction => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        };
        Fault::Text(format!("must be {wanted}, found {found}"))
    }
}

/// What does not may be a secret that slipped to the left; it is not shown.
fn looks_like_a_key(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    text.len() <= 32 && text.chars().all(plain) && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

impl<'de> Deserializer<'de> for Decoder<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Nothing => visitor.visit_unit(),
            Value::Flag(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => match u64::try_from(*number) {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => visitor.visit_i64(i64::try_from(*number).unwrap_or(i64::MIN)),
            },
            Value::Fraction => visitor.visit_f64(f64::NAN),
            Value::Text(text) => visitor.visit_str(text),
            Value::List(nodes) => visitor.visit_seq(List::new(&self, nodes)),
            Value::Map(entries) => visitor.visit_map(Map::new(&self, entries.iter().collect())),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.value {
            Value::Flag(flag) => visitor.visit_bool(flag),
            _ => Err(self.mismatch("true or false")),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.node.value {
            Value::Number(number) => match u64::try_from(number) {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => Err(Fault::Text("must be a whole number, 0 or more".to_owned())),
            },
            _ => Err(self.mismatch("a whole number")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Text(text) => visitor.visit_str(text),
            _ => Err(self.mismatch("text")),
        }
    }

    /// A key without a value is not the same as no key: below a rule it would silently mean "any".
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::List(nodes) => visitor.visit_seq(List::new(&self, nodes)),
            _ => Err(self.mismatch("a list")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Map(entries) => visitor.visit_map(Map::new(&self, self.known_entries(entries, known))),
            _ => Err(self.mismatch(&format!("a mapping of {}", known.join(", ")))),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_enum(Variant::chosen(&self, variants)?)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 f64 char str bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct map
        identifier ignored_any
    }
}
