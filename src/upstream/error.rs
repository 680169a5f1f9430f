//! Everything that can keep a dial from ending in an open WebSocket: one text for the user, another for the log.

use std::{fmt, time::Duration};

use super::{Refusal, RequestError, UpgradeError};
use crate::{
    net::{ConnectError, tls::HandshakeError},
    protocol::PairingError,
    target::{ClusterName, PodName},
};

/// Why there is no connection to the pod. `Display` and the sources are for the operator; [`DialError::for_user`] is for the user.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// No TCP connection.
    #[error("cannot reach the API server of cluster {cluster}; check its server")]
    Connect {
        /// The cluster.
        cluster: ClusterName,
        /// Why not.
        source: ConnectError,
    },
    /// No TLS.
    #[error("cannot speak TLS with the API server of cluster {cluster}")]
    Tls {
        /// The cluster.
        cluster: ClusterName,
        /// Why not.
        source: HandshakeError,
    },
    /// Too slow.
    #[error(
        "the API server of cluster {cluster} was given {limit:?} and is still {stage}; check that it works, or raise connectTimeout"
    )]
    Timeout {
        /// The cluster.
        cluster: ClusterName,
        /// What it was waited for.
        stage: Stage,
        /// The cluster's connect timeout.
        limit: Duration,
    },
    /// It hung up on our request.
    #[error(
        "the API server of cluster {cluster} broke the connection instead of answering; check that server is an API server's address and its log for a crash"
    )]
    Broken {
        /// The cluster.
        cluster: ClusterName,
        /// What was seen.
        source: hyper::Error,
    },
    /// Its answer is no WebSocket upgrade.
    #[error("the API server of cluster {cluster} answered the upgrade wrongly")]
    Upgrade {
        /// The cluster.
        cluster: ClusterName,
        /// The rule that it broke.
        source: UpgradeError,
    },
    /// It pointed elsewhere. Not followed: the credential is for this server alone.
    #[error(
        "the API server of cluster {cluster} answered {code} and points to {location:?}; redirects are not followed, write the final address under server"
    )]
    Redirected {
        /// The cluster.
        cluster: ClusterName,
        /// The status code, 300 to 399.
        code: u16,
        /// Where to.
        location: String,
    },
    /// It does not know execgate's credential.
    #[error(
        "cluster {cluster} does not accept execgate's credential, {credential}: it answered 401 and {answer:?}; renew it or check that it belongs to this cluster"
    )]
    CredentialRefused {
        /// The cluster.
        cluster: ClusterName,
        /// Where the credential comes from; never the credential.
        credential: String,
        /// The answer's sentence.
        answer: String,
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

/// Whose doing a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The page's or program's.
    Downstream,
    /// The API server's, or the way's to it.
    Upstream,
    /// Execgate's, or its configuration's.
    Ours,
}

/// What a dial was waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// TCP.
    Connecting,
    /// TLS.
    Handshaking,
    /// The answer to the upgrade.
    Answering,
}

impl DialError {
    /// The cluster that was dialled.
    pub fn cluster(&self) -> &ClusterName {
        match self {
            Self::Connect { cluster, .. }
            | Self::Tls { cluster, .. }
            | Self::Timeout { cluster, .. }
            | Self::Broken { cluster, .. }
            | Self::Upgrade { cluster, .. }
            | Self::Redirected { cluster, .. }
            | Self::CredentialRefused { cluster, .. }
            | Self::Refused { cluster, .. }
            | Self::NotStarted { cluster, .. }
            | Self::NoHalfClose { cluster }
            | Self::Request { cluster, .. } => cluster,
        }
    }

    /// Whose doing it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Timeout { .. }
            | Self::Broken { .. }
            | Self::Upgrade { .. }
            | Self::Redirected { .. }
            | Self::NotStarted { .. } => Fault::Upstream,
            Self::Refused { refusal, pod, .. }
                if refusal.code >= 500 || refusal.is_the_kubelets() || refusal.misses_a_node(pod) =>
            {
                Fault::Upstream
            }
            Self::Refused { .. } | Self::NoHalfClose { .. } => Fault::Downstream,
            Self::CredentialRefused { .. } | Self::Request { .. } => Fault::Ours,
        }
    }

    /// The HTTP status code that fits.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Timeout { .. } => 504,
            // About the API server's own credential at its kubelet: no user can mend that by logging in.
            Self::Refused { refusal, .. } if refusal.is_the_kubelets() => 502,
            Self::Refused { refusal, .. } => refusal.code,
            Self::NoHalfClose { .. } => 400,
            Self::Request { .. } => 500,
            Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Broken { .. }
            | Self::Upgrade { .. }
            | Self::Redirected { .. }
            | Self::CredentialRefused { .. }
            | Self::NotStarted { .. } => 502,
        }
    }

    /// A sentence for the user: names the cluster, and no address, file, node or credential.
    pub fn for_user(&self) -> String {
        let cluster = self.cluster();
        match self {
            Self::Connect { .. } => {
                format!(
                    "cluster \"{cluster}\" cannot be reached; try again later, or tell your administrator"
                )
            }
            Self::Tls { .. } => format!(
                "cluster \"{cluster}\" cannot be reached safely: its TLS does not check out; tell your administrator"
            ),
            Self::Timeout { limit, .. } => format!(
                "cluster \"{cluster}\" did not answer within {limit:?}; try again later, or tell your administrator"
            ),
            Self::Broken { .. } => {
                format!("cluster \"{cluster}\" broke the connection instead of answering; try again later")
            }
            Self::Upgrade { .. } | Self::Redirected { .. } => format!(
                "cluster \"{cluster}\" answered, but not as an API server does; tell your administrator"
            ),
            Self::CredentialRefused { .. } => format!(
                "cluster \"{cluster}\" does not accept execgate's own credential; tell your administrator"
            ),
            Self::Refused { refusal, pod, .. } => refused(cluster, pod, refusal),
            Self::NotStarted { .. } => format!(
                "cluster \"{cluster}\" could not start the command; check that the container is running, and try again"
            ),
            Self::NoHalfClose { .. } => PairingError::NoHalfClose.to_string(),
            Self::Request { .. } => format!(
                "your user name or a group cannot be told to cluster \"{cluster}\", or the command is too long; tell your administrator"
            ),
        }
    }
}

/// Kubernetes' own sentence where it speaks of what the user asked for; ours where it can speak of nodes and addresses.
fn refused(cluster: &ClusterName, pod: &PodName, refusal: &Refusal) -> String {
    if refusal.misses_a_node(pod) {
        return format!("cluster \"{cluster}\" has lost the node of this pod (404); tell your administrator");
    }
    let about_the_request = matches!(refusal.code, 400 | 403 | 404 | 409 | 422);
    let status = refusal.status().filter(|_| about_the_request);
    let sentence = status.and_then(|status| status.message);
    match (sentence, refusal.code) {
        (Some(sentence), code) => format!("cluster \"{cluster}\" refused ({code}): {sentence}"),
        (None, 401 | 403) if !refusal.is_the_kubelets() => {
            format!("cluster \"{cluster}\" does not allow this ({})", refusal.code)
        }
        (None, 404) => format!("cluster \"{cluster}\" does not know this pod or container (404)"),
        (None, 429) => format!("cluster \"{cluster}\" is busy (429); try again in a minute"),
        (None, code) => format!(
            "cluster \"{cluster}\" could not start the command ({code}); check that the container is running, and try again"
        ),
    }
}

/// How the sentence "it is still ..." goes on.
impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting => "not connected",
            Self::Handshaking => "in the middle of the TLS handshake",
            Self::Answering => "silent about the upgrade",
        })
    }
}
