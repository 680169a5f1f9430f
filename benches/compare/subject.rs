//! What is measured: a peer, on a route, asked for a subprotocol.

use std::fmt;

use execgate::protocol::Subprotocol;

use crate::peer::Peer;
use crate::route::Route;

/// One row of every table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) peer: Peer,
    pub(crate) route: Route,
    /// What the load asks for. Every peer but execgate hands it on as it is.
    pub(crate) asked: Subprotocol,
}

impl Subject {
    /// As pages ask.
    pub(crate) const fn base64(peer: Peer, route: Route) -> Self {
        Self { peer, route, asked: Subprotocol::Base64Channel }
    }

    /// As programs ask: nothing is to be translated.
    pub(crate) const fn v4(peer: Peer, route: Route) -> Self {
        Self { peer, route, asked: Subprotocol::V4 }
    }

    /// All of a peer's.
    pub(crate) fn of(peer: Peer) -> Vec<Self> {
        let base64 = peer.routes().iter().map(|route| Self::base64(peer, *route));
        base64.chain(peer.v4_routes().iter().map(|route| Self::v4(peer, *route))).collect()
    }

    /// The peer, and what it was asked for if that was not what pages ask for.
    pub(crate) fn name(self) -> String {
        match self.asked {
            Subprotocol::Base64Channel => self.peer.to_string(),
            asked => format!("{}, {}", self.peer, asked.name().split('.').next().unwrap_or_default()),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.name(), self.route)
    }
}
