//! One node with execgate before it, and the ways in.

use execgate::protocol::Subprotocol;
use execgate::target::Streams;

use crate::cast::Cast;
use crate::rig::client::{Ask, Client};
use crate::rig::door::Door;
use crate::rig::gate::{Gate, Upstream, Workers};
use crate::route::Route;
use crate::support::ask::Serves as _;
use crate::support::node::Node;

/// What everything is measured on.
pub(crate) struct Stage {
    pub(crate) cast: Cast,
    pub(crate) node: Node,
    direct: Door,
    // It ends before the node does.
    gate: Gate,
}

impl Stage {
    /// Starts a node, and execgate as it is shipped.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let node = Node::start("bench");
        let ca_pem = node.ca_pem();
        let direct = Door::secure(node.door().address, &ca_pem, node.token(&[]))?;
        let upstream =
            Upstream { address: direct.address, ca_pem: Some(ca_pem), token: direct.token.clone() };
        let gate = Gate::start(&upstream, Workers::AsShipped)?;
        Ok(Self { cast: Cast::of(&node, gate.process()), node, direct, gate })
    }

    /// Opens a session that runs a shell script in web-0.
    pub(crate) fn open(
        &self,
        route: Route,
        subprotocol: Subprotocol,
        streams: Streams,
        script: &str,
    ) -> anyhow::Result<Client> {
        let door = match route {
            Route::Direct => &self.direct,
            Route::Plain => &self.gate.plain,
            Route::Secure => &self.gate.secure,
        };
        Client::open(door, &Ask { subprotocol, streams, command: &["sh", "-c", script] })
    }

    /// The versions of what it is made of.
    pub(crate) fn versions(&self) -> String {
        let info = |key: &str| {
            self.node.kubectl(&[
                "get",
                "node",
                "node-1",
                "-o",
                &format!("jsonpath={{.status.nodeInfo.{key}}}"),
            ])
        };
        let runtime = info("containerRuntimeVersion").replace("://", " ");
        format!("execgate {}, Kubernetes {}, {runtime}", env!("CARGO_PKG_VERSION"), info("kubeletVersion"))
    }
}
