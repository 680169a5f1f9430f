//! From candidates to the one pod to open, or the refusal that says what to do.

use std::fmt;

use super::opening::Opening;
use super::{Candidate, ResolveError, words};
use crate::target::{ClusterName, ContainerName, ExecTarget, Namespace, PodName};

/// What a resolver found: the candidates, best first, and how one of them is chosen.
#[derive(Debug, Clone)]
pub struct Found {
    /// The container that is wanted, where the resolver or the service names one. A caller whose request names another may set it.
    pub container: Option<ContainerName>,
    cluster: ClusterName,
    sought: Sought,
    choice: Choice,
    candidates: Vec<Candidate>,
}

/// Which of several pods is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The first that is ready, the newest of these.
    NewestReady,
    /// None: the user has to say which.
    Only,
}

/// What was looked for, in words that name nothing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// Pods with these labels.
    Labels {
        /// The labels.
        selector: String,
        /// Where.
        namespace: Namespace,
    },
    /// The pods of a workload.
    Owner {
        /// Such as `deployment "web"`.
        owner: String,
        /// Where.
        namespace: Namespace,
    },
    /// One pod that the request names.
    Pod {
        /// The pod.
        pod: PodName,
        /// Where.
        namespace: Namespace,
    },
    /// One pod that a service named: its name is not for everybody.
    Told,
}

impl Found {
    pub(super) fn new(
        cluster: ClusterName,
        sought: Sought,
        choice: Choice,
        container: Option<ContainerName>,
        mut candidates: Vec<Candidate>,
    ) -> Self {
        candidates.sort_by(|one, other| one.rank().cmp(&other.rank()));
        Self { container, cluster, sought, choice, candidates }
    }

    /// All that was found, best first; also what has ended, so that this can be told to those who may open it.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// How one of them is chosen.
    pub fn choice(&self) -> Choice {
        self.choice
    }

    /// The target that a candidate is, for the policy to judge.
    pub fn target(&self, candidate: &Candidate) -> ExecTarget {
        ExecTarget {
            cluster: self.cluster.clone(),
            namespace: candidate.namespace.clone(),
            pod: candidate.pod.clone(),
        }
    }

    fn nothing(&self) -> ResolveError {
        ResolveError::Nothing { cluster: self.cluster.clone(), sought: self.sought.clone() }
    }
}

/// Chooses a pod and a container that the user may open, which is for `may_open` to say: of a pod, and of its container as far as one
/// is known. That none is allowed reads as that there is none. A pod that runs is taken, its container and all; where none does, the
/// refusal tells of the best one why not.
pub fn choose(
    found: &Found,
    may_open: impl Fn(&Candidate, Option<&ContainerName>) -> bool,
) -> Result<(ExecTarget, ContainerName), ResolveError> {
    let cluster = || found.cluster.clone();
    let wanted = found.container.as_ref();
    let openings = found.candidates.iter().filter_map(|candidate| Opening::new(candidate, wanted, &may_open));
    let openings: Vec<Opening<'_>> = openings.collect();
    let best = openings.first().ok_or_else(|| found.nothing())?;
    let alive = || openings.iter().filter(|opening| opening.candidate.is_alive());
    if found.choice == Choice::Only && alive().count() > 1 {
        let pods = words::list(&alive().map(|opening| &opening.candidate.pod).collect::<Vec<_>>());
        return Err(ResolveError::Several { cluster: cluster(), sought: found.sought.clone(), pods });
    }
    let mut reason = None;
    for opening in alive() {
        match opening.container() {
            Ok(container) => return Ok((found.target(opening.candidate), container)),
            Err(not_running) => reason = reason.or(Some(not_running)),
        }
    }
    match (reason, best.container()) {
        (Some(reason), _) => Err(ResolveError::NotRunning { cluster: cluster(), reason: reason.into() }),
        (None, Err(reason)) => {
            let sought = found.sought.clone();
            Err(ResolveError::Ended { cluster: cluster(), sought, reason: reason.into() })
        }
        (None, Ok(container)) => Ok((found.target(best.candidate), container)),
    }
}

/// How "there is no ..." goes on.
impl fmt::Display for Sought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Labels { selector, namespace } => {
                write!(f, "pod with the labels {selector} in namespace \"{namespace}\"")
            }
            Self::Owner { owner, namespace } => write!(f, "pod of {owner} in namespace \"{namespace}\""),
            Self::Pod { pod, namespace } => write!(f, "pod \"{pod}\" in namespace \"{namespace}\""),
            Self::Told => f.write_str("pod for this address"),
        }
    }
}
