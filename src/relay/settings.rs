//! How long a session may be silent, stuck or open, and how much it may hold.

use std::time::Duration;

use crate::protocol::bridge::{OnDisconnect, Times};

/// Times of one session, its last input, its memory. `None` is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// A session without a byte of terminal data either way for this long ends. Pings and empty messages do not count.
    pub idle_timeout: Option<Duration>,
    /// A session ends after this, whatever flows.
    pub max_duration: Option<Duration>,
    /// A leg that was silent for this long is pinged; after two it is gone.
    pub ping_period: Duration,
    /// A side that takes no byte of what waits for it for this long is gone. Longer than two ping periods: a command may be busy
    /// and read no input for minutes, and its API server answers no ping until it does.
    pub stuck_timeout: Duration,
    /// How long an unfinished UTF-8 character may wait for its rest before it goes to a base64 client; zero sends it at once.
    pub utf8_hold: Duration,
    /// What becomes of a terminal whose session ends before its command: the client left, or a limit was reached.
    pub on_disconnect: OnDisconnect,
    /// How many bytes of memory a session may fill with output that it reads ahead of a slow page, so that what is typed meanwhile
    /// does not cost the end of the output; zero is none.
    pub read_ahead: usize,
    /// The same for all sessions together.
    pub read_ahead_total: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            idle_timeout: Some(Duration::from_mins(15)),
            max_duration: Some(Duration::from_hours(8)),
            ping_period: Duration::from_secs(30),
            stuck_timeout: Duration::from_mins(10),
            // On a node that is busy a runtime takes tens of milliseconds between two pieces. Who pays for it is output that is no UTF-8.
            utf8_hold: Duration::from_millis(50),
            on_disconnect: OnDisconnect::HANG_UP,
            read_ahead: 16 << 20,
            read_ahead_total: 128 << 20,
        }
    }
}

impl Settings {
    pub(super) fn times(&self) -> Times {
        let Self { idle_timeout, max_duration, ping_period, stuck_timeout, utf8_hold, .. } = *self;
        Times { idle_timeout, max_duration, ping_period, stuck_timeout, utf8_hold }
    }
}
