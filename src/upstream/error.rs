//! Everything that can keep a dial from ending in an open WebSocket: one text for the user, another for the log.

use super::{Refusal, RequestError, UpgradeError};
use crate::{
    cluster::{Fault, SendError},
    protocol::PairingError,
    target::{ClusterName, ContainerName, ExecTarget, PodName},
};

/// Why there is no connection to the pod. `Display` and the sources are for the operator; [`DialError::for_user`] is for the user.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// No answer at all, or none that is for us.
    #[error(transparent)]
    Unanswered(#[from] SendError),
    /// Its answer is no WebSocket upgrade.
    #[error("the API server of cluster {cluster} answered the upgrade wrongly")]
    Upgrade {
        /// The cluster.
        cluster: ClusterName,
        /// The rule that it broke.
        source: UpgradeError,
    },
    /// It said no.
    #[error("the API server of cluster {cluster} refused with {}: {:?}", refusal.code, refusal.excerpt())]
    Refused {
        /// The cluster.
        cluster: ClusterName,
        /// The pod that was asked for.
        pod: PodName,
        /// Its answer, to be passed on.
        refusal: Box<Refusal>,
    },
    /// It said 101 and then that the command could not be started: what a v5 translator does with a refusal that comes late.
    #[error(
        "cluster {cluster} could not start the command: {message:?}; look at the kubelet of the pod's node"
    )]
    NotStarted {
        /// The cluster.
        cluster: ClusterName,
        /// Its message, which can name nodes and the whole argv.
        message: String,
    },
    /// The container has none of the shells that were tried.
    #[error(
        "no shell in pod {} of cluster {cluster}: tried {}; the last answer was {answer:?}",
        target.pod,
        shells.join(", ")
    )]
    NoShell {
        /// The cluster.
        cluster: ClusterName,
        /// The pod.
        target: Box<ExecTarget>,
        /// The container, if one was named.
        container: Option<ContainerName>,
        /// What was tried.
        shells: Vec<String>,
        /// What the runtime said of the last one.
        answer: String,
    },
    /// It knows no v5, and the client nothing else.
    #[error("cluster {cluster} does not speak v5.channel.k8s.io, and the client needs its half-close")]
    NoHalfClose {
        /// The cluster.
        cluster: ClusterName,
    },
    /// The request cannot be written.
    #[error("no request to cluster {cluster} can be written")]
    Request {
        /// The cluster.
        cluster: ClusterName,
        /// Why not.
        source: RequestError,
    },
}

impl DialError {
    /// The cluster that was dialled.
    pub fn cluster(&self) -> &ClusterName {
        match self {
            Self::Unanswered(error) => error.cluster(),
            Self::Upgrade { cluster, .. }
            | Self::Refused { cluster, .. }
            | Self::NotStarted { cluster, .. }
            | Self::NoShell { cluster, .. }
            | Self::NoHalfClose { cluster }
            | Self::Request { cluster, .. } => cluster,
        }
    }

    /// Whose doing it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Unanswered(error) => error.fault(),
            Self::Upgrade { .. } | Self::NotStarted { .. } => Fault::Upstream,
            Self::Refused { refusal, pod, .. }
                if refusal.code >= 500 || refusal.is_the_kubelets() || refusal.misses_a_node(pod) =>
            {
                Fault::Upstream
            }
            Self::Refused { .. } | Self::NoShell { .. } | Self::NoHalfClose { .. } => Fault::Downstream,
            Self::Request { .. } => Fault::Ours,
        }
    }

    /// The HTTP status code that fits.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Unanswered(error) => error.http_status(),
            // About the API server's own credential at its kubelet: no user can mend that by logging in.
            Self::Refused { refusal, .. } if refusal.is_the_kubelets() => 502,
            Self::Refused { refusal, .. } => refusal.code,
            Self::NoHalfClose { .. } => 400,
            Self::NoShell { .. } => 404,
            Self::Request { .. } => 500,
            Self::Upgrade { .. } | Self::NotStarted { .. } => 502,
        }
    }

    /// A sentence for the user: names the cluster, and no address, file, node or credential.
    pub fn for_user(&self) -> String {
        let cluster = self.cluster();
        match self {
            Self::Unanswered(error) => error.for_user(),
            Self::Upgrade { .. } => format!(
                "cluster \"{cluster}\" answered, but not as an API server does; tell your administrator"
            ),
            Self::Refused { refusal, pod, .. } => refused(cluster, pod, refusal),
            Self::NotStarted { .. } => format!(
                "cluster \"{cluster}\" could not start the command; check that the container is running, and try again"
            ),
            Self::NoShell { target, container, shells, .. } => no_shell(target, container.as_ref(), shells),
            Self::NoHalfClose { .. } => PairingError::NoHalfClose.to_string(),
            Self::Request { .. } => format!(
                "your user name or a group cannot be told to cluster \"{cluster}\", or the command is too long; tell your administrator"
            ),
        }
    }
}

/// With what helps where nothing can be installed: a container beside it that has a shell.
fn no_shell(target: &ExecTarget, container: Option<&ContainerName>, shells: &[String]) -> String {
    let ExecTarget { namespace, pod, .. } = target;
    let beside = container.map(|container| format!(" --target={container}")).unwrap_or_default();
    format!(
        "this container has no shell (tried {}); an ephemeral debug container beside it has one: kubectl debug -it -n {namespace} {pod} --image=busybox{beside}",
        shells.join(", ")
    )
}

/// Kubernetes' own sentence where it speaks of what the user asked for; ours where it can speak of nodes and addresses.
fn refused(cluster: &ClusterName, pod: &PodName, refusal: &Refusal) -> String {
    if refusal.misses_a_node(pod) {
        return format!("cluster \"{cluster}\" has lost the node of this pod (404); tell your administrator");
    }
    let about_the_request = matches!(refusal.code, 400 | 403 | 404 | 409 | 422);
    let status = refusal.status().filter(|_| about_the_request);
    let sentence = status.and_then(|status| status.message);
    let sentence = sentence.or_else(|| refusal.contradiction().map(str::to_owned));
    match (sentence, refusal.code) {
        (Some(sentence), code) => format!("cluster \"{cluster}\" refused ({code}): {sentence}"),
        (None, 401 | 403) if !refusal.is_the_kubelets() => {
            format!("cluster \"{cluster}\" does not allow this ({})", refusal.code)
        }
        (None, 500) if refusal.is_about_the_node() => format!(
            "cluster \"{cluster}\" cannot reach the pod's node, or the containers on it; try again later, or tell your administrator"
        ),
        (None, 404) => format!("cluster \"{cluster}\" does not know this pod or container (404)"),
        (None, 429) => format!("cluster \"{cluster}\" is busy (429); try again in a minute"),
        (None, code) => format!(
            "cluster \"{cluster}\" could not start the command ({code}); check that the container is running, and try again"
        ),
    }
}
