//! The exec server, and all that is compared before it, running side by side.

use anyhow::Context as _;

use crate::peer::Peer;
use crate::peers::installed;
use crate::proxy::Proxy;
use crate::rig::stub::Stub;
use crate::route::Route;
use crate::subject::Subject;

/// What everything is measured on.
pub(crate) struct Stage {
    // The proxies end before the exec server does.
    proxies: Vec<(Peer, Route, Proxy)>,
    pub(crate) stub: Stub,
    pub(crate) subjects: Vec<Subject>,
    /// The peers that this machine does not have, and what installs them.
    pub(crate) absent: Vec<String>,
}

impl Stage {
    /// Starts a process for each of the peers on each of its routes.
    pub(crate) fn start(peers: &[Peer]) -> anyhow::Result<Self> {
        let stub = Stub::start()?;
        let mut proxies = Vec::new();
        let mut subjects = Vec::new();
        let mut absent = Vec::new();
        for peer in peers {
            if let Some(installing) = installed::lacking(*peer) {
                absent.push(format!("{peer}; {installing}"));
                continue;
            }
            for route in peer.routes() {
                let proxy = Proxy::start(*peer, *route, &stub).with_context(|| format!("{peer}, {route}"))?;
                proxies.push((*peer, *route, proxy));
            }
            subjects.extend(Subject::of(*peer));
        }
        Ok(Self { proxies, stub, subjects, absent })
    }

    /// The process that plays a subject.
    pub(crate) fn proxy(&self, subject: Subject) -> &Proxy {
        let found =
            self.proxies.iter().find(|(peer, route, _)| (*peer, *route) == (subject.peer, subject.route));
        &found.expect("every subject's process was started").2
    }

    /// What is compared, with versions.
    pub(crate) fn software(&self) -> Vec<String> {
        let peers = self.proxies.iter().map(|(peer, _, _)| *peer);
        let mut software: Vec<String> = peers.filter_map(installed::version).collect();
        software.dedup();
        software
    }
}
