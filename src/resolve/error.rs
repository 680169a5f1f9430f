//! Everything that can keep an address from its pod: one text for the user, another for the log.

use super::{BodyError, FillError, NotRunning, ServiceError, Sought};
use crate::cluster::{Fault, SendError, Unsendable};
use crate::target::ClusterName;

/// Why there is no pod to open. `Display` and the sources are for the operator; [`ResolveError::for_user`] is for the user.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The address says something that no name can hold.
    #[error(transparent)]
    Fill(#[from] FillError),
    /// The cluster gave no answer, or none that is for us.
    #[error(transparent)]
    Unanswered(#[from] SendError),
    /// It does not let the pods be read.
    #[error("the API server of cluster {cluster} refused to show pods to {speaker} with {code}: {answer:?}")]
    Refused {
        /// The cluster.
        cluster: ClusterName,
        /// The status code.
        code: u16,
        /// Whom it refused.
        speaker: Speaker,
        /// The answer's sentence.
        answer: String,
    },
    /// What it says cannot be read.
    #[error("the answer of the API server of cluster {cluster} about pods cannot be read")]
    Body {
        /// The cluster.
        cluster: ClusterName,
        /// Why not.
        source: BodyError,
    },
    /// The user cannot be named to it.
    #[error("no request to cluster {cluster} can be written")]
    Unsendable {
        /// The cluster.
        cluster: ClusterName,
        /// Why not.
        source: Unsendable,
    },
    /// More pods than anybody chooses among.
    #[error("cluster {cluster} has more than {limit} pods to choose among; narrow the resolver's selector")]
    TooMany {
        /// The cluster.
        cluster: ClusterName,
        /// How many are looked at.
        limit: usize,
    },
    /// The service did not name a pod.
    #[error("target resolver {resolver} did not get a pod of cluster {cluster}")]
    Service {
        /// The cluster.
        cluster: ClusterName,
        /// The resolver.
        resolver: String,
        /// Why not.
        source: ServiceError,
    },
    /// There is none, or none that the user may open: nobody is told which.
    #[error("cluster {cluster} has no {sought} that the user may open")]
    Nothing {
        /// The cluster.
        cluster: ClusterName,
        /// What was looked for.
        sought: Sought,
    },
    /// There are several, and the user has to say which.
    #[error("cluster {cluster} has more than one {sought}: {pods}")]
    Several {
        /// The cluster.
        cluster: ClusterName,
        /// What was looked for.
        sought: Sought,
        /// Those that the user may open.
        pods: String,
    },
    /// Those that there are have ended.
    #[error("on cluster {cluster} no {sought} runs any more: {reason}")]
    Ended {
        /// The cluster.
        cluster: ClusterName,
        /// What was looked for.
        sought: Sought,
        /// The best of them.
        reason: Box<NotRunning>,
    },
    /// No session can be opened there now.
    #[error("on cluster {cluster}, {reason}")]
    NotRunning {
        /// The cluster.
        cluster: ClusterName,
        /// Why not.
        reason: Box<NotRunning>,
    },
}

/// In whose name pods were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// In execgate's own.
    Execgate,
    /// In the user's, by impersonation.
    User,
}

impl ResolveError {
    /// Whose doing it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Unanswered(error) => error.fault(),
            Self::Service { source, .. } => source.fault(),
            Self::Refused { code: 403, speaker: Speaker::Execgate, .. }
            | Self::Unsendable { .. }
            | Self::TooMany { .. } => Fault::Ours,
            Self::Refused { code: 403, speaker: Speaker::User, .. }
            | Self::Fill(_)
            | Self::Nothing { .. }
            | Self::Several { .. }
            | Self::Ended { .. }
            | Self::NotRunning { .. } => Fault::Downstream,
            Self::Refused { .. } | Self::Body { .. } => Fault::Upstream,
        }
    }

    /// The HTTP status code that fits.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Unanswered(error) => error.http_status(),
            Self::Service { source, .. } => source.http_status(),
            Self::Fill(_) => 400,
            Self::Refused { code: 403, speaker: Speaker::User, .. } => 403,
            Self::Refused { code: 429, .. } => 429,
            Self::Body { source: BodyError::TooSlow, .. } => 504,
            Self::Refused { .. } | Self::Body { .. } | Self::TooMany { .. } => 502,
            Self::Unsendable { .. } => 500,
            Self::Nothing { .. } => 404,
            Self::Several { .. } | Self::Ended { .. } | Self::NotRunning { .. } => 409,
        }
    }

    /// A sentence for the user: names the cluster or what the address said, and no address, file, node or credential. Pods that were
    /// found are named only by [`choose`](super::choose), which is given those that the user may open.
    pub fn for_user(&self) -> String {
        match self {
            Self::Fill(error) => error.to_string(),
            Self::Unanswered(error) => error.for_user(),
            Self::Refused { cluster, code: 403, speaker: Speaker::Execgate, .. } => format!(
                "cluster \"{cluster}\" does not let execgate look for pods there (403); tell your administrator"
            ),
            Self::Refused { cluster, code: 403, speaker: Speaker::User, .. } => {
                format!("cluster \"{cluster}\" does not let you look for pods there (403)")
            }
            Self::Refused { cluster, code: 429, .. } => {
                format!("cluster \"{cluster}\" is busy (429); try again in a minute")
            }
            Self::Refused { cluster, code, .. } => {
                format!("cluster \"{cluster}\" cannot say now which pods there are ({code}); try again later")
            }
            Self::Body { cluster, source: BodyError::TooLarge { .. } } => {
                format!(
                    "cluster \"{cluster}\" says more of its pods than is read here; tell your administrator"
                )
            }
            Self::Body { cluster, .. } => {
                format!("cluster \"{cluster}\" broke off its answer or answered nonsense; try again later")
            }
            Self::Unsendable { cluster, .. } => format!(
                "your user name or a group cannot be told to cluster \"{cluster}\"; tell your administrator"
            ),
            Self::TooMany { cluster, limit } => format!(
                "cluster \"{cluster}\" has more than {limit} pods to choose among; tell your administrator"
            ),
            Self::Service { resolver, source, .. } => source.for_user(resolver),
            Self::Nothing { cluster, sought } => {
                format!("cluster \"{cluster}\" has no {sought} that you may open")
            }
            Self::Several { cluster, sought, pods } => {
                format!("cluster \"{cluster}\" has more than one {sought}; open one of them by name: {pods}")
            }
            Self::NotRunning { reason, .. }
            | Self::Ended { sought: Sought::Pod { .. } | Sought::Told, reason, .. } => reason.to_string(),
            Self::Ended { sought, reason, .. } => format!("no {sought} runs: {reason}"),
        }
    }
}

/// Whom the log names.
impl std::fmt::Display for Speaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Execgate => "execgate (it needs get and list on pods)",
            Self::User => "the user, in whose name it was asked",
        })
    }
}
