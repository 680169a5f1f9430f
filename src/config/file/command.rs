//! Commands: the patterns of rules, and what routes run.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};

/// A command's words as a rule has them, each a pattern; and how they were written.
#[derive(Debug)]
pub(in crate::config) enum CommandWords {
    /// A text, to be split at spaces.
    Text(String),
    /// A list of words.
    List(Vec<String>),
}

impl<'de> Deserialize<'de> for CommandWords {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CommandVisitor)
    }
}

struct CommandVisitor;

impl<'de> Visitor<'de> for CommandVisitor {
    type Value = CommandWords;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a command as text, or a list of its words")
    }

    fn visit_str<E>(self, text: &str) -> Result<CommandWords, E> {
        Ok(CommandWords::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<CommandWords, A::Error> {
        let mut words = Vec::new();
        while let Some(word) = list.next_element()? {
            words.push(word);
        }
        Ok(CommandWords::List(words))
    }
}

impl JsonSchema for CommandWords {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CommandPattern".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A command's pattern: a text that is split at spaces, such as `ls -l *`, or a list of words, such as \
                            `[sh, -c, \"ls -l\"]`. A last word `**` stands for any further words, or none.",
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
            "examples": ["sh", "ls -l *", ["sh", "-c", "ls -l"]],
        })
    }
}

/// A command's words, none of them a pattern.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::config) struct PlainCommand(pub(in crate::config) CommandWords);

impl JsonSchema for PlainCommand {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PlainCommand".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A command as it runs: a text that is split at spaces, such as `ls -l`, or a list of words, such as \
                            `[sh, -c, \"ls -l\"]`. Nothing in it is a pattern: `*` is a star.",
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
            "examples": ["sh", "ls -l", ["sh", "-c", "ls -l"]],
        })
    }
}
