//! Everything that can keep a read from an answer: one text for the user, another for the log.

use crate::{
    cluster::{Fault, SendError},
    target::ClusterName,
    upstream::{ReadBodyError, Refusal, RequestError},
};

/// Why there is nothing to read. `Display` and the sources are for the operator; [`ReadError::for_user`] is for the user.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No answer at all, or none that is for us.
    #[error(transparent)]
    Unanswered(#[from] SendError),
    /// It said no.
    #[error("the API server of cluster {cluster} refused with {}: {:?}", refusal.code, refusal.excerpt())]
    Refused {
        /// The cluster.
        cluster: ClusterName,
        /// Its answer, to be passed on.
        refusal: Box<Refusal>,
    },
    /// It says yes, and then nothing that an API server says.
    #[error(
        "the API server of cluster {cluster} answered {code} with {content_type:?} instead of JSON; check that server is an API server's address"
    )]
    NotJson {
        /// The cluster.
        cluster: ClusterName,
        /// The status code.
        code: u16,
        /// What it says that it sends.
        content_type: String,
    },
    /// A list must not be packed: it is read on the way.
    #[error(
        "the API server of cluster {cluster} answered in the encoding {encoding:?}, which was not asked for"
    )]
    Packed {
        /// The cluster.
        cluster: ClusterName,
        /// The encoding.
        encoding: String,
    },
    /// It announces more than passes.
    #[error("the API server of cluster {cluster} has an answer of {length} bytes; at most {limit} pass")]
    TooLarge {
        /// The cluster.
        cluster: ClusterName,
        /// Its `Content-Length`.
        length: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// What it says is wrong from the beginning.
    #[error("the answer of the API server of cluster {cluster} cannot be told on")]
    Body {
        /// The cluster.
        cluster: ClusterName,
        /// What is wrong with it.
        source: ReadBodyError,
    },
    /// A place to go on that this process did not name, or not to this user, or not for this list.
    #[error("the continue token of a list on cluster {cluster} was not made here")]
    Expired {
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

impl ReadError {
    /// The cluster that was asked.
    pub fn cluster(&self) -> &ClusterName {
        match self {
            Self::Unanswered(error) => error.cluster(),
            Self::Refused { cluster, .. }
            | Self::NotJson { cluster, .. }
            | Self::Packed { cluster, .. }
            | Self::TooLarge { cluster, .. }
            | Self::Body { cluster, .. }
            | Self::Expired { cluster }
            | Self::Request { cluster, .. } => cluster,
        }
    }

    /// Whose doing it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Unanswered(error) => error.fault(),
            Self::Refused { refusal, .. } if refusal.code >= 500 => Fault::Upstream,
            Self::NotJson { .. } | Self::Packed { .. } | Self::Body { .. } => Fault::Upstream,
            Self::Refused { .. } | Self::Expired { .. } | Self::TooLarge { .. } => Fault::Downstream,
            Self::Request { .. } => Fault::Ours,
        }
    }

    /// The HTTP status code that fits.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Unanswered(error) => error.http_status(),
            Self::Refused { refusal, .. } => refusal.code,
            Self::Body { source: ReadBodyError::Silent | ReadBodyError::TooSlow, .. } => 504,
            Self::NotJson { .. } | Self::Packed { .. } | Self::TooLarge { .. } | Self::Body { .. } => 502,
            Self::Expired { .. } => 410,
            Self::Request { .. } => 500,
        }
    }

    /// A sentence for the user: names the cluster, and no address, file, node or credential.
    pub fn for_user(&self) -> String {
        let cluster = self.cluster();
        match self {
            Self::Unanswered(error) => error.for_user(),
            Self::Refused { refusal, .. } => refused(cluster, refusal),
            Self::NotJson { .. } | Self::Packed { .. } => format!(
                "cluster \"{cluster}\" answered, but not as an API server does; tell your administrator"
            ),
            Self::Body { .. } => {
                format!("cluster \"{cluster}\" broke off its answer or answered nonsense; try again later")
            }
            Self::TooLarge { limit, .. } => format!(
                "cluster \"{cluster}\" has more to say than the {} MiB that pass here; ask for less with limit or a selector",
                limit / 1024 / 1024
            ),
            Self::Expired { .. } => {
                "The provided continue parameter is not of this process: execgate was restarted, or another of its replicas answers. Start the list again without the continue parameter".to_owned()
            }
            Self::Request { .. } => format!(
                "your user name or a group cannot be told to cluster \"{cluster}\"; tell your administrator"
            ),
        }
    }
}

/// Kubernetes' own sentence where it speaks of what the user asked for; ours where it can speak of its own insides.
fn refused(cluster: &ClusterName, refusal: &Refusal) -> String {
    let is_about_the_request = matches!(refusal.code, 400 | 403 | 404 | 406 | 410 | 422);
    let status = refusal.status().filter(|_| is_about_the_request);
    match status.and_then(|status| status.message) {
        Some(sentence) => format!("cluster \"{cluster}\" refused ({}): {sentence}", refusal.code),
        None if refusal.code == 429 => {
            format!("cluster \"{cluster}\" is busy (429); try again in a minute")
        }
        None => format!("cluster \"{cluster}\" cannot answer this now ({})", refusal.code),
    }
}
