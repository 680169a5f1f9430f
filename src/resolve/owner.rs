//! The pods of a workload, known by what the pods themselves say of their owner: nothing but pods is read.

use std::fmt;

use super::fill::{self, FillError};
use super::pods::Metadata;
use crate::target::{Captures, NameError, PodName, Template, TemplateError, WorkloadName};

/// A workload with captures in its name: `deployment/{name}`, `statefulset/{name}/{ordinal}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    kind: Kind,
    name: Template,
    /// Of a stateful set: the number of the one pod that is meant.
    ordinal: Option<Template>,
}

/// What makes pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
    Job,
}

/// A workload by its name.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    kind: Kind,
    name: WorkloadName,
    ordinal: Option<String>,
}

/// Why a text names no workload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OwnerError {
    /// Not a kind and a name.
    #[error(
        "{text:?} names no workload; write deployment/NAME, job/NAME, statefulset/NAME/ORDINAL, statefulset/NAME, daemonset/NAME or replicaset/NAME"
    )]
    Form {
        /// The text.
        text: String,
    },
    /// A name that nothing has.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Braces that are wrong.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

impl Owner {
    /// Reads `KIND/NAME`, or `statefulset/NAME/ORDINAL`.
    pub fn parse(text: &str) -> Result<Self, OwnerError> {
        let form = || OwnerError::Form { text: text.to_owned() };
        let parts: Vec<&str> = text.split('/').collect();
        let (kind, name, ordinal) = match parts[..] {
            [kind, name] if !name.is_empty() => (kind, name, None),
            ["statefulset", name, ordinal] if !name.is_empty() && !ordinal.is_empty() => {
                ("statefulset", name, Some(ordinal))
            }
            _ => return Err(form()),
        };
        let kind = Kind::ALL.into_iter().find(|known| known.word() == kind).ok_or_else(form)?;
        let (name, ordinal) = (Template::parse(name)?, ordinal.map(Template::parse).transpose()?);
        WorkloadName::parse(name.fill_each("x"))?;
        if ordinal.as_ref().is_some_and(|ordinal| !fill::is_ordinal(&ordinal.fill_each("1"))) {
            return Err(form());
        }
        Ok(Self { kind, name, ordinal })
    }

    /// The templates in it.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        [&self.name].into_iter().chain(&self.ordinal)
    }

    /// The workload that is meant.
    pub(super) fn fill(&self, captures: &Captures) -> Result<Workload, FillError> {
        let ordinal = self.ordinal.as_ref().map(|template| fill::ordinal(template, captures)).transpose()?;
        Ok(Workload {
            kind: self.kind,
            name: fill::name(&self.name, captures, WorkloadName::parse)?,
            ordinal,
        })
    }
}

impl Kind {
    const ALL: [Self; 5] =
        [Self::Deployment, Self::ReplicaSet, Self::StatefulSet, Self::DaemonSet, Self::Job];

    fn word(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::ReplicaSet => "replicaset",
            Self::StatefulSet => "statefulset",
            Self::DaemonSet => "daemonset",
            Self::Job => "job",
        }
    }

    /// The `kind` in the references of its pods: a deployment's pods belong to its replica sets.
    fn in_references(self) -> &'static str {
        match self {
            Self::Deployment | Self::ReplicaSet => "ReplicaSet",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
        }
    }

    fn api_group(self) -> &'static str {
        match self {
            Self::Job => "batch",
            Self::Deployment | Self::ReplicaSet | Self::StatefulSet | Self::DaemonSet => "apps",
        }
    }
}

impl Workload {
    /// The one pod that is meant, if it is known by its name.
    pub(super) fn pod(&self) -> Result<Option<PodName>, FillError> {
        let name = self.ordinal.as_ref().map(|ordinal| format!("{}-{ordinal}", self.name));
        let whose = || format!("the name {:?}", self.name.as_str());
        name.map(PodName::parse).transpose().map_err(|source| FillError::Name { whose: whose(), source })
    }

    /// Labels that all its pods have, to keep the list short: their controllers set them. A job's is `job-name` in every version; from
    /// 1.27 on it stands beside `batch.kubernetes.io/job-name`.
    pub(super) fn selector(&self) -> Result<Option<String>, FillError> {
        let name = self.name.as_str();
        Ok(match self.kind {
            Kind::Deployment => Some("pod-template-hash".to_owned()),
            Kind::StatefulSet => Some("statefulset.kubernetes.io/pod-name".to_owned()),
            Kind::DaemonSet => Some("controller-revision-hash".to_owned()),
            // A job with a longer name would have no pods.
            Kind::Job if fill::is_label_value(name) => Some(format!("job-name={name}")),
            Kind::Job => {
                return Err(FillError::Label {
                    whose: "the name of the job".to_owned(),
                    text: name.to_owned(),
                });
            }
            Kind::ReplicaSet => None,
        })
    }

