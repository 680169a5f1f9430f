//! Framings of pages: tables of names that must fit together.

use std::sync::Arc;

use super::Check;
use crate::{
    config::{
        file::{Content, DialectEntry, FieldMessage, Framing, JsonFraming, Kind, Output},
        key::KeyPath,
        suggest,
    },
    protocol::{
        Bare, Dialect, ExitTable, FieldTable, JsonTable, OutputContent, OutputTable, ResizeTable, TableError,
    },
};

/// Kubernetes' subprotocols, all of them.
const CHANNEL: &str = "channel";

impl Check<'_> {
    pub(super) fn dialects(&mut self, entries: &[DialectEntry]) -> Vec<Arc<Dialect>> {
        let list = KeyPath::root().field("dialects");
        let mut dialects: Vec<Arc<Dialect>> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let key = list.index(index);
            let name = &entry.name;
            let is_taken = name == CHANNEL || Dialect::PRESETS.contains(&name.as_str());
            if name.is_empty() {
                self.refuse(&key.field("name"), "must not be empty");
            } else if is_taken {
                self.refuse(&key.field("name"), format!("{name:?} is a preset; choose another name"));
            } else if entries.iter().take(index).any(|other| other.name == *name) {
                self.refuse(
                    &key.field("name"),
                    format!("{name:?} is the name of a dialect before it; choose another"),
                );
            }
            let framing = key.field("framing");
            dialects.extend(match &entry.framing {
                Framing::Raw(kind) => Some(Dialect::raw(name, (*kind).into()).into()),
                Framing::Json(json) => self.json(&framing.field("json"), name, &table(json)),
            });
        }
        dialects
    }

    /// A dialect of a table, or all that is wrong with the table.
    fn json(&mut self, key: &KeyPath, name: &str, table: &JsonTable) -> Option<Arc<Dialect>> {
        for error in table.errors() {
            self.refuse(&key_of(key, &error), &error);
        }
        if matches!(table.output, OutputTable::Bare(_)) {
            let messages = [("error", table.error.is_some()), ("exit", table.exit.is_some())];
            for (name, _) in messages.iter().filter(|(_, is_there)| *is_there) {
                self.refuse(&key.field(name), BESIDE_BARE_OUTPUT);
            }
        }
        Dialect::json(name, table).ok().map(Arc::new)
    }

    /// The dialect that a route names, of the `dialects` that were made of `entries` or of the presets; `None` for Kubernetes'
    /// subprotocols, for one that is wrong itself, and for one that there is not.
    pub(super) fn dialect(
        &mut self,
        key: &KeyPath,
        name: &str,
        entries: &[DialectEntry],
        dialects: &[Arc<Dialect>],
    ) -> Option<Arc<Dialect>> {
        if name == CHANNEL {
            return None;
        }
        if entries.iter().any(|entry| entry.name == name) {
            return dialects.iter().find(|dialect| dialect.name() == name).cloned();
        }
        let preset = Dialect::preset(name);
        if preset.is_none() {
            let mut known = vec![CHANNEL];
            known.extend(Dialect::PRESETS);
            known.extend(entries.iter().map(|entry| entry.name.as_str()));
            let advice = suggest::advice(name, "there are", &known);
            self.refuse(key, format!("no dialect is named {name:?}{advice}"));
        }
        preset.map(Arc::new)
    }
}

const BESIDE_BARE_OUTPUT: &str = "is never sent beside bare output, which a page could not tell from it; remove it, or write a message under output";

/// Where the name stands that is wrong in the table at `json`.
fn key_of(json: &KeyPath, error: &TableError) -> KeyPath {
    error.key().split('.').fold(json.clone(), |key, step| match step.parse() {
        Ok(index) => key.index(index),
        // In the file the message stands one key further down, where else `bare` does.
        Err(_) if step == "output" => key.field("output").field("message"),
        Err(_) => key.field(step),
    })
}

fn table(json: &JsonFraming) -> JsonTable {
    JsonTable {
        tag: json.tag.clone(),
        input: field(&json.input),
        resize: json.resize.as_ref().map(|resize| ResizeTable {
            case: resize.case.clone(),
            columns: resize.columns.clone(),
            rows: resize.rows.clone(),
        }),
        close: json.close.clone(),
        ignored: json.ignored.clone(),
        output: match &json.output {
            Output::Bare(kind) => OutputTable::Bare((*kind).into()),
            Output::Message(message) => OutputTable::Field {
                field: FieldTable { case: message.case.clone(), field: message.field.clone() },
                content: message.content.into(),
            },
        },
        error: json.error.as_ref().map(field),
        exit: json.exit.as_ref().map(|exit| ExitTable {
            case: exit.case.clone(),
            code: exit.code.clone(),
            signal: exit.signal.clone(),
        }),
    }
}

fn field(message: &FieldMessage) -> FieldTable {
    FieldTable { case: message.case.clone(), field: message.field.clone() }
}

impl From<Kind> for Bare {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Binary => Self::Binary,
        }
    }
}

impl From<Content> for OutputContent {
    fn from(content: Content) -> Self {
        match content {
            Content::Text => Self::Text,
            Content::Bytes => Self::Bytes,
            Content::TextOrBytes => Self::TextOrBytes,
        }
    }
}
