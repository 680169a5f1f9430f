//! The table that describes a JSON dialect: names, and what may be wrong with them.

/// What a page and its back end call their messages and the fields in them. A field is a path of keys joined by dots: `data.data`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonTable {
    /// The field that says which message it is.
    pub tag: String,
    /// What is typed: text, or a list of byte values.
    pub input: FieldTable,
    /// The terminal's size, if the page sends it.
    pub resize: Option<ResizeTable>,
    /// The tag of the message with which the page leaves, if it has one.
    pub close: Option<String>,
    /// Tags of messages that mean nothing here, such as a heartbeat.
    pub ignored: Vec<String>,
    /// What the command writes.
    pub output: OutputTable,
    /// What execgate has to say; without it, that goes to the terminal as output.
    pub error: Option<FieldTable>,
    /// How the command ended, if the page is told.
    pub exit: Option<ExitTable>,
}

/// A message of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldTable {
    /// The tag's value.
    pub case: String,
    /// The field.
    pub field: String,
}

/// A message with a terminal's size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResizeTable {
    /// The tag's value.
    pub case: String,
    /// The field with the columns.
    pub columns: String,
    /// The field with the rows.
    pub rows: String,
}

/// What output looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputTable {
    /// No JSON: messages that the page writes to its terminal as they are.
    Bare(Bare),
    /// A message of one field.
    Field {
        /// The message.
        field: FieldTable,
        /// What stands in the field.
        content: OutputContent,
    },
}

/// The kind of WebSocket message that carries bare output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bare {
    /// Text: what is no UTF-8 becomes U+FFFD.
    Text,
    /// Binary: every byte as it is.
    Binary,
}

/// What an output message's field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputContent {
    /// Text: what is no UTF-8 becomes U+FFFD.
    Text,
    /// A list of byte values: every byte as it is.
    Bytes,
    /// Text, and a list of byte values where text would break a character.
    TextOrBytes,
}

/// A message with a command's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExitTable {
    /// The tag's value.
    pub case: String,
    /// The field with the exit code.
    pub code: String,
    /// A field for a signal, which Kubernetes does not tell: always null.
    pub signal: Option<String>,
}

/// Why a table describes no dialect: one name in it is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct TableError {
    key: String,
    fault: Fault,
}

/// What is wrong with a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Fault {
    /// A name is missing.
    #[error("{what} must not be empty")]
    Empty { what: &'static str },
    /// A name that fills messages.
    #[error("{what} must have at most {NAME_LIMIT} bytes")]
    TooLong { what: &'static str },
    /// The tag is a key of the object itself.
    #[error("the tag {tag:?} must be a key of the message itself, without a dot")]
    NestedTag { tag: String },
    /// A field where the tag stands, or one inside another.
    #[error("the field {field:?} stands where another one of the message {case:?} does: {other}")]
    Overlap { field: String, case: String, other: String },
    /// Two messages of the page with one name.
    #[error("two messages of the page are {case:?}; each needs a name of its own")]
    Repeated { case: String },
}

impl TableError {
    /// The way to the name that is wrong: keys of the table, and a number in a list, joined by dots, such as `input.field` or
    /// `ignored.0`.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl JsonTable {
    /// All that keeps this table from describing a dialect; nothing if it does describe one.
    pub fn errors(&self) -> Vec<TableError> {
        let mut search = Search { tag: &self.tag, page_cases: Vec::new(), errors: Vec::new() };
        search.tag();
        search.page_case("input.case", &self.input.case);
        search.fields(&self.input.case, &[("input.field", &self.input.field)]);
        if let Some(ResizeTable { case, columns, rows }) = &self.resize {
            search.page_case("resize.case", case);
            search.fields(case, &[("resize.columns", columns), ("resize.rows", rows)]);
        }
        if let Some(case) = &self.close {
            search.page_case("close", case);
        }
        for (index, case) in self.ignored.iter().enumerate() {
            search.page_case(&format!("ignored.{index}"), case);
        }
        if let OutputTable::Field { field: FieldTable { case, field }, .. } = &self.output {
            search.name("output.case", MESSAGE, case);
            search.fields(case, &[("output.field", field)]);
        }
        if let Some(FieldTable { case, field }) = &self.error {
            search.name("error.case", MESSAGE, case);
            search.fields(case, &[("error.field", field)]);
        }
        if let Some(ExitTable { case, code, signal }) = &self.exit {
            search.name("exit.case", MESSAGE, case);
            let signal = signal.as_deref().map(|signal| ("exit.signal", signal));
            let fields: Vec<_> = [("exit.code", code.as_str())].into_iter().chain(signal).collect();
            search.fields(case, &fields);
        }
        search.errors
    }

    /// The first of the errors.
    pub(super) fn check(&self) -> Result<(), TableError> {
        self.errors().into_iter().next().map_or(Ok(()), Err)
    }
}

/// The longest name in bytes. Pages have short ones, and what is written around output must leave room for output.
const NAME_LIMIT: usize = 256;
const MESSAGE: &str = "a message's name";

/// A walk through a table.
struct Search<'t> {
    tag: &'t str,
    /// The page's messages so far.
    page_cases: Vec<&'t str>,
    errors: Vec<TableError>,
}

impl<'t> Search<'t> {
    fn refuse(&mut self, key: &str, fault: Fault) {
        self.errors.push(TableError { key: key.to_owned(), fault });
    }

    fn tag(&mut self) {
        if self.tag.contains('.') {
            self.refuse("tag", Fault::NestedTag { tag: self.tag.to_owned() });
        } else {
            self.name("tag", "the tag", self.tag);
        }
    }

    /// The name of a message that the page sends.
    fn page_case(&mut self, key: &str, case: &'t str) {
        if self.page_cases.contains(&case) {
            self.refuse(key, Fault::Repeated { case: case.to_owned() });
        } else {
            self.page_cases.push(case);
            self.name(key, MESSAGE, case);
        }
    }

    fn name(&mut self, key: &str, what: &'static str, text: &str) {
        if text.is_empty() {
            self.refuse(key, Fault::Empty { what });
        } else if text.len() > NAME_LIMIT {
            self.refuse(key, Fault::TooLong { what });
        }
    }

    /// All fields of a message: none may stand in the way of another, nor of the tag.
    fn fields(&mut self, case: &str, fields: &[(&str, &str)]) {
        for (index, (key, field)) in fields.iter().enumerate() {
            if field.split('.').any(str::is_empty) {
                self.refuse(key, Fault::Empty { what: "a field, and each key between its dots," });
                continue;
            }
            self.name(key, "a field", field);
            let before = fields.iter().take(index).map(|(_, other)| *other);
            let other = if field.split('.').next() == Some(self.tag) {
                Some(format!("the tag {:?}", self.tag))
            } else {
                before.into_iter().find(|other| overlap(field, other)).map(|other| format!("{other:?}"))
            };
            if let Some(other) = other {
                self.refuse(key, Fault::Overlap { field: (*field).to_owned(), case: case.to_owned(), other });
            }
        }
    }
}

/// Whether one is the other, or inside it.
fn overlap(one: &str, other: &str) -> bool {
    one.split('.').zip(other.split('.')).all(|(one, other)| one == other)
}
