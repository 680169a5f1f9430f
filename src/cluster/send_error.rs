//! Everything that can keep a request to an API server from an answer: one text for the user, another for the log.

use std::{fmt, time::Duration};

use crate::{
    net::{ConnectError, tls::HandshakeError},
    target::ClusterName,
};

/// Why there is no answer. `Display` and the sources are for the operator; [`SendError::for_user`] is for the user.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
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
    /// More than an HTTP request line may hold.
    #[error(
        "the request line to cluster {cluster} would be {length} bytes long, which is too much; shorten the request"
    )]
    TooLong {
        /// The cluster.
        cluster: ClusterName,
        /// Its length in bytes.
        length: usize,
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

/// What an API server was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// TCP.
    Connecting,
    /// TLS.
    Handshaking,
    /// The answer to the request.
    Answering,
}

impl SendError {
    /// The cluster that was asked.
    pub fn cluster(&self) -> &ClusterName {
        match self {
            Self::Connect { cluster, .. }
            | Self::Tls { cluster, .. }
            | Self::Timeout { cluster, .. }
            | Self::Broken { cluster, .. }
            | Self::Redirected { cluster, .. }
            | Self::CredentialRefused { cluster, .. }
            | Self::TooLong { cluster, .. } => cluster,
        }
    }

    /// Whose doing it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Timeout { .. }
            | Self::Broken { .. }
            | Self::Redirected { .. } => Fault::Upstream,
            Self::CredentialRefused { .. } => Fault::Ours,
            Self::TooLong { .. } => Fault::Downstream,
        }
    }

    /// The HTTP status code that fits.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Timeout { .. } => 504,
            Self::TooLong { .. } => 414,
            Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Broken { .. }
            | Self::Redirected { .. }
            | Self::CredentialRefused { .. } => 502,
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
            Self::Redirected { .. } => format!(
                "cluster \"{cluster}\" answered, but not as an API server does; tell your administrator"
            ),
            Self::CredentialRefused { .. } => format!(
                "cluster \"{cluster}\" does not accept execgate's own credential; tell your administrator"
            ),
            Self::TooLong { .. } => format!("the request is too long for cluster \"{cluster}\"; shorten it"),
        }
    }
}

/// How the sentence "it is still ..." goes on.
impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting => "not connected",
            Self::Handshaking => "in the middle of the TLS handshake",
            Self::Answering => "silent about the request",
        })
    }
}
