//! One thing to measure, and of whom.

use std::fmt;

use execgate::protocol::Subprotocol;

use crate::peer::Peer;
use crate::route::Route;
use crate::subject::Subject;

/// One thing to measure of every subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    /// The command floods standard output with frames of that size.
    Output { frame_bytes: usize },
    /// The load floods standard input with frames of that size.
    Input { frame_bytes: usize },
    /// A byte goes to the command and comes back.
    Echo,
    /// Sessions are opened and closed.
    Open,
    /// Sessions stand idle.
    Idle,
    /// A hundred sessions echo, without and with one more that floods.
    Fairness,
    /// Many sessions share a rate of output, against one that has it alone.
    Many,
    /// Some sessions flood an execgate of one worker thread, and of two.
    Workers,
    /// Nothing has happened yet.
    Rest,
}

impl Measure {
    /// Data bytes per frame: a container runtime sends 32 KiB at most, a paste comes in pieces of about 1 KiB, and a key press is less
    /// than 64 B.
    pub(super) fn all() -> Vec<Self> {
        let output = [64, 1 << 10, 8 << 10, 32 << 10].map(|frame_bytes| Self::Output { frame_bytes });
        let input = [1 << 10, 8 << 10, 32 << 10].map(|frame_bytes| Self::Input { frame_bytes });
        output
            .into_iter()
            .chain(input)
            .chain([
                Self::Echo,
                Self::Open,
                Self::Fairness,
                Self::Many,
                Self::Workers,
                Self::Rest,
                Self::Idle,
            ])
            .collect()
    }

    /// Whether it says anything of a subject.
    pub(crate) fn is_of(self, subject: Subject) -> bool {
        let is_a_page_on_tls = subject.asked == Subprotocol::Base64Channel && subject.route == Route::Tls;
        match self {
            // What is promised of it is promised of raw bytes.
            Self::Input { frame_bytes: 8192 } => subject.asked == Subprotocol::V4,
            Self::Output { .. } | Self::Input { .. } => true,
            // What is asked for hardly matters to them.
            Self::Echo | Self::Open => subject.asked == Subprotocol::Base64Channel,
            Self::Idle => subject.asked == Subprotocol::Base64Channel && subject.peer != Peer::Direct,
            // The others show what the machine has a part in.
            Self::Fairness => {
                let shows =
                    matches!(subject.peer, Peer::Direct | Peer::Execgate | Peer::Nginx | Peer::Haproxy);
                shows && is_a_page_on_tls
            }
            Self::Many => {
                is_a_page_on_tls && matches!(subject.peer, Peer::Execgate | Peer::Nginx | Peer::Haproxy)
            }
            Self::Workers | Self::Rest => subject == Subject::base64(Peer::Execgate, Route::Tls),
        }
    }

    /// Whether it is taken in a round, of which 1 is the first. Idle memory takes the longest and hardly differs: that of peers is
    /// looked at once.
    pub(crate) fn is_due(self, round: u32, subject: Subject) -> bool {
        self != Self::Idle || subject.peer == Peer::Execgate || round == 1
    }

    /// What shares a table, in the tables' order.
    pub(crate) const KINDS: [&str; 9] =
        ["output", "input", "echo", "open", "idle", "fairness", "many", "workers", "rest"];

    /// Its table.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Output { .. } => "output",
            Self::Input { .. } => "input",
            Self::Echo => "echo",
            Self::Open => "open",
            Self::Idle => "idle",
            Self::Fairness => "fairness",
            Self::Many => "many",
            Self::Workers => "workers",
            Self::Rest => "rest",
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = |bytes: usize| {
            if bytes < 1024 { format!("{bytes} B") } else { format!("{} KiB", bytes / 1024) }
        };
        match self {
            Self::Output { frame_bytes } => write!(f, "output, {} frames", size(*frame_bytes)),
            Self::Input { frame_bytes } => write!(f, "input, {} frames", size(*frame_bytes)),
            _ => f.write_str(self.kind()),
        }
    }
}
