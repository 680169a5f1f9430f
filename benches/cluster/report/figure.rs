//! What a figure counts.

use std::fmt;

use crate::cast::Role;

/// A thing that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// Data bytes, before base64.
    MegabytesPerSecond,
    CpuSecondsPerGigabyte(Role),
    /// Of every process but the load.
    AllCpuSecondsPerGigabyte,
    /// How busy the load was: one that needs a whole core would be what is measured.
    LoadPercentOfCore,
    /// How often the output ended short, with a status of success.
    RunsCut,
    MicrosP50,
    MicrosP99,
    KibPerSession(Role),
    KibPerSessionOfFirstHalf(Role),
    KibPerSessionOfSecondHalf(Role),
}

/// One figure.
pub(crate) type Figure = crate::rig::figure::Figure<Quantity>;

impl Quantity {
    /// The figure as it is shown.
    pub(crate) fn show(self, value: f64) -> String {
        let digits = match self {
            Self::CpuSecondsPerGigabyte(_) | Self::AllCpuSecondsPerGigabyte => 2,
            _ => 0,
        };
        format!("{value:.digits$}")
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MegabytesPerSecond => f.write_str("MB/s"),
            Self::CpuSecondsPerGigabyte(role) => write!(f, "CPU s/GB, {}", role.name()),
            Self::AllCpuSecondsPerGigabyte => f.write_str("CPU s/GB"),
            Self::LoadPercentOfCore => f.write_str("load, % of a core"),
            Self::RunsCut => f.write_str("runs cut short"),
            Self::MicrosP50 => f.write_str("µs p50"),
            Self::MicrosP99 => f.write_str("µs p99"),
            Self::KibPerSession(role) => write!(f, "KiB/session, {}", role.name()),
            Self::KibPerSessionOfFirstHalf(role) => {
                write!(f, "KiB/session of the first half, {}", role.name())
            }
            Self::KibPerSessionOfSecondHalf(role) => {
                write!(f, "KiB/session of the second half, {}", role.name())
            }
        }
    }
}
