//! What a request names: cluster, namespace, pod, container, and what to run or read there.
//!
//! Every type here is made by parsing and is valid for ever after. This module knows no HTTP beyond the query string, and no policy.

mod name;
mod options;
mod query;
mod read;
mod read_query;
mod shell;
mod template;

pub use name::{
    ApiGroup, ApiVersion, ClusterName, ContainerName, NameError, Namespace, PodName, WorkloadName,
};
pub use options::{Command, ExecOptions, Streams, Verb};
pub use query::{QueryError, query_pairs};
pub use read::{Discovery, ReadTarget, Resource, Shape};
pub use read_query::ReadOptions;
pub use shell::{NONE_FOUND, ShellName, ShellNameError, Shells, TerminalType};
pub use template::{Captures, Template, TemplateError, is_capture_name};

/// One pod of one cluster: where a session goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecTarget {
    /// The cluster, by its name in the configuration.
    pub cluster: ClusterName,
    /// The pod's namespace.
    pub namespace: Namespace,
    /// The pod.
    pub pod: PodName,
}

impl ExecTarget {
    /// The path of `verb` on this pod, as the API server spells it. Names need no escaping: they are DNS-1123.
    pub fn api_path(&self, verb: Verb) -> String {
        format!("/api/v1/namespaces/{}/pods/{}/{}", self.namespace, self.pod, verb.as_str())
    }
}