    /// Whether it made that pod. A deployment names its replica sets after itself and the hash of the pods' template.
    pub(super) fn owns(&self, pod: &Metadata) -> bool {
        let name = match self.kind {
            Kind::Deployment => match pod.label("pod-template-hash") {
                Some(hash) => format!("{}-{hash}", self.name),
                None => return false,
            },
            Kind::ReplicaSet | Kind::StatefulSet | Kind::DaemonSet | Kind::Job => self.name.to_string(),
        };
        pod.owners().iter().any(|owner| {
            let group = owner.api_version.split_once('/').map(|(group, _)| group);
            owner.controller == Some(true)
                && owner.kind == self.kind.in_references()
                && owner.name == name
                && group == Some(self.kind.api_group())
        })
    }
}

/// As it was written.
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.word(), self.name)?;
        self.ordinal.as_ref().map_or(Ok(()), |ordinal| write!(f, "/{ordinal}"))
    }
}

/// How users read it: `deployment "web"`.
impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} \"{}\"", self.kind.word(), self.name)?;
        self.ordinal.as_ref().map_or(Ok(()), |ordinal| write!(f, " with the ordinal {ordinal}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn workload(text: &str) -> Workload {
        Owner::parse(text).unwrap().fill(&Captures::default()).unwrap()
    }

    fn metadata(owner: &Value, labels: &Value) -> Metadata {
        serde_json::from_value(json!({"name": "x", "ownerReferences": [owner], "labels": labels})).unwrap()
    }

    fn reference(group: &str, kind: &str, name: &str) -> Value {
        json!({"apiVersion": format!("{group}/v1"), "kind": kind, "name": name, "controller": true, "uid": "u"})
    }

    #[test]
    fn a_deployment_owns_the_pods_of_its_own_replica_sets_only() {
        let web = workload("deployment/web");
        let pod = |set: &str, hash: Value| {
            metadata(&reference("apps", "ReplicaSet", set), &json!({"pod-template-hash": hash}))
        };
        assert!(web.owns(&pod("web-5d9c", json!("5d9c"))));
        // `web-canary` is another deployment, though its pods' names begin alike.
        assert!(!web.owns(&pod("web-canary-5d9c", json!("5d9c"))));
        assert!(!web.owns(&metadata(&reference("apps", "ReplicaSet", "web-5d9c"), &json!({}))));
        assert!(!web.owns(&metadata(
            &json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-5d9c"}),
            &json!({"pod-template-hash": "5d9c"})
        )));
    }

    #[test]
    fn an_owner_of_another_kind_or_group_does_not_count() {
        let job = workload("job/train");
        assert!(job.owns(&metadata(&reference("batch", "Job", "train"), &Value::Null)));
        assert!(!job.owns(&metadata(&reference("batch.volcano.sh", "Job", "train"), &Value::Null)));
        assert!(!job.owns(&metadata(&reference("batch", "Job", "train-2"), &Value::Null)));
        assert!(!job.owns(&serde_json::from_value(json!({"name": "x"})).unwrap()));
        assert!(
            workload("statefulset/db").owns(&metadata(&reference("apps", "StatefulSet", "db"), &Value::Null))
        );
        assert!(
            workload("daemonset/log").owns(&metadata(&reference("apps", "DaemonSet", "log"), &Value::Null))
        );
    }

    #[test]
    fn an_ordinal_names_the_pod() {
        let db = workload("statefulset/db/2");
        assert_eq!(db.pod().unwrap().unwrap().as_str(), "db-2");
        assert_eq!(Owner::parse("statefulset/{a}/{b}").unwrap().to_string(), "statefulset/{a}/{b}");
        assert_eq!(db.to_string(), "statefulset \"db\" with the ordinal 2");
        assert!(workload("statefulset/db").pod().unwrap().is_none());
    }

    #[test]
    fn what_names_no_workload_is_refused() {
        for text in
            ["", "web", "deployment/", "Deployment/web", "pod/web", "deployment/web/0", "statefulset/a/b/c"]
        {
            assert!(matches!(Owner::parse(text), Err(OwnerError::Form { .. })), "{text:?}");
        }
        assert!(matches!(Owner::parse("statefulset/a/x{b}"), Err(OwnerError::Form { .. })));
        assert!(matches!(Owner::parse("job/{a"), Err(OwnerError::Template(_))));
        assert!(matches!(Owner::parse("job/A{a}"), Err(OwnerError::Name(_))));
    }
}
