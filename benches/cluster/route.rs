//! The ways on which a page reaches a pod.

use std::fmt;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// Straight to the API server, over TLS as always.
    Direct,
    /// To execgate over plain HTTP, as behind an ingress that ends TLS.
    Plain,
    /// To execgate over TLS.
    Secure,
}

impl Route {
    pub(crate) const ALL: [Self; 3] = [Self::Direct, Self::Plain, Self::Secure];
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Direct => "direct",
            Self::Plain => "execgate, HTTP",
            Self::Secure => "execgate, TLS",
        })
    }
}
