//! What is measured, and how much of it.

use std::fmt;
use std::time::Duration;

use execgate::protocol::Subprotocol;

use crate::peer::{Pace, Peer};
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
    pub(crate) fn bytes(&self, measure: Measure, subject: Subject) -> u64 {
        let mebibytes = match (subject.peer.pace(), measure) {
            (Pace::Fast, Measure::Output { frame_bytes: ..1024 }) => 256,
            (Pace::Fast, Measure::Output { frame_bytes: ..8192 }) => 384,
            (Pace::Fast, Measure::Output { .. }) => 512,
            (Pace::ByMessage, Measure::Output { frame_bytes: ..1024 }) => 8,
            (
                Pace::ByMessage,
                Measure::Output { frame_bytes: ..8192 } | Measure::Input { frame_bytes: ..8192 },
            ) => 64,
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

    /// How long keys are typed, without and with a flood.
    pub(crate) fn typing(&self) -> Duration {
        Duration::from_millis(if self.divisor == 1 { 1500 } else { 500 })
    }

    /// How many sessions share a rate.
    pub(crate) fn many_sessions(&self) -> u64 {
        1000 / self.divisor as u64
    }

    /// How long they are measured.
    pub(crate) fn dripping(&self) -> Duration {
        Duration::from_millis(if self.divisor == 1 { 2500 } else { 500 })
    }

    /// How much several sessions flood together.
    pub(crate) fn flood_bytes(&self) -> u64 {
        (1 << 30) / self.divisor as u64
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
        match self {
            // What is promised of it is promised of raw bytes.
            Self::Input { frame_bytes: 8192 } => subject.asked == Subprotocol::V4,
            Self::Output { .. } | Self::Input { .. } => true,
            // What is asked for hardly matters to them.
            Self::Echo | Self::Open => subject.asked == Subprotocol::Base64Channel,
            Self::Idle => subject.asked == Subprotocol::Base64Channel && subject.peer != Peer::Direct,
            // The others show what the machine has a part in.
            Self::Fairness => {
                subject.route == Route::Tls
                    && subject.asked == Subprotocol::Base64Channel
                    && matches!(subject.peer, Peer::Direct | Peer::Execgate | Peer::Nginx | Peer::Haproxy)
            }
            Self::Many | Self::Workers | Self::Rest => subject == Subject::base64(Peer::Execgate, Route::Tls),
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
