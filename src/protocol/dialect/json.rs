//! JSON messages by a table: what a page's message says, and what stands around output.

use serde_json::{Map, Value};
use simdutf8::basic::from_utf8;

use super::pick::{Picked, Way, pick};
use super::unescape::read_text;
use super::{DialectError, ExitTable, FieldTable, JsonTable, OutputContent, surrogate};
use crate::protocol::{ExitStatus, TerminalSize};

/// The way to a field: keys from the top down.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field(Vec<String>);

/// What a page sends.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::protocol) struct JsonInput {
    tag: String,
    input: (String, Field),
    /// How pages write a text that is typed: its tag before or behind it.
    usual: [Around; 2],
    resize: Option<(String, Field, Field)>,
    close: Option<String>,
    ignored: Vec<String>,
}

/// What a message of a page says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It was typed.
    Input(Vec<u8>),
    /// The terminal's size; `None` for a hidden one, which has no columns or rows.
    Size(Option<TerminalSize>),
    /// The page leaves.
    Leave,
    /// Nothing that matters here.
    Nothing,
}

/// What stands around output and around last words.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::protocol) struct JsonOutput {
    pub(in crate::protocol) content: OutputContent,
    text: Around,
    bytes: Around,
    error: Option<Around>,
    exit: Option<ExitMessage>,
    tag: String,
}

/// The two parts of a message between which a field's content stands.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::protocol) struct Around {
    pub(in crate::protocol) before: Vec<u8>,
    pub(in crate::protocol) behind: Vec<u8>,
}

/// How a field's content is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::protocol) enum Content {
    Text,
    Bytes,
}

/// Which message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::protocol) enum JsonPart {
    /// Output.
    Output(Content),
    /// What execgate has to say.
    Words,
}

#[derive(Debug, PartialEq, Eq)]
struct ExitMessage {
    case: String,
    code: Field,
    signal: Option<Field>,
}

/// Stands for a field's content while what is around it is written; no key holds it.
const PLACE: &str = "\u{0}";
/// `PLACE` as JSON.
const PLACE_WRITTEN: &str = "\"\\u0000\"";
/// A case longer than this is cut where it is told.
const CASE_SHOWN: usize = 40;
const NUMBER: &str = "whole number from 0 to 65535";
const BYTES: &str = "text and no list of byte values";

impl JsonInput {
    /// Of a table without errors.
    pub(super) fn new(table: &JsonTable) -> Self {
        let (case, typed) = (table.input.case.clone(), Field::of(&table.input.field));
        let resize = table.resize.as_ref();
        Self {
            usual: typed.around_text(&table.tag, &case),
            tag: table.tag.clone(),
            input: (case, typed),
            resize: resize.map(|size| (size.case.clone(), Field::of(&size.columns), Field::of(&size.rows))),
            close: table.close.clone(),
            ignored: table.ignored.clone(),
        }
    }

    pub(super) fn has_sizes(&self) -> bool {
        self.resize.is_some()
    }

    /// What a whole message says.
    pub(super) fn read(&self, message: &[u8], dialect: &str) -> Result<Said, DialectError> {
        let not_json = |why: String| DialectError::NotJson { why };
        let text = from_utf8(message).map_err(|error| not_json(error.to_string()))?;
        if let Some(typed) = self.usual.iter().find_map(|usual| read_text(usual.inside(message)?)) {
            return Ok(Said::Input(typed));
        }
        let mended;
        let picked = match pick(text, self.ways()) {
            Err(error) => {
                mended = surrogate::mended(text).ok_or_else(|| not_json(error.to_string()))?;
                pick(&mended, self.ways()).map_err(|error| not_json(error.to_string()))?
            }
            Ok(picked) => picked,
        };
        let Some([tag, input, columns, rows]) = picked else {
            return Err(DialectError::NotAnObject { dialect: dialect.to_owned() });
        };
        let Some(Picked::Text(case)) = tag else {
            return Err(DialectError::NoTag { tag: self.tag.clone() });
        };
        let case = &*case;
        if case == self.input.0 {
            return input_of(case, input, &self.input.1).map(Said::Input);
        }
        match &self.resize {
            Some((known, to_columns, to_rows)) if case == known => {
                let columns = number(case, columns, to_columns)?;
                let rows = number(case, rows, to_rows)?;
                return Ok(Said::Size(TerminalSize::new(columns, rows)));
            }
            _ => {}
        }
        if self.close.as_deref() == Some(case) {
            return Ok(Said::Leave);
        }
        if self.ignored.iter().any(|ignored| ignored == case) {
            return Ok(Said::Nothing);
        }
        Err(DialectError::UnknownCase {
            tag: self.tag.clone(),
            case: case.chars().take(CASE_SHOWN).collect(),
            known: self.cases().join(", "),
        })
    }

    /// The ways to the tag, to what is typed, and to columns and rows.
    fn ways(&self) -> [Option<Way<'_>>; 4] {
        let (columns, rows) =
            self.resize.as_ref().map(|(_, columns, rows)| (columns.way(), rows.way())).unzip();
        [Some(std::slice::from_ref(&self.tag)), Some(self.input.1.way()), columns, rows]
    }

    fn cases(&self) -> Vec<&str> {
        let resize = self.resize.as_ref().map(|(case, ..)| case.as_str());
        let mut cases = vec![self.input.0.as_str()];
        cases.extend(resize);
        cases.extend(self.close.as_deref());
        cases.extend(self.ignored.iter().map(String::as_str));
        cases
    }
}

