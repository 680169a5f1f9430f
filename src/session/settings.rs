//! How many sessions, and how long they may take to end.

use std::time::Duration;

/// Limits over all sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Sessions open at once; one more is answered 503.
    pub max: usize,
    /// How long sessions go on after execgate was told to stop, before they are told 1001.
    pub drain_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max: 4000, drain_timeout: Duration::from_secs(30) }
    }
}
