//! Where TLS is spoken on the way from the load to the exec server.

use std::fmt;

use crate::rig::gate::Upstream;
use crate::rig::stub::Stub;

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

impl Route {
    /// What stands at its end.
    pub(crate) fn upstream(self, stub: &Stub) -> &Upstream {
        match self {
            Self::Plain => &stub.upstreams.plain,
            Self::Tls | Self::TlsBoth => &stub.upstreams.tls,
        }
    }
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
