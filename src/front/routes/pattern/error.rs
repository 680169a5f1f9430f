//! What is wrong with a pattern, or with a path.

/// What is wrong with a pattern, or with a path that matches one.
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
    /// Percent-encoding or a control character in a segment that is captured.
    #[error("{name:?} is {text:?}: no name needs percent-encoding or control characters, so none is decoded")]
    Encoded {
        /// The capture.
        name: String,
        /// What stands there.
        text: String,
    },
}
