//! What a demo cluster is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::protocol::Subprotocol;

/// How one exec server is set up. The default is a Kubernetes 1.36 API server in front of containerd, on a free port of
/// 127.0.0.1.
#[derive(Debug, Clone)]
pub struct DemoSettings {
    /// The cluster's name: it stands in prompts and in the certificate authority's name.
    pub name: String,
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// TLS or plain HTTP.
    pub scheme: Scheme,
    /// The subprotocols that the container runtime knows. One that is not here is unknown to it.
    pub runtime_subprotocols: Vec<Subprotocol>,
    /// Whether v5 is spoken, and by whom.
    pub translator: Translator,
    /// How the runtime spells a status.
    pub status_dialect: StatusDialect,
    /// After this long without a data message either way the connection ends, without a close frame.
    pub idle_timeout: Duration,
    /// Whether there are pods that workloads made, in the namespace `workloads`.
    pub workloads: Workloads,
}

/// Whether a demo cluster has pods of deployments, jobs and stateful sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workloads {
    /// It has none.
    Absent,
    /// It has some, in every state.
    Present,
}

/// What is spoken on the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// HTTPS, with a certificate of the cluster's own authority.
    Https,
    /// Plain HTTP: benchmarks that measure something else than TLS.
    Http,
}

/// Where the v5 server stands that is in front of the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Translator {
    /// In the kubelet, from 1.36 on: the API server copies v5 like everything else, and what the node refuses comes before the 101.
    Kubelet,
    /// In the API server, from 1.30 on: it answers 101 before it asks the node, and its refusals come behind that.
    ApiServer,
    /// Nowhere, as up to 1.29 or with the gate off: v5 reaches the runtime, which does not know it.
    Off,
}

/// How a runtime writes a status on channel 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusDialect {
    /// With `metadata`, and `details` of an internal error: runtimes built from Kubernetes up to 1.35.
    Full,
    /// Without them: runtimes built from cri-streaming 1.36 and later.
    Short,
}

/// A permission that RBAC gives the service account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// `get` on `pods/exec` and `pods/attach`: asked of every GET there.
    Get,
    /// `create` on them: asked of every POST, and since 1.35 of a GET that upgrades.
    Create,
    /// `get` and `list` on `pods` and `namespaces`.
    Read,
}

/// Something broken behind the API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// An admission webhook refuses.
    AdmissionRefuses,
    /// The pod's node object is gone.
    NodeMissing,
    /// Nobody answers on the node.
    NodeUnreachable,
    /// The kubelet does not accept the API server's certificate.
    KubeletUnauthorized,
    /// The kubelet accepts the API server but does not let it.
    KubeletForbidden,
    /// The kubelet has not heard of the pod yet.
    KubeletLacksPod,
    /// The runtime has lost the container.
    RuntimeLacksContainer,
    /// Too many streams wait in the runtime.
    RuntimeBusy,
    /// The kubelet answers the upgrade with a redirect.
    KubeletRedirects,
}

impl Default for DemoSettings {
    fn default() -> Self {
        Self {
            name: "demo".to_owned(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            scheme: Scheme::Https,
            runtime_subprotocols: vec![
                Subprotocol::Channel,
                Subprotocol::Base64Channel,
                Subprotocol::V4,
                Subprotocol::V4Base64,
            ],
            translator: Translator::Kubelet,
            status_dialect: StatusDialect::Short,
            idle_timeout: RUNTIME_IDLE_TIMEOUT,
            workloads: Workloads::Absent,
        }
    }
}

/// containerd's `stream_idle_timeout` and the translator's constant.
const RUNTIME_IDLE_TIMEOUT: Duration = Duration::from_hours(4);
