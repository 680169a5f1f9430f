//! What a figure counts.

use std::fmt;

/// A thing that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// Data bytes, before base64.
    MegabytesPerSecond,
    CpuSecondsPerGigabyte,
    /// Frames that left the exec server for each message that came.
    FramesPerMessage,
    MicrosP50,
    MicrosP99,
    CpuMicrosPerRoundTrip,
    SessionsPerSecond,
    CpuMillisPerSession,
    /// Memory of the process with so many sessions open.
    KibAtSessions(usize),
    KibPerIdleSession,
}

/// One figure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figure {
    pub(crate) quantity: Quantity,
    pub(crate) value: f64,
}

impl Figure {
    pub(crate) fn new(quantity: Quantity, value: f64) -> Self {
        Self { quantity, value }
    }
}

impl Quantity {
    /// The figure as it is shown.
    pub(crate) fn show(self, value: f64) -> String {
        let digits = match self {
            Self::CpuSecondsPerGigabyte | Self::CpuMillisPerSession => 3,
            Self::FramesPerMessage | Self::KibPerIdleSession => 1,
            _ => 0,
        };
        format!("{value:.digits$}")
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MegabytesPerSecond => "MB/s",
            Self::CpuSecondsPerGigabyte => "CPU s/GB",
            Self::FramesPerMessage => "frames per message",
            Self::MicrosP50 => "µs p50",
            Self::MicrosP99 => "µs p99",
            Self::CpuMicrosPerRoundTrip => "CPU µs/round trip",
            Self::SessionsPerSecond => "sessions/s",
            Self::CpuMillisPerSession => "CPU ms/session",
            Self::KibAtSessions(sessions) => return write!(f, "KiB at {sessions} sessions"),
            Self::KibPerIdleSession => "KiB/session",
        })
    }
}
