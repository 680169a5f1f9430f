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
    MicrosP99BesideFlood,
    /// Of the p99s, with a flood and without.
    BesideFlood,
    CpuSecondsPerGigabyteOfOne,
    CpuSecondsPerGigabyteOfMany(u64),
    ManyToOne,
    MegabytesPerSecondOfWorkers(usize),
    CpuSecondsPerGigabyteOfWorkers(usize),
    SpeedOfTwo,
    CpuOfTwo,
    BinaryMegabytes,
    StartMillis,
    RestMegabytes,
}

/// One figure.
pub(crate) type Figure = crate::rig::figure::Figure<Quantity>;

impl Quantity {
    /// The figure as it is shown.
    pub(crate) fn show(self, value: f64) -> String {
        let digits = match self {
            Self::CpuSecondsPerGigabyte
            | Self::CpuMillisPerSession
            | Self::CpuSecondsPerGigabyteOfOne
            | Self::CpuSecondsPerGigabyteOfMany(_)
            | Self::CpuSecondsPerGigabyteOfWorkers(_) => 3,
            Self::BesideFlood | Self::ManyToOne | Self::SpeedOfTwo | Self::CpuOfTwo => 2,
            Self::FramesPerMessage
            | Self::KibPerIdleSession
            | Self::BinaryMegabytes
            | Self::StartMillis
            | Self::RestMegabytes => 1,
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
            Self::MicrosP99BesideFlood => "µs p99 beside a flood",
            Self::BesideFlood => "p99 beside a flood, to p99 without",
            Self::CpuSecondsPerGigabyteOfOne => "CPU s/GB, one session",
            Self::CpuSecondsPerGigabyteOfMany(sessions) => return write!(f, "CPU s/GB, {sessions} sessions"),
            Self::ManyToOne => "CPU s/GB of many, to that of one",
            Self::MegabytesPerSecondOfWorkers(1) => "MB/s, one worker",
            Self::MegabytesPerSecondOfWorkers(workers) => return write!(f, "MB/s, {workers} workers"),
            Self::CpuSecondsPerGigabyteOfWorkers(1) => "CPU s/GB, one worker",
            Self::CpuSecondsPerGigabyteOfWorkers(workers) => {
                return write!(f, "CPU s/GB, {workers} workers");
            }
            Self::SpeedOfTwo => "MB/s of two workers, to that of one",
            Self::CpuOfTwo => "CPU s/GB of two workers, to that of one",
            Self::BinaryMegabytes => "MB of binary",
            Self::StartMillis => "ms to start",
            Self::RestMegabytes => "MB of memory at rest",
        })
    }
}
