//! A pod as the API writes it, and as much of it as matters here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::resolve::standing::{Candidate, Container, ContainerKind, Course, Standing, State};
use crate::resolve::words;
use crate::target::{ContainerName, Namespace, PodName};

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct List {
    #[serde(rename = "kind")]
    _kind: ListKind,
    #[serde(default)]
    pub(super) metadata: ListMetadata,
    // Go writes an empty list as null where nobody made one.
    pub(super) items: Option<Vec<Item>>,
}

#[derive(Default, Deserialize)]
pub(super) struct ListMetadata {
    #[serde(rename = "continue", default)]
    pub(super) resume: String,
}

/// One pod, and that it says so.
#[derive(Deserialize)]
pub(super) struct Single {
    #[serde(rename = "kind")]
    _kind: PodKind,
    #[serde(flatten)]
    pub(super) item: Item,
}

#[derive(Deserialize)]
enum ListKind {
    PodList,
}

#[derive(Deserialize)]
enum PodKind {
    Pod,
}

/// A pod.
#[derive(Deserialize)]
pub(super) struct Item {
    pub(super) metadata: Metadata,
    spec: Spec,
    #[serde(default)]
    status: Status,
}

/// What it says of itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::resolve) struct Metadata {
    name: String,
    creation_timestamp: Option<String>,
    deletion_timestamp: Option<IgnoredAny>,
    labels: Option<BTreeMap<String, String>>,
    annotations: Option<BTreeMap<String, String>>,
    owner_references: Option<Vec<OwnerReference>>,
}

/// Who made it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::resolve) struct OwnerReference {
    pub(in crate::resolve) api_version: String,
    pub(in crate::resolve) kind: String,
    pub(in crate::resolve) name: String,
    pub(in crate::resolve) controller: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    containers: Vec<Named>,
    init_containers: Option<Vec<Named>>,
    ephemeral_containers: Option<Vec<Named>>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    phase: Option<String>,
    reason: Option<String>,
    conditions: Option<Vec<Condition>>,
    container_statuses: Option<Vec<ContainerStatus>>,
    init_container_statuses: Option<Vec<ContainerStatus>>,
    ephemeral_container_statuses: Option<Vec<ContainerStatus>>,
}

#[derive(Deserialize)]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct ContainerStatus {
    name: String,
    #[serde(default)]
    state: StatusState,
}

#[derive(Default, Deserialize)]
struct StatusState {
    waiting: Option<Waiting>,
    running: Option<IgnoredAny>,
    terminated: Option<Terminated>,
}

#[derive(Deserialize)]
struct Waiting {
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Terminated {
    #[serde(default)]
    exit_code: i64,
    reason: Option<String>,
}

impl Metadata {
    /// The value of a label.
    pub(in crate::resolve) fn label(&self, key: &str) -> Option<&str> {
        self.labels.as_ref()?.get(key).map(String::as_str)
    }

    /// Who made it.
    pub(in crate::resolve) fn owners(&self) -> &[OwnerReference] {
        self.owner_references.as_deref().unwrap_or_default()
    }
}

impl Item {
    /// The candidate that it is in `namespace`; `None` if its name is none. Of its annotations that one is kept.
    pub(super) fn candidate(self, namespace: &Namespace, annotation: &str) -> Option<Candidate> {
        let Self { metadata, spec, status } = self;
        let pod = PodName::parse(metadata.name).ok()?;
        let is_leaving = metadata.deletion_timestamp.is_some();
        let mut containers = Vec::new();
        for (kind, specs, statuses) in [
            (ContainerKind::Own, Some(spec.containers), &status.container_statuses),
            (ContainerKind::Init, spec.init_containers, &status.init_container_statuses),
            (ContainerKind::Ephemeral, spec.ephemeral_containers, &status.ephemeral_container_statuses),
        ] {
            let statuses = statuses.as_deref().unwrap_or_default();
            let named = specs.into_iter().flatten().filter_map(|spec| ContainerName::parse(spec.name).ok());
            containers.extend(named.map(|name| {
                let status = statuses.iter().find(|status| status.name == name.as_str());
                let state = status.map_or(State::Waiting(None), |status| status.state.read());
                Container { name, kind, state }
            }));
        }
        let standing = Standing {
            course: status.course(is_leaving, &containers),
            created: metadata.creation_timestamp.and_then(|time| time.parse::<Timestamp>().ok()),
            containers,
            default_container: metadata.annotations.and_then(|mut all| all.remove(annotation)),
        };
        Some(Candidate::new(namespace.clone(), pod, standing))
    }
}

impl Status {
    fn course(&self, is_leaving: bool, containers: &[Container]) -> Course {
        let reason = || words::reason(self.reason.clone());
        match self.phase.as_deref() {
            Some("Succeeded") => Course::Ended("Succeeded", reason()),
            Some("Failed") => Course::Ended("Failed", reason()),
            _ if is_leaving => Course::Leaving,
            Some("Running") if self.condition("Ready").is_some_and(|ready| ready.status == "True") => {
                Course::Ready
            }
            Some("Running") => Course::Running,
            Some("Pending") => Course::Pending(self.why_pending(containers)),
            _ => Course::Unknown,
        }
    }

    /// It has no node; or a container of its waits for something else than its turn.
    fn why_pending(&self, containers: &[Container]) -> Option<String> {
        let scheduled = self.condition("PodScheduled").filter(|scheduled| scheduled.status == "False");
        let of_scheduler = scheduled.and_then(|scheduled| words::reason(scheduled.reason.clone()));
        let waiting = containers.iter().filter_map(|container| match &container.state {
            State::Waiting(reason) => reason.as_ref(),
            State::Running | State::Terminated { .. } => None,
        });
        let mut telling = waiting.clone().filter(|reason| !IN_TURN.contains(&reason.as_str()));
        of_scheduler.or_else(|| telling.next().or_else(|| waiting.clone().next()).cloned())
    }

    fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().flatten().find(|condition| condition.kind == kind)
    }
}

impl StatusState {
    fn read(&self) -> State {
        match self {
            Self { running: Some(_), .. } => State::Running,
            Self { terminated: Some(ended), .. } => {
                State::Terminated { exit_code: ended.exit_code, reason: words::reason(ended.reason.clone()) }
            }
            Self { waiting, .. } => {
                State::Waiting(waiting.as_ref().and_then(|waiting| words::reason(waiting.reason.clone())))
            }
        }
    }
}

/// Reasons that say no more than that another container is first.
const IN_TURN: [&str; 2] = ["ContainerCreating", "PodInitializing"];

#[cfg(test)]
mod tests;
