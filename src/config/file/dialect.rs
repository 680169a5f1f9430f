//! Framings of pages.

use schemars::JsonSchema;
use serde::Deserialize;

/// A framing of a page, under a name that routes use.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Dialect")]
pub(in crate::config) struct DialectEntry {
    /// A name of its own; none of the presets'.
    pub(in crate::config) name: String,
    /// What the page's messages look like.
    pub(in crate::config) framing: Framing,
}

/// What messages look like: exactly one of these.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::config) enum Framing {
    /// JSON in text messages, by a table of names.
    Json(Box<JsonFraming>),
    /// Input and output as they are, without sizes. Input may be text or binary; this is what output is.
    Raw(Kind),
}

/// The kind of WebSocket message.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::config) enum Kind {
    /// Text. A character that is cut waits for its rest; what is no UTF-8 becomes U+FFFD.
    Text,
    /// Binary: every byte as it is.
    Binary,
}

/// What a page and its back end call their messages and the fields in them. A field is a key, or keys joined by dots: `data.data`
/// stands in `{"data": {"data": ...}}`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct JsonFraming {
    /// The key whose text says which message it is, such as `type`.
    pub(in crate::config) tag: String,
    /// What is typed: text, or a list of byte values.
    pub(in crate::config) input: FieldMessage,
    /// The terminal's size.
    pub(in crate::config) resize: Option<ResizeMessage>,
    /// The tag of the message with which the page leaves.
    pub(in crate::config) close: Option<String>,
    /// Tags of messages that mean nothing here, such as a heartbeat's.
    #[serde(default)]
    pub(in crate::config) ignored: Vec<String>,
    /// What the command writes.
    pub(in crate::config) output: Output,
    /// What execgate has to say, such as why a session ended. Without this key that is written as output.
    pub(in crate::config) error: Option<FieldMessage>,
    /// How the command ended. Without this key the page learns it from the reason of the close frame: `exit code 7`.
    pub(in crate::config) exit: Option<ExitMessage>,
}

/// A message of one field.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct FieldMessage {
    /// The tag's text.
    pub(in crate::config) case: String,
    /// The field.
    pub(in crate::config) field: String,
}

/// An output message, of one field.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct OutputMessage {
    /// The tag's text.
    pub(in crate::config) case: String,
    /// The field.
    pub(in crate::config) field: String,
    /// What stands in the field.
    #[serde(default)]
    pub(in crate::config) content: Content,
}

/// What stands in the field of an output message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::config) enum Content {
    /// Text. A character that is cut waits for its rest; what is no UTF-8 becomes U+FFFD.
    #[default]
    Text,
    /// A list of byte values.
    Bytes,
    /// Text, and a list of byte values where text would break a character.
    TextOrBytes,
}

/// A message with a terminal's size.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct ResizeMessage {
    /// The tag's text.
    pub(in crate::config) case: String,
    /// The field with the columns.
    pub(in crate::config) columns: String,
    /// The field with the rows.
    pub(in crate::config) rows: String,
}

/// A message with a command's end.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct ExitMessage {
    /// The tag's text.
    pub(in crate::config) case: String,
    /// The field for the exit code.
    pub(in crate::config) code: String,
    /// A field that some pages expect a signal in. Kubernetes tells none: it is there, and has no value.
    pub(in crate::config) signal: Option<String>,
}

/// What output looks like: exactly one of these.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::config) enum Output {
    /// No JSON: messages of this kind, which the page writes to its terminal as they are.
    Bare(Kind),
    /// A JSON message of one field.
    Message(OutputMessage),
}
