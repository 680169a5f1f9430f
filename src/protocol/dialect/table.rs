//! The table that describes a JSON dialect: names, and nothing else.

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
