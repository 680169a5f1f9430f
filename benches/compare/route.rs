//! Where TLS is spoken on the way from the load to the exec server.

use std::fmt;

/// What a proxy speaks before and behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Route {
    /// Plain HTTP on both sides: the relay alone.
    Plain,
    /// Plain HTTP to the client, as behind an ingress, and TLS to the exec server, as every API server has it.
    Tls,
    /// TLS on both sides.
    TlsBoth,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Tls => "TLS",
            Self::TlsBoth => "TLS both",
        })
    }
}
