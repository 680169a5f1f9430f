//! How far a pod and its containers are: whether a session can be opened there, and if not, why not in words.

use jiff::Timestamp;

use crate::target::{ContainerName, Namespace, PodName};

/// A pod that may be meant.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Where it is.
    pub namespace: Namespace,
    /// Its name.
    pub pod: PodName,
    pub(super) standing: Standing,
}

/// What of a pod matters.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) course: Course,
    pub(super) created: Option<Timestamp>,
    pub(super) containers: Vec<Container>,
    /// What its annotation names.
    pub(super) default_container: Option<String>,
}

/// How far a pod has come, the best to open first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Course {
    /// It runs and says that it is ready.
    Ready,
    /// It runs.
    Running,
    /// It has not started, perhaps for this reason.
    Pending(Option<String>),
    /// Nobody knows.
    Unknown,
    /// It is being deleted.
    Leaving,
    /// It has ended: its phase, and perhaps why.
    Ended(&'static str, Option<String>),
}

/// One container.
#[derive(Debug, Clone)]
pub(super) struct Container {
    pub(super) name: ContainerName,
    pub(super) kind: ContainerKind,
    pub(super) state: State,
}

/// What a container is in its pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContainerKind {
    /// One of the pod's own: what is meant when nobody says which.
    Own,
    /// One that runs before them, or beside them.
    Init,
    /// One that was added for looking into the pod.
    Ephemeral,
}

/// What a container does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Running,
    /// It will run, perhaps; why not yet.
    Waiting(Option<String>),
    /// It has ended.
    Terminated {
        exit_code: i64,
        reason: Option<String>,
    },
}

/// Why no session can be opened in a pod. `Display` is for a user who may open it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRunning {
    /// The pod has not started.
    #[error(
        "pod \"{pod}\" has not started yet ({}); try again once it runs, or look at its events",
        because("Pending", reason.as_ref())
    )]
    Pending {
        /// The pod.
        pod: PodName,
        /// Such as `ImagePullBackOff` or `Unschedulable`.
        reason: Option<String>,
    },
    /// The pod has done its work, or failed.
    #[error(
        "pod \"{pod}\" has ended ({}); it does not start again, so another one must be started",
        because(phase, reason.as_ref())
    )]
    Ended {
        /// The pod.
        pod: PodName,
        /// `Succeeded` or `Failed`.
        phase: &'static str,
        /// Such as `Evicted`.
        reason: Option<String>,
    },
    /// The pod is being deleted.
    #[error("pod \"{pod}\" is being deleted; try again once there is another one")]
    Leaving {
        /// The pod.
        pod: PodName,
    },
    /// The cluster does not know how the pod is.
    #[error(
        "the cluster does not know how pod \"{pod}\" is (Unknown): its node may be down; try again later"
    )]
    Unknown {
        /// The pod.
        pod: PodName,
    },
    /// There is no such container.
    #[error("pod \"{pod}\" has no container \"{container}\"; it has {containers}")]
    NoContainer {
        /// The pod.
        pod: PodName,
        /// What was wanted.
        container: ContainerName,
        /// What there is.
        containers: String,
    },
    /// Nobody says which container is meant.
    #[error("pod \"{pod}\" has several containers; name one of {containers}")]
    SeveralContainers {
        /// The pod.
        pod: PodName,
        /// Those that the user may open.
        containers: String,
    },
    /// The container does not run yet, or not now.
    #[error(
        "{kind} \"{container}\" of pod \"{pod}\" does not run ({}); try again once it does, or look at its log",
        because("Waiting", reason.as_ref())
    )]
    Waiting {
        /// The pod.
        pod: PodName,
        /// The container.
        container: ContainerName,
        /// How the sentence begins: a container, an init container.
        kind: &'static str,
        /// Such as `CrashLoopBackOff`.
        reason: Option<String>,
    },
    /// The container has ended.
    #[error("{kind} \"{container}\" of pod \"{pod}\" has ended ({}); choose one that runs, or try again if it is started anew", ending(reason.as_ref(), *exit_code))]
    Terminated {
        /// The pod.
        pod: PodName,
        /// The container.
        container: ContainerName,
        /// How the sentence begins: a container, an init container.
        kind: &'static str,
        /// What it ended with.
        exit_code: i64,
        /// Such as `OOMKilled`.
        reason: Option<String>,
    },
}

impl Candidate {
    pub(super) fn new(namespace: Namespace, pod: PodName, standing: Standing) -> Self {
        Self { namespace, pod, standing }
    }

    /// Whether it runs or may come to it: neither ended nor being deleted.
    pub(super) fn is_alive(&self) -> bool {
        !matches!(self.standing.course, Course::Leaving | Course::Ended(..))
    }

    /// Sorts the best to open first: the readiest, of these the newest.
    pub(super) fn rank(&self) -> impl Ord + use<'_> {
        let age = std::cmp::Reverse(self.standing.created);
        // Why it is Pending makes it no better.
        let course = match &self.standing.course {
            Course::Pending(_) => Course::Pending(None),
            Course::Ended(..) => Course::Ended("", None),
            course => course.clone(),
        };
        (course, age, &self.pod)
    }
}

impl Container {
    /// Why no session can be opened in it, which is in `pod`.
    pub(super) fn not_running(&self, pod: PodName) -> NotRunning {
        let kind = match self.kind {
            ContainerKind::Own => "container",
            ContainerKind::Init => "init container",
            ContainerKind::Ephemeral => "ephemeral container",
        };
        let container = self.name.clone();
        match &self.state {
            State::Terminated { exit_code, reason } => {
                NotRunning::Terminated { pod, container, kind, exit_code: *exit_code, reason: reason.clone() }
            }
            State::Waiting(reason) => NotRunning::Waiting { pod, container, kind, reason: reason.clone() },
            State::Running => NotRunning::Waiting { pod, container, kind, reason: None },
        }
    }
}

/// What stands in the brackets: the state, and its reason if it says more.
fn because(state: &str, reason: Option<&String>) -> String {
    reason.map_or_else(|| state.to_owned(), |reason| format!("{state}: {reason}"))
}

fn ending(reason: Option<&String>, exit_code: i64) -> String {
    let code = format!("exit code {exit_code}");
    reason.map_or_else(|| code.clone(), |reason| format!("{reason}, {code}"))
}
