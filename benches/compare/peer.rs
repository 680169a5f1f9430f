//! Who is compared.

use std::fmt;

use clap::ValueEnum;

use crate::route::Route;

/// A proxy, or nothing at all between load and exec server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Peer {
    Direct,
    Execgate,
    /// With the buffers that it has by default.
    Nginx,
    /// With buffers of 64 KiB.
    #[value(name = "nginx-64k")]
    Nginx64k,
    Haproxy,
    Kubectl,
    NodeRelay,
    RustRelay,
}

/// What its speed depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Bytes.
    Fast,
    /// Messages: it takes each out and puts it in again.
    ByMessage,
}

const ALL_ROUTES: &[Route] = &[Route::Plain, Route::Tls, Route::TlsBoth];

impl Peer {
    /// The routes on which it is asked for base64. Nothing between load and exec server is either plain or TLS.
    pub(crate) fn routes(self) -> &'static [Route] {
        match self {
            Self::Direct | Self::Kubectl => &[Route::Plain, Route::Tls],
            Self::Execgate | Self::Nginx | Self::Nginx64k | Self::Haproxy => ALL_ROUTES,
            Self::NodeRelay | Self::RustRelay => &[Route::Tls],
        }
    }

    /// The routes on which it is asked for v4 too: what moving bytes costs, with nothing translated.
    pub(crate) fn v4_routes(self) -> &'static [Route] {
        match self {
            Self::Execgate | Self::Haproxy => &[Route::Plain, Route::Tls],
            Self::Nginx64k => &[Route::Plain],
            Self::Direct | Self::Nginx | Self::Kubectl | Self::NodeRelay | Self::RustRelay => &[],
        }
    }

    /// How many files it has open for each session, under the same limit as this process: a connection each way, and what Go's
    /// `splice` takes between two of plain TCP.
    pub(crate) fn files_per_session(self) -> usize {
        if self == Self::Kubectl { 6 } else { 2 }
    }

    /// What its speed depends on.
    pub(crate) fn pace(self) -> Pace {
        match self {
            Self::NodeRelay | Self::RustRelay => Pace::ByMessage,
            _ => Pace::Fast,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Direct => "direct",
            Self::Execgate => "execgate",
            Self::Nginx => "nginx",
            Self::Nginx64k => "nginx, 64k buffers",
            Self::Haproxy => "HAProxy",
            Self::Kubectl => "kubectl proxy",
            Self::NodeRelay => "naive relay, Node.js ws",
            Self::RustRelay => "naive relay, tokio-tungstenite",
        })
    }
}
