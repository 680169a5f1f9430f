//! What is measured, and how much of it.

use std::fmt;

use execgate::protocol::Subprotocol;

use crate::pattern;

/// Whether the command gets a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attached {
    Terminal,
    Pipes,
}

/// One thing to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    /// A command's output to a page that speaks `page`.
    Output { page: Subprotocol, attached: Attached, bytes: u64 },
    /// A page's input in frames of that size.
    Input { page: Subprotocol, frame_bytes: usize, bytes: u64 },
    /// A key is typed and comes back, that many times.
    Echo { attached: Attached, round_trips: usize },
    /// Terminals of which none does anything.
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

    fn sized(rounds: u32, divisor: u32) -> Self {
        let bytes = |patterns: u32| u64::from(patterns / divisor) * pattern::BYTES as u64;
        let output = |page, attached, patterns| Measure::Output { page, attached, bytes: bytes(patterns) };
        let input =
            |page, frame_bytes, patterns| Measure::Input { page, frame_bytes, bytes: bytes(patterns) };
        let divisor = divisor as usize;
        let measures = vec![
            output(Subprotocol::Base64Channel, Attached::Pipes, 32),
            output(Subprotocol::V4, Attached::Pipes, 32),
            output(Subprotocol::V5, Attached::Pipes, 32),
            output(Subprotocol::Base64Channel, Attached::Terminal, 8),
            input(Subprotocol::Base64Channel, 1 << 10, 8),
            input(Subprotocol::Base64Channel, 32 << 10, 16),
            input(Subprotocol::V4, 1 << 10, 8),
            input(Subprotocol::V4, 32 << 10, 16),
            Measure::Echo { attached: Attached::Terminal, round_trips: 400 / divisor },
            Measure::Echo { attached: Attached::Pipes, round_trips: 400 / divisor },
            Measure::Idle { sessions: 200 / divisor },
        ];
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
            Self::Idle { .. } => "idle",
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output { page, attached: Attached::Pipes, .. } => write!(f, "output, {}", short(*page)),
            Self::Output { page, attached: Attached::Terminal, .. } => {
                write!(f, "output of a terminal, {}", short(*page))
            }
            Self::Input { page, frame_bytes, .. } => {
                write!(f, "input, {}, {} KiB frames", short(*page), frame_bytes / 1024)
            }
            Self::Echo { attached: Attached::Terminal, .. } => f.write_str("echo of a terminal, base64"),
            Self::Echo { attached: Attached::Pipes, .. } => f.write_str("echo of a pipe, base64"),
            Self::Idle { .. } => f.write_str("idle terminals, base64"),
        }
    }
}

fn short(page: Subprotocol) -> &'static str {
    page.name().split('.').next().unwrap_or_default()
}
