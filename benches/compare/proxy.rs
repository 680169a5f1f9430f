//! A proxy that runs, whichever it is.

use std::time::Duration;

use execgate::protocol::Subprotocol;
use execgate::target::Streams;

use crate::peer::Peer;
use crate::peers::program::Program;
use crate::peers::{haproxy, kubectl, nginx, node_relay, rust_relay};
use crate::rig::again::Again;
use crate::rig::client::{Ask, Client};
use crate::rig::door::Door;
use crate::rig::gate::{Gate, Upstream, Workers};
use crate::rig::process::Process;
use crate::rig::stub::Stub;
use crate::route::Route;

/// The process of one peer on one route. Dropping it ends it.
pub(crate) struct Proxy {
    pub(crate) door: Door,
    /// The process whose cost counts; `None` for the exec server itself.
    pub(crate) process: Option<Process>,
    _keeper: Keeper,
}

/// What ends the process when it is dropped.
enum Keeper {
    Nobody,
    Gate { _gate: Gate },
    Program { _program: Program },
    Again { _again: Again },
}

impl Proxy {
    /// Starts a peer before the exec server.
    pub(crate) fn start(peer: Peer, route: Route, stub: &Stub) -> anyhow::Result<Self> {
        let upstream = route.upstream(stub);
        match peer {
            Peer::Direct => Ok(Self { door: direct(upstream)?, process: None, _keeper: Keeper::Nobody }),
            Peer::Execgate => {
                let gate = Gate::start(upstream, Workers::Exactly(1))?;
                Ok(Self::execgate(gate, route))
            }
            Peer::Nginx => nginx::start(nginx::Buffers::Default, route, upstream).map(Self::program),
            Peer::Nginx64k => nginx::start(nginx::Buffers::Large, route, upstream).map(Self::program),
            Peer::Haproxy => haproxy::start(route, upstream).map(Self::program),
            Peer::Kubectl => kubectl::start(route, upstream).map(Self::program),
            Peer::NodeRelay => node_relay::start(route, upstream).map(Self::program),
            Peer::RustRelay => {
                let (door, relay) = rust_relay::start(upstream)?;
                let process = Some(Process::new(relay.id()));
                Ok(Self { door, process, _keeper: Keeper::Again { _again: relay } })
            }
        }
    }

    /// An execgate process, by the door that belongs to a route.
    pub(crate) fn execgate(gate: Gate, route: Route) -> Self {
        let door = match route {
            Route::Plain | Route::Tls => &gate.plain,
            Route::TlsBoth => &gate.secure,
        };
        Self { door: door.clone(), process: Some(gate.process()), _keeper: Keeper::Gate { _gate: gate } }
    }

    fn program(program: Program) -> Self {
        let (door, process) = (program.door.clone(), program.process());
        Self { door, process: Some(process), _keeper: Keeper::Program { _program: program } }
    }

    /// Opens a session on a terminal, as pages do.
    pub(crate) fn open(&self, asked: Subprotocol, command: &[&str]) -> anyhow::Result<Client> {
        let streams = Streams { stdin: true, stdout: true, stderr: false, tty: true };
        Client::open(&self.door, &Ask { subprotocol: asked, streams, command })
    }

    /// CPU time that its process has taken so far, if it has one.
    pub(crate) fn cpu(&self) -> anyhow::Result<Option<Duration>> {
        self.process.as_ref().map(Process::cpu).transpose()
    }
}

fn direct(upstream: &Upstream) -> anyhow::Result<Door> {
    let Upstream { address, ca_pem, token } = upstream;
    match ca_pem {
        Some(ca_pem) => Door::secure(*address, ca_pem, token),
        None => Ok(Door::plain(*address, token)),
    }
}
