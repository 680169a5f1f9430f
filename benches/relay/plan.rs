//! What is measured, and how much of it.

use std::fmt;

/// Data bytes per frame: a container runtime sends 32 KiB, a paste comes in pieces of about 1 KiB, a key press is less than 64 B.
const FRAMES: [usize; 4] = [64, 1024, 8 * 1024, 32 * 1024];
/// Small frames cost more each: fewer bytes take as long.
const BYTES: [u64; 4] = [64 << 20, 256 << 20, 512 << 20, 512 << 20];

/// One thing to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    /// The command floods standard output with frames of that size.
    Output { frame_bytes: usize, total_bytes: u64 },
    /// The load floods standard input with frames of that size.
    Input { frame_bytes: usize, total_bytes: u64 },
    /// A byte goes to the command and comes back, that many times.
    Echo { round_trips: usize },
    /// Sessions are opened and closed.
    Open { sessions: usize },
    /// Sessions stand idle.
    Idle { sessions: usize },
}

/// All measures, taken in rounds.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) rounds: u32,
    pub(crate) measures: Vec<Measure>,
}

impl Plan {
    /// What a result is made of.
    pub(crate) fn full(rounds: u32) -> Self {
        Self::sized(rounds, 1)
    }

    /// An eighth, once.
    pub(crate) fn quick() -> Self {
        Self::sized(1, 8)
    }

    fn sized(rounds: u32, divisor: usize) -> Self {
        let of_size = |measure: fn(usize, u64) -> Measure| {
            FRAMES
                .into_iter()
                .zip(BYTES)
                .map(move |(frame_bytes, total_bytes)| measure(frame_bytes, total_bytes / divisor as u64))
        };
        let mut measures = Vec::new();
        measures.extend(of_size(|frame_bytes, total_bytes| Measure::Output { frame_bytes, total_bytes }));
        measures.extend(of_size(|frame_bytes, total_bytes| Measure::Input { frame_bytes, total_bytes }));
        measures.push(Measure::Echo { round_trips: 8000 / divisor });
        measures.push(Measure::Open { sessions: 800 / divisor });
        measures.push(Measure::Idle { sessions: 1600 / divisor });
        Self { rounds, measures }
    }

    /// Only the measures with `filter` in their name.
    pub(crate) fn only(mut self, filter: Option<&str>) -> Self {
        if let Some(filter) = filter {
            self.measures.retain(|measure| measure.to_string().contains(filter));
        }
        self
    }
}

impl Measure {
    /// What shares a table.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Output { .. } | Self::Input { .. } => "transfer",
            Self::Echo { .. } => "echo",
            Self::Open { .. } => "open",
            Self::Idle { .. } => "idle",
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = |bytes: usize| {
            if bytes < 1024 { format!("{bytes} B") } else { format!("{} KiB", bytes / 1024) }
        };
        match self {
            Self::Output { frame_bytes, .. } => write!(f, "output, {} frames", size(*frame_bytes)),
            Self::Input { frame_bytes, .. } => write!(f, "input, {} frames", size(*frame_bytes)),
            Self::Echo { .. } => f.write_str("echo"),
            Self::Open { .. } => f.write_str("open"),
            Self::Idle { .. } => f.write_str("idle"),
        }
    }
}
