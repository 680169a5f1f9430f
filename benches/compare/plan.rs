//! What is measured, and how much of it.

use std::fmt;

use execgate::protocol::Subprotocol;

use crate::peer::Peer;
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
}

/// All measures, taken in rounds.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) rounds: u32,
    pub(crate) measures: Vec<Measure>,
    /// What all amounts are divided by.
    divisor: usize,
}

impl Plan {
    /// What a result is made of.
    pub(crate) fn full(rounds: u32) -> Self {
        Self { rounds, measures: Measure::all(), divisor: 1 }
    }

    /// An eighth, once.
    pub(crate) fn quick() -> Self {
        Self { rounds: 1, measures: Measure::all(), divisor: 8 }
    }

    /// Only the measures with `filter` in their name.
    pub(crate) fn only(mut self, filter: Option<&str>) -> Self {
        if let Some(filter) = filter {
            self.measures.retain(|measure| measure.to_string().contains(filter));
        }
        self
    }

    /// How many bytes of data a transfer has: enough for a third of a second.
    pub(crate) fn bytes(&self, measure: Measure) -> u64 {
        let mebibytes = match measure {
            Measure::Output { frame_bytes: ..1024 } => 256,
            Measure::Output { frame_bytes: ..8192 } => 384,
            Measure::Output { .. } => 512,
            _ => 256,
        };
        (mebibytes << 20) / self.divisor as u64
    }

    /// How often a byte is echoed.
    pub(crate) fn round_trips(&self) -> usize {
        4000 / self.divisor
    }

    /// How many sessions are opened and closed.
    pub(crate) fn openings(&self) -> usize {
        800 / self.divisor
    }

    /// At how many idle sessions memory is looked at.
    pub(crate) fn idle_sessions(&self) -> [usize; 4] {
        [500, 1000, 2000, 4000].map(|sessions| sessions / self.divisor)
    }
}

impl Measure {
    /// Data bytes per frame: a container runtime sends 32 KiB at most, a paste comes in pieces of about 1 KiB, and a key press is less
    /// than 64 B.
    fn all() -> Vec<Self> {
        let output = [64, 1 << 10, 8 << 10, 32 << 10].map(|frame_bytes| Self::Output { frame_bytes });
        let input = [1 << 10, 32 << 10].map(|frame_bytes| Self::Input { frame_bytes });
        output.into_iter().chain(input).chain([Self::Echo, Self::Open, Self::Idle]).collect()
    }

    /// Whether it says anything of a subject.
    pub(crate) fn is_of(self, subject: Subject) -> bool {
        match self {
            Self::Output { .. } | Self::Input { .. } => true,
            // What is asked for hardly matters to them.
            Self::Echo | Self::Open => subject.asked == Subprotocol::Base64Channel,
            Self::Idle => subject.asked == Subprotocol::Base64Channel && subject.peer != Peer::Direct,
        }
    }

    /// What shares a table.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Output { .. } => "output",
            Self::Input { .. } => "input",
            Self::Echo => "echo",
            Self::Open => "open",
            Self::Idle => "idle",
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
            Self::Echo | Self::Open | Self::Idle => f.write_str(self.kind()),
        }
    }
}
