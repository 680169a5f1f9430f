//! What a page sent that its dialect does not have.

use super::reader::MESSAGE_LIMIT;

/// Why a page's message is not understood. It is told to the page in these words, so it repeats names and never input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialectError {
    /// The dialect is text.
    #[error("the page sent a binary message where the dialect {dialect} has text")]
    Binary {
        /// The dialect.
        dialect: String,
    },
    /// More than is held of one message.
    #[error("the page sent a message of more than {MESSAGE_LIMIT} bytes; send it in parts")]
    TooLong,
    /// No JSON, or a number or a nesting that nobody reads.
    #[error("the page sent a message that is no JSON: {why}")]
    NotJson {
        /// The parser's words and the place.
        why: String,
    },
    /// JSON, but no object.
    #[error("the page sent JSON that is no object; a message of the dialect {dialect} is one")]
    NotAnObject {
        /// The dialect.
        dialect: String,
    },
    /// An object without the tag, or with one that is no text.
    #[error("the page sent a message without the text {tag:?}, which says what it is")]
    NoTag {
        /// The tag's field.
        tag: String,
    },
    /// A message that the table does not have.
    #[error("the page sent a message that is {tag:?}: {case:?}, which is unknown here; known are {known}")]
    UnknownCase {
        /// The tag's field.
        tag: String,
        /// Its value, cut to a few characters.
        case: String,
        /// What would be right.
        known: String,
    },
    /// A field is missing.
    #[error("the page's {case:?} message has no {field:?}")]
    Missing {
        /// The message.
        case: String,
        /// The field.
        field: String,
    },
    /// A field holds something else.
    #[error("the {field:?} of the page's {case:?} message is no {wanted}")]
    Mistyped {
        /// The message.
        case: String,
        /// The field.
        field: String,
        /// What would be right.
        wanted: &'static str,
    },
}
