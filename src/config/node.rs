//! The file as a tree of values, each with its place. The only module that knows the YAML crate.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_yaml::Spanned;

use super::{
    key::{KeyPath, Step},
    problem::{Finding, Place},
};

/// A value and where it starts.
#[derive(Debug)]
pub(super) struct Node {
    /// The value's first character.
    pub(super) place: Place,
    /// The value.
    pub(super) value: Value,
}

/// What YAML can say.
#[derive(Debug)]
pub(super) enum Value {
    /// Nothing, `~` or `null`.
    Nothing,
    /// `true` or `false`; `yes` and `no` are text.
    Flag(bool),
    /// A whole number.
    Number(i128),
    /// A number with a point, or one too large for the above.
    Fraction,
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the file's order, keys all different.
    Map(Vec<Entry>),
}

/// One line of a mapping.
#[derive(Debug)]
pub(super) struct Entry {
    /// The key.
    pub(super) key: String,
    /// The key's first character.
    pub(super) place: Place,
    /// Its value.
    pub(super) node: Node,
}

/// Reads YAML. Source lines stay out of the errors: secrets may stand in them.
pub(super) fn parse(text: &str) -> Result<Node, Finding> {
    let read = |duplicate_keys| {
        let options = serde_yaml::options! {
            with_snippet: false,
            strict_booleans: true,
            duplicate_keys: duplicate_keys,
            non_finite_float_policy: serde_yaml::options::NonFiniteFloatPolicy::PassThrough,
        };
        serde_yaml::from_str_with_options::<Spanned<Value>>(text, options)
    };
    let error = match read(serde_yaml::options::DuplicateKeyPolicy::Error) {
        Ok(root) => return Ok(root.into()),
        Err(error) => error,
    };
    let place = error.location().map_or(Place { line: 1, column: 1 }, place);
    if let serde_yaml::Error::DuplicateMappingKey { key: Some(key), .. } = &error {
        let tree = read(serde_yaml::options::DuplicateKeyPolicy::FirstWins);
        let path = tree.ok().and_then(|root| Node::from(root).first_use(key, place));
        return Err(Finding {
            place,
            key: path.unwrap_or_default(),
            text: "this key stands here for the second time; remove one".to_owned(),
        });
    }
    Err(Finding { place, key: KeyPath::root(), text: syntax_words(&error, text, place) })
}

/// The parser's sentence without its place, and what to do where newcomers stumble.
fn syntax_words(error: &serde_yaml::Error, text: &str, place: Place) -> String {
    if matches!(error, serde_yaml::Error::MultipleDocuments { .. }) {
        return "a second document starts here; the configuration is one document, so remove the `---`"
            .to_owned();
    }
    let sentence = error.to_string();
    let suffix = format!(" at line {}, column {}", place.line, place.column);
    let sentence = sentence.strip_suffix(&suffix).unwrap_or(&sentence);
    match character_at(text, place) {
        Some('*') => {
            format!("not valid YAML: text that starts with * needs quotes, as in \"*\" ({sentence})")
        }
        Some(special @ ('@' | '%' | '`' | '&' | '!')) => {
            format!("not valid YAML: text that starts with {special} needs quotes ({sentence})")
        }
        _ => format!("not valid YAML: {sentence}"),
    }
}

fn character_at(text: &str, place: Place) -> Option<char> {
    let line = text.lines().nth(usize::try_from(place.line).ok()?.checked_sub(1)?)?;
    line.chars().nth(usize::try_from(place.column).ok()?.checked_sub(1)?)
}

fn place(location: serde_yaml::Location) -> Place {
    Place { line: location.line(), column: location.column() }
}

impl Node {
    /// The place of the value at `path`, or of the nearest one above it that is there.
    pub(super) fn place_of(&self, path: &KeyPath) -> Place {
        let mut node = self;
        for step in path.steps() {
            let below = match (step, &node.value) {
                (Step::Name(name), Value::Map(entries)) => {
                    entries.iter().find(|entry| entry.key == *name).map(|entry| &entry.node)
                }
                (Step::Index(index), Value::List(nodes)) => nodes.get(*index),
                _ => None,
            };
            let Some(below) = below else { break };
            node = below;
        }
        node.place
    }

    /// The path of the key that was used again at `second`: the last one of that name before it, in the same column if there is one.
    fn first_use(&self, name: &str, second: Place) -> Option<KeyPath> {
        let mut uses = Vec::new();
        self.collect_uses(name, &KeyPath::root(), &mut uses);
        uses.retain(|(place, _)| *place < second);
        let same_column = |(place, _): &&(Place, KeyPath)| place.column == second.column;
        let found = uses.iter().rev().find(same_column).or_else(|| uses.last());
        found.map(|(_, path)| path.clone())
    }

    fn collect_uses(&self, name: &str, path: &KeyPath, uses: &mut Vec<(Place, KeyPath)>) {
        match &self.value {
            Value::Map(entries) => {
                for entry in entries {
                    let below = path.field(&entry.key);
                    if entry.key == name {
                        uses.push((entry.place, below.clone()));
                    }
                    entry.node.collect_uses(name, &below, uses);
                }
            }
            Value::List(nodes) => {
                for (index, node) in nodes.iter().enumerate() {
                    node.collect_uses(name, &path.index(index), uses);
                }
            }
            _ => {}
        }
    }
}

impl From<Spanned<Value>> for Node {
    fn from(spanned: Spanned<Value>) -> Self {
        Self { place: place(spanned.referenced), value: spanned.value }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Fraction)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element::<Spanned<Value>>()? {
            nodes.push(node.into());
        }
        Ok(Value::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, node)) = map.next_entry::<Spanned<String>, Spanned<Value>>()? {
            entries.push(Entry { place: place(key.referenced), key: key.value, node: node.into() });
        }
        Ok(Value::Map(entries))
    }
}
