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

/// Why a table describes no dialect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A name is missing.
    #[error("{what} must not be empty")]
    Empty {
        /// Which.
        what: &'static str,
    },
    /// A name that fills messages.
    #[error("{what} must have at most {NAME_LIMIT} bytes")]
    TooLong {
        /// Which.
        what: &'static str,
    },
    /// The tag is a key of the object itself.
    #[error("the tag {tag:?} must be a key of the message itself, without a dot")]
    NestedTag {
        /// The tag.
        tag: String,
    },
    /// A field where the tag stands, or one inside another.
    #[error("the field {field:?} stands where another one of its message does")]
    Overlap {
        /// The field.
        field: String,
    },
    /// Two messages of the page with one name.
    #[error("two messages of the page are {case:?}; each needs a name of its own")]
    Repeated {
        /// The name.
        case: String,
    },
}

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
/// The longest name in bytes. Pages have short ones, and what is written around output must leave room for output.
const NAME_LIMIT: usize = 256;
const NUMBER: &str = "whole number from 0 to 65535";
const BYTES: &str = "text and no list of byte values";

impl JsonInput {
    pub(super) fn new(table: &JsonTable) -> Result<Self, TableError> {
        if table.tag.contains('.') {
            return Err(TableError::NestedTag { tag: table.tag.clone() });
        }
        let resize = match &table.resize {
            Some(resize) => {
                let (columns, rows) = (field(table, &resize.columns)?, field(table, &resize.rows)?);
                columns.keeps_apart_from(&rows)?;
                Some((named(&resize.case)?, columns, rows))
            }
            None => None,
        };
        let tag = named_as("the tag", &table.tag)?;
        let (case, typed) = (named(&table.input.case)?, field(table, &table.input.field)?);
        let input = Self {
            usual: typed.around_text(&tag, &case),
            tag,
            input: (case, typed),
            resize,
            close: table.close.as_deref().map(named).transpose()?,
            ignored: table.ignored.iter().map(|case| named(case)).collect::<Result<_, _>>()?,
        };
        let mut cases = input.cases();
        cases.sort_unstable();
        match cases.windows(2).find(|pair| pair.first() == pair.last()) {
            Some(pair) => {
                Err(TableError::Repeated { case: pair.first().copied().unwrap_or_default().to_owned() })
            }
            None => Ok(input),
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
    pub(super) fn new(
        table: &JsonTable,
        output: &FieldTable,
        content: OutputContent,
    ) -> Result<Self, TableError> {
        Ok(Self {
            content,
            text: Around::new(table, output, Content::Text)?,
            bytes: Around::new(table, output, Content::Bytes)?,
            error: table.error.as_ref().map(|error| Around::new(table, error, Content::Text)).transpose()?,
            exit: table.exit.as_ref().map(|exit| ExitMessage::new(table, exit)).transpose()?,
            tag: table.tag.clone(),
        })
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

    fn new(table: &JsonTable, of: &FieldTable, content: Content) -> Result<Self, TableError> {
        let mut object = Map::new();
        object.insert(table.tag.clone(), named(&of.case)?.into());
        field(table, &of.field)?.put(PLACE.into(), &mut object);
        let written = Value::Object(object).to_string();
        let (before, behind) = written.split_once(PLACE_WRITTEN).unwrap_or((&written, ""));
        let (open, close) = match content {
            Content::Text => ('"', '"'),
            Content::Bytes => ('[', ']'),
        };
        Ok(Self { before: format!("{before}{open}").into(), behind: format!("{close}{behind}").into() })
    }
}

impl ExitMessage {
    fn new(table: &JsonTable, exit: &ExitTable) -> Result<Self, TableError> {
        let code = field(table, &exit.code)?;
        let signal = exit.signal.as_deref().map(|signal| field(table, signal)).transpose()?;
        if let Some(signal) = &signal {
            code.keeps_apart_from(signal)?;
        }
        Ok(Self { case: named(&exit.case)?, code, signal })
    }
}

impl Field {
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
            // `keeps_apart_from` and `field` see to it that nothing else stands there.
            let Value::Object(next) = next else { return };
            inner = next;
        }
        inner.insert(last.clone(), value);
    }

    /// Neither stands in the other's way.
    fn keeps_apart_from(&self, other: &Self) -> Result<(), TableError> {
        if self.0.starts_with(&other.0) || other.0.starts_with(&self.0) {
            return Err(TableError::Overlap { field: other.to_string() });
        }
        Ok(())
    }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// A field of a message of `table`, apart from its tag.
fn field(table: &JsonTable, text: &str) -> Result<Field, TableError> {
    let keys: Vec<String> = text.split('.').map(str::to_owned).collect();
    if keys.iter().any(String::is_empty) {
        return Err(TableError::Empty { what: "a field, and each key between its dots," });
    }
    if text.len() > NAME_LIMIT {
        return Err(TableError::TooLong { what: "a field" });
    }
    let field = Field(keys);
    field
        .keeps_apart_from(&Field(vec![table.tag.clone()]))
        .map_err(|_| TableError::Overlap { field: text.to_owned() })?;
    Ok(field)
}

fn named(case: &str) -> Result<String, TableError> {
    named_as("a message's name", case)
}

fn named_as(what: &'static str, text: &str) -> Result<String, TableError> {
    match text.len() {
        0 => Err(TableError::Empty { what }),
        1..=NAME_LIMIT => Ok(text.to_owned()),
        _ => Err(TableError::TooLong { what }),
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
