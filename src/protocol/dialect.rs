//! Framings of pages that speak no subprotocol of Kubernetes: JSON messages by a table of names, or bare terminal bytes. One stream of
//! input and one of output, sizes and an end; no channels.

mod error;
mod escape;
mod json;
mod pick;
mod preset;
mod reader;
mod surrogate;
mod table;
mod unescape;

use std::fmt;

pub use error::DialectError;
pub(super) use escape::{GROWTH, write_bytes, write_text};

pub(super) use json::{Content, JsonInput, JsonOutput, JsonPart};
pub use reader::MESSAGE_LIMIT as JSON_MESSAGE_LIMIT;
pub(super) use reader::{DialectReader, Event};
pub use table::{
    Bare, ExitTable, FieldTable, JsonTable, OutputContent, OutputTable, ResizeTable, TableError,
};

/// One page's framing.
#[derive(Debug, PartialEq, Eq)]
pub struct Dialect {
    name: String,
    input: InputForm,
    output: OutputForm,
}

/// What the page sends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum InputForm {
    /// Input as it is, text or binary.
    Bare,
    /// JSON in text messages.
    Json(Box<JsonInput>),
}

/// What it is sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum OutputForm {
    /// Output as it is.
    Bare(Bare),
    /// JSON in text messages.
    Json(Box<JsonOutput>),
}

/// When a begun character is sent without its rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// At once: bytes are bytes.
    None,
    /// After a moment: it can be told as bytes then.
    Short,
    /// Not before the session ends: in text it would be lost.
    Endless,
}

impl Dialect {
    /// Terminal bytes both ways, without sizes and without an end of their own.
    pub fn raw(name: impl Into<String>, output: Bare) -> Self {
        Self { name: name.into(), input: InputForm::Bare, output: OutputForm::Bare(output) }
    }

    /// JSON messages by a table of names.
    pub fn json(name: impl Into<String>, table: &JsonTable) -> Result<Self, TableError> {
        table.check()?;
        Ok(Self {
            name: name.into(),
            input: InputForm::Json(JsonInput::new(table).into()),
            output: match &table.output {
                OutputTable::Bare(bare) => OutputForm::Bare(*bare),
                OutputTable::Field { field, content } => {
                    OutputForm::Json(JsonOutput::new(table, field, *content).into())
                }
            },
        })
    }

    /// Its name in the configuration.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// True if the page can say how large its terminal is.
    pub fn has_sizes(&self) -> bool {
        match &self.input {
            InputForm::Bare => false,
            InputForm::Json(json) => json.has_sizes(),
        }
    }

    pub(super) fn input(&self) -> &InputForm {
        &self.input
    }

    pub(super) fn output(&self) -> &OutputForm {
        &self.output
    }

    pub(super) fn patience(&self) -> Patience {
        match &self.output {
            OutputForm::Bare(Bare::Binary) => Patience::None,
            OutputForm::Bare(Bare::Text) => Patience::Endless,
            OutputForm::Json(json) => match json.content {
                OutputContent::Bytes => Patience::None,
                OutputContent::TextOrBytes => Patience::Short,
                OutputContent::Text => Patience::Endless,
            },
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests;
