//! What there is to say of a session once it is over.

use std::time::Instant;

use super::super::{Close, ExitStatus};
use super::{Bridge, EndedBy, InputCounts};

/// Why and how it ended.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    pub(super) by: EndedBy,
    pub(super) exit: Option<ExitStatus>,
    /// What the page was sent, if it was there.
    pub(super) close: Option<Close>,
    pub(super) at: Instant,
    /// What waited for the page then.
    pub(super) unsent_bytes: u64,
}

/// A session's end, for the log and the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Who or what ended it.
    pub ended_by: EndedBy,
    /// How the command ended, if that was told.
    pub exit: Option<ExitStatus>,
    /// The close frame that the client was sent; none if it was gone.
    pub close: Option<Close>,
    /// What broke a connection before the session had ended, in the transport's words.
    pub failure: Option<String>,
    /// What came from the user.
    pub input: InputCounts,
    /// Bytes of output passed on.
    pub output_bytes: u64,
    /// Bytes that were read and could not be delivered.
    pub lost: LostBytes,
}

/// Bytes on the wire that were read and could not be delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LostBytes {
    /// Output.
    pub to_client: u64,
    /// Input.
    pub to_cluster: u64,
}

impl Bridge {
    /// What there is to say of the session. Meaningful once both legs are done.
    pub fn summary(&self) -> Summary {
        let ended = self.ended.as_ref();
        Summary {
            ended_by: ended.map_or(EndedBy::Drain, |ended| ended.by),
            exit: ended.and_then(|ended| ended.exit.clone()),
            close: ended.and_then(|ended| ended.close.clone()),
            failure: self.failure.clone(),
            input: self.input.counts(),
            output_bytes: self.output.bytes(),
            lost: LostBytes { to_client: self.down.lost_bytes, to_cluster: self.up.lost_bytes },
        }
    }
}
