//! What becomes of a terminal that is left before its command has ended. A close frame kills nothing: a shell whose terminal nobody
//! holds lives on (kubernetes-client/javascript issues 441, 2532).

use std::sync::Arc;
use std::time::Duration;

/// What is typed then, how long the command has to end by it, and what happens if it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDisconnect {
    /// What is typed.
    pub send: LastInput,
    /// How long the command has to end by itself before its line is cut. Output meanwhile is for nobody.
    pub grace: Duration,
    /// How the cluster is left after that.
    pub then: Then,
}

/// What is typed into a terminal whose client has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastInput {
    /// Nothing.
    Nothing,
    /// Ctrl-D, the end of input at the start of a line; without a terminal v5's close signal, where it is spoken.
    Eof,
    /// `exit` and Enter.
    Exit,
    /// This.
    Text(Arc<str>),
}

/// How the cluster is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Without a close frame: a runtime on cri-streaming that meets the end of the connection first cancels the request, upon which
    /// containerd kills the command (`internal/cri/server/container_execsync.go`). An attached main process lives on.
    HangUp,
    /// With a close frame, and at once: the command goes on, or ends by what was typed.
    Leave,
}

impl OnDisconnect {
    /// How long a command that was told to end has, if nobody says otherwise: a shell takes milliseconds, what it traps perhaps longer.
    pub const DEFAULT_GRACE: Duration = Duration::from_secs(3);

    /// The line is cut at once.
    pub const HANG_UP: Self = Self { send: LastInput::Nothing, grace: Duration::ZERO, then: Then::HangUp };
}

impl LastInput {
    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Nothing => b"",
            Self::Eof => b"\x04",
            Self::Exit => b"exit\r",
            Self::Text(text) => text.as_bytes(),
        }
    }
}
