//! Ways to find the pod that is meant.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CertificateAuthority;
use crate::{config::time::Time, resolve};

/// One way to find a pod. In its texts `{name}` stands for what a route captured under that name, and `{user}` for the user's name.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct TargetResolver {
    /// A name of its own, by which routes choose it; users read it when its service fails.
    pub(in crate::config) name: String,
    /// How it finds pods: one of `labels`, `owner`, `pod` and `http`.
    pub(in crate::config) find: Find,
    /// The container to open. Without this key the pod's annotation says which, or the pod has only one. A container that a service
    /// names comes first.
    pub(in crate::config) container: Option<String>,
    /// The annotation of a pod that names its container to open.
    #[serde(default = "default_container_annotation")]
    pub(in crate::config) container_annotation: String,
}

/// How pods are found: exactly one of these.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::config) enum Find {
    /// The pods with certain labels.
    Labels(ByLabels),
    /// The pods of a deployment, a job or another workload.
    Owner(ByOwner),
    /// The pod of that name, looked at before it is opened.
    Pod(ByName),
    /// The pod that a service of yours names.
    Http(ByService),
}

/// Pods by their labels.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct ByLabels {
    /// Labels and their values, as in `app={name}` or `job-id={jobId},owner={user}`: all of them must be as they are written. What is
    /// put in for a capture can be nothing but a label's value, or part of one.
    pub(in crate::config) selector: String,
    /// The namespace: its name, or `{namespace}`.
    pub(in crate::config) namespace: String,
    /// Which of several pods.
    #[serde(default)]
    pub(in crate::config) choose: Choose,
}

/// Pods by what made them. Only the pods themselves are read.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct ByOwner {
    /// `deployment/{name}`, `job/{name}`, `statefulset/{name}/{ordinal}`, `statefulset/{name}`, `daemonset/{name}` or
    /// `replicaset/{name}`.
    pub(in crate::config) of: String,
    /// The namespace: its name, or `{namespace}`.
    pub(in crate::config) namespace: String,
    /// Which of several pods.
    #[serde(default)]
    pub(in crate::config) choose: Choose,
}

/// A pod by its name.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct ByName {
    /// The pod: `{pod}`, or a text around captures, such as `notebook-{user}`.
    pub(in crate::config) name: String,
    /// The namespace: its name, or `{namespace}`.
    pub(in crate::config) namespace: String,
}

/// A service that is told who asks for what, and names the pod.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::config) struct ByService {
    /// Where to POST the question: `https://HOST:PORT/PATH`. `http://` is for services on this machine. Nothing is filled in here: what
    /// the route captured stands in the question.
    pub(in crate::config) url: String,
    /// What proves execgate to the service, as `Authorization: Bearer`. Without this key nothing does.
    pub(in crate::config) secret: Option<Secret>,
    /// The certificate authority of the service. Without this key the machine's own authorities are believed.
    pub(in crate::config) certificate_authority: Option<CertificateAuthority>,
    /// How long the connection, the question and the answer may take together.
    #[serde(default = "default_service_timeout")]
    pub(in crate::config) timeout: Time,
}

/// A secret that is shared with a service: exactly one of these.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::config) enum Secret {
    /// The name of an environment variable that holds it; read once, at start.
    Env(String),
    /// A file that holds it; read again at least every minute, and at once when the service refuses it.
    File(PathBuf),
}

/// Which of several pods is opened.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::config) enum Choose {
    /// One that is ready before one that is not, and of these the newest.
    #[default]
    NewestReady,
    /// None: of several, the user is told their names and has to open one by its name.
    Only,
}

fn default_container_annotation() -> String {
    resolve::ResolverSettings::DEFAULT_CONTAINER_ANNOTATION.to_owned()
}

fn default_service_timeout() -> Time {
    Time(resolve::ServiceSettings::DEFAULT_TIMEOUT)
}
