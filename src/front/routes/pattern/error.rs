//! What is wrong with a pattern, or with a path.

/// What is wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// No path.
    #[error(
        "must be a path that begins with a slash, without // and without a query, such as /pods/{{namespace}}/{{pod}}"
    )]
    NoPath,
    /// A capture that shares its segment.
    #[error(
        "in {segment:?}, a capture must be a whole segment of the path, between two slashes, such as {{pod}}"
    )]
    Segment {
        /// The segment.
        segment: String,
    },
    /// A segment that leads up, or nowhere.
    #[error(
        "has the segment {segment:?}; browsers resolve . and .. before they ask, so leave such segments out"
    )]
    Dots {
        /// The segment.
        segment: String,
    },
    /// A segment that browsers send otherwise.
    #[error("has the segment {segment:?}, which browsers send percent-encoded; write it as {written}")]
    Unencoded {
        /// The segment.
        segment: String,
        /// What browsers send.
        written: String,
    },
    /// One name twice.
    #[error("captures {name:?} twice; give each its own name")]
    Repeated {
        /// The name.
        name: String,
    },
}

/// A segment that is captured and that two readers could read differently.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name:?} is {text:?} in this address: percent-encoding, control characters and dots alone are not read there"
)]
pub(in crate::front) struct CaptureError {
    name: String,
    text: String,
}

impl CaptureError {
    pub(super) fn new(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned() }
    }
}
