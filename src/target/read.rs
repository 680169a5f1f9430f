//! What can be read of a cluster: the few objects, lists and documents that somebody needs before an exec.

use super::{ApiGroup, ApiVersion, ClusterName, Namespace, PodName};

/// One thing of one cluster that is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadTarget {
    /// The cluster, by its name in the configuration.
    pub cluster: ClusterName,
    /// What of it.
    pub resource: Resource,
}

/// What is read. Everything else of the API is nobody's to read here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// Which Kubernetes it is.
    Version,
    /// Which kinds of objects it has.
    Discovery(Discovery),
    /// The namespaces, those aside that the reader has no business with.
    Namespaces,
    /// One namespace.
    Namespace(Namespace),
    /// The pods of one namespace, those aside that the reader has no business with.
    Pods(Namespace),
    /// One pod.
    Pod(Namespace, PodName),
}

/// A discovery document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discovery {
    /// `/api`: the versions of the core group.
    Core,
    /// `/api/v1`: the core group's resources.
    CoreV1,
    /// `/apis`: the groups.
    Groups,
    /// `/apis/GROUP`: one group's versions.
    Group(ApiGroup),
    /// `/apis/GROUP/VERSION`: their resources.
    GroupVersion(ApiGroup, ApiVersion),
}

impl Resource {
    /// The path of this on an API server. Names need no escaping: they are DNS-1123.
    pub fn api_path(&self) -> String {
        match self {
            Self::Version => "/version".to_owned(),
            Self::Discovery(document) => document.api_path(),
            Self::Namespaces => "/api/v1/namespaces".to_owned(),
            Self::Namespace(namespace) => format!("/api/v1/namespaces/{namespace}"),
            Self::Pods(namespace) => format!("/api/v1/namespaces/{namespace}/pods"),
            Self::Pod(namespace, pod) => format!("/api/v1/namespaces/{namespace}/pods/{pod}"),
        }
    }

    /// The namespace that it is in or that it is.
    pub fn namespace(&self) -> Option<&Namespace> {
        match self {
            Self::Namespace(namespace) | Self::Pods(namespace) | Self::Pod(namespace, _) => Some(namespace),
            Self::Version | Self::Discovery(_) | Self::Namespaces => None,
        }
    }

    /// The pod.
    pub fn pod(&self) -> Option<&PodName> {
        match self {
            Self::Pod(_, pod) => Some(pod),
            Self::Version | Self::Discovery(_) | Self::Namespaces | Self::Namespace(_) | Self::Pods(_) => {
                None
            }
        }
    }

    /// What kind of answer it has.
    pub fn shape(&self) -> Shape {
        match self {
            Self::Version | Self::Discovery(_) => Shape::Document,
            Self::Namespace(_) | Self::Pod(..) => Shape::Object,
            Self::Namespaces | Self::Pods(_) => Shape::List,
        }
    }
}

/// The kinds of answers, which differ in what may be asked of them and in what has to be done with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// The version or discovery: the same for everybody who may read at all.
    Document,
    /// One object.
    Object,
    /// A list, of which everybody gets their own part.
    List,
}

impl Discovery {
    fn api_path(&self) -> String {
        match self {
            Self::Core => "/api".to_owned(),
            Self::CoreV1 => "/api/v1".to_owned(),
            Self::Groups => "/apis".to_owned(),
            Self::Group(group) => format!("/apis/{group}"),
            Self::GroupVersion(group, version) => format!("/apis/{group}/{version}"),
        }
    }
}
