//! What can go wrong between execgate and a service.

use std::time::Duration;

use crate::cluster::Fault;
use crate::net::ConnectError;
use crate::net::tls::HandshakeError;
use crate::resolve::BodyError;
use crate::target::NameError;

/// Why a service named no pod. None of these holds the secret.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// No TCP connection.
    #[error("cannot reach the service; check its url")]
    Connect(#[source] ConnectError),
    /// No TLS.
    #[error("cannot speak TLS with the service")]
    Tls(#[source] HandshakeError),
    /// Too slow.
    #[error("the service did not answer within {limit:?}; check that it works, or raise the timeout")]
    Timeout {
        /// The timeout.
        limit: Duration,
    },
    /// It hung up.
    #[error("the service broke the connection instead of answering")]
    Broken(#[source] hyper::Error),
    /// What it says cannot be read.
    #[error("the service's answer cannot be read")]
    Body(#[source] BodyError),
    /// It said no.
    #[error("the service refused with {code}: {answer:?}")]
    Refused {
        /// 403 or 404.
        code: u16,
        /// What the user is to read.
        message: Option<String>,
        /// The beginning of the answer.
        answer: String,
    },
    /// It does not know execgate's secret.
    #[error(
        "the service does not accept the secret: it answered 401 and {answer:?}; check that both have the same"
    )]
    SecretRefused {
        /// The beginning of the answer.
        answer: String,
    },
    /// It answered otherwise; a redirect is not followed: the secret is for this URL alone.
    #[error("the service answered {code} and {answer:?}; it must answer 200, 403 or 404")]
    Code {
        /// The status code.
        code: u16,
        /// The beginning of the answer.
        answer: String,
    },
    /// Its yes is not what was asked for.
    #[error("the service answered {answer:?}; it must answer {{\"namespace\": ..., \"pod\": ...}}")]
    Json {
        /// Why not.
        source: serde_json::Error,
        /// The beginning of the answer.
        answer: String,
    },
    /// It names something that has no such name.
    #[error("the service names something that cannot be")]
    Name(#[source] NameError),
    /// It names another cluster than the address does.
    #[error("the service names a pod of cluster {named:?}, which is not the one that was asked for")]
    OtherCluster {
        /// The cluster that it names.
        named: String,
    },
}

impl ServiceError {
    /// Whose doing it is.
    pub(in crate::resolve) fn fault(&self) -> Fault {
        match self {
            Self::Refused { .. } => Fault::Downstream,
            Self::SecretRefused { .. } => Fault::Ours,
            Self::Connect(_)
            | Self::Tls(_)
            | Self::Timeout { .. }
            | Self::Broken(_)
            | Self::Body(_)
            | Self::Code { .. }
            | Self::Json { .. }
            | Self::Name(_)
            | Self::OtherCluster { .. } => Fault::Upstream,
        }
    }

    /// The HTTP status code that fits.
    pub(in crate::resolve) fn http_status(&self) -> u16 {
        match self {
            Self::Refused { code, .. } => *code,
            Self::Timeout { .. }
            | Self::Connect(ConnectError::Timeout { .. })
            | Self::Body(BodyError::TooSlow) => 504,
            Self::Connect(_)
            | Self::Tls(_)
            | Self::Broken(_)
            | Self::Body(_)
            | Self::SecretRefused { .. }
            | Self::Code { .. }
            | Self::Json { .. }
            | Self::Name(_)
            | Self::OtherCluster { .. } => 502,
        }
    }

    /// A sentence for the user: names the resolver, and no address, file or secret.
    pub(in crate::resolve) fn for_user(&self, resolver: &str) -> String {
        match self {
            Self::Refused { code, message: Some(message), .. } => {
                format!("{resolver} refused ({code}): {message}")
            }
            Self::Refused { code: 404, .. } => format!("{resolver} knows no pod for this address"),
            Self::Refused { .. } => format!("{resolver} does not let you in here"),
            Self::Connect(ConnectError::Timeout { .. })
            | Self::Timeout { .. }
            | Self::Body(BodyError::TooSlow) => {
                format!(
                    "{resolver} did not say in time which pod is meant; try again later, or tell your administrator"
                )
            }
            Self::Connect(_) | Self::Broken(_) => {
                format!(
                    "{resolver} cannot be asked which pod is meant; try again later, or tell your administrator"
                )
            }
            Self::Tls(_) => format!(
                "{resolver} cannot be asked safely which pod is meant: its TLS does not check out; tell your administrator"
            ),
            Self::SecretRefused { .. } => {
                format!("{resolver} does not accept execgate's secret; tell your administrator")
            }
            Self::Body(_)
            | Self::Code { .. }
            | Self::Json { .. }
            | Self::Name(_)
            | Self::OtherCluster { .. } => {
                format!(
                    "{resolver} was asked which pod is meant and gave no usable answer; tell your administrator"
                )
            }
        }
    }
}