impl JsonOutput {
    /// Of a table without errors.
    pub(super) fn new(table: &JsonTable, output: &FieldTable, content: OutputContent) -> Self {
        Self {
            content,
            text: Around::new(table, output, Content::Text),
            bytes: Around::new(table, output, Content::Bytes),
            error: table.error.as_ref().map(|error| Around::new(table, error, Content::Text)),
            exit: table.exit.as_ref().map(ExitMessage::new),
            tag: table.tag.clone(),
        }
    }

    /// What stands around that message's content.
    pub(in crate::protocol) fn around(&self, part: JsonPart) -> &Around {
        match part {
            JsonPart::Output(Content::Text) => &self.text,
            JsonPart::Output(Content::Bytes) => &self.bytes,
            JsonPart::Words if self.content == OutputContent::Bytes => {
                self.error.as_ref().unwrap_or(&self.bytes)
            }
            JsonPart::Words => self.error.as_ref().unwrap_or(&self.text),
        }
    }

    /// How the content of that message is written.
    pub(in crate::protocol) fn content_of(&self, part: JsonPart) -> Content {
        match part {
            JsonPart::Output(content) => content,
            JsonPart::Words if self.content == OutputContent::Bytes && self.error.is_none() => Content::Bytes,
            JsonPart::Words => Content::Text,
        }
    }

    /// The message of a command's end, if the page is told and there is an exit code to tell.
    pub(in crate::protocol) fn exit(&self, exit: &ExitStatus) -> Option<Vec<u8>> {
        let (message, code) = self.exit.as_ref().zip(exit.code())?;
        let mut object = Map::new();
        object.insert(self.tag.clone(), message.case.clone().into());
        message.code.put(code.into(), &mut object);
        if let Some(signal) = &message.signal {
            signal.put(Value::Null, &mut object);
        }
        Some(Value::Object(object).to_string().into_bytes())
    }
}

impl Around {
    /// What stands between the two parts in a message.
    fn inside<'m>(&self, message: &'m [u8]) -> Option<&'m [u8]> {
        message.strip_prefix(&*self.before)?.strip_suffix(&*self.behind)
    }

    fn new(table: &JsonTable, of: &FieldTable, content: Content) -> Self {
        let mut object = Map::new();
        object.insert(table.tag.clone(), of.case.clone().into());
        Field::of(&of.field).put(PLACE.into(), &mut object);
        let written = Value::Object(object).to_string();
        let (before, behind) = written.split_once(PLACE_WRITTEN).unwrap_or((&written, ""));
        let (open, close) = match content {
            Content::Text => ('"', '"'),
            Content::Bytes => ('[', ']'),
        };
        Self { before: format!("{before}{open}").into(), behind: format!("{close}{behind}").into() }
    }
}

impl ExitMessage {
    fn new(exit: &ExitTable) -> Self {
        Self {
            case: exit.case.clone(),
            code: Field::of(&exit.code),
            signal: exit.signal.as_deref().map(Field::of),
        }
    }
}

impl Field {
    fn of(text: &str) -> Self {
        Self(text.split('.').map(str::to_owned).collect())
    }

    fn way(&self) -> Way<'_> {
        &self.0
    }

    /// What stands around a text here in a message of that tag, which comes first or last, as `JSON.stringify` writes it.
    fn around_text(&self, tag: &str, case: &str) -> [Around; 2] {
        let tag = format!("{}:{}", Value::from(tag), Value::from(case));
        let keys: Vec<String> = self.0.iter().map(|key| Value::from(key.as_str()).to_string()).collect();
        let (open, close) = (keys.join(":{"), "}".repeat(keys.len()));
        let around = |before: String, behind: String| Around { before: before.into(), behind: behind.into() };
        let inner = close.strip_suffix('}').unwrap_or_default();
        [
            around(format!("{{{tag},{open}:\""), format!("\"{close}")),
            around(format!("{{{open}:\""), format!("\"{inner},{tag}}}")),
        ]
    }

    fn missing(&self, case: &str) -> DialectError {
        DialectError::Missing { case: case.to_owned(), field: self.to_string() }
    }

    fn mistyped(&self, case: &str, wanted: &'static str) -> DialectError {
        DialectError::Mistyped { case: case.to_owned(), field: self.to_string(), wanted }
    }

    /// Puts `value` there; what is above is made.
    fn put(&self, value: Value, object: &mut Map<String, Value>) {
        let Some((last, above)) = self.0.split_last() else { return };
        let mut inner = object;
        for key in above {
            let next = inner.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
            // `JsonTable::check` sees to it that nothing else stands there.
            let Value::Object(next) = next else { return };
            inner = next;
        }
        inner.insert(last.clone(), value);
    }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// Text, or a list of byte values as `JSON.stringify` writes an array.
fn input_of(case: &str, picked: Option<Picked<'_>>, field: &Field) -> Result<Vec<u8>, DialectError> {
    match picked.ok_or_else(|| field.missing(case))? {
        Picked::Text(text) => Ok(text.into_owned().into_bytes()),
        Picked::Bytes(bytes) => Ok(bytes),
        Picked::Number(_) | Picked::Other => Err(field.mistyped(case, BYTES)),
    }
}

/// Pages that take their size out of an address or a form send it as text.
fn number(case: &str, picked: Option<Picked<'_>>, field: &Field) -> Result<u16, DialectError> {
    let number = match picked.ok_or_else(|| field.missing(case))? {
        Picked::Number(number) => u16::try_from(number).ok(),
        Picked::Text(text) if text.bytes().all(|digit| digit.is_ascii_digit()) => text.parse().ok(),
        Picked::Text(_) | Picked::Bytes(_) | Picked::Other => None,
    };
    number.ok_or_else(|| field.mistyped(case, NUMBER))
}
