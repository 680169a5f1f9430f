//! Which of the few paths a request names. Pure: it reads the raw path, decodes nothing and looks nothing up.

use super::PathPattern;
use super::request::Entry;
use crate::target::{
    ApiGroup, ApiVersion, ClusterName, Discovery, NameError, Namespace, PodName, Resource, Verb,
};

/// What a path asks for.
#[derive(Debug)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) enum Route {
    /// A pod's exec or attach.
    Exec(Entry),
    /// Something that can be read.
    Read(ReadRoute),
    /// Any other path: the page's, if there is one.
    Other,
    /// A path under the API's roots that execgate does not serve.
    NoSuchApi,
}

/// The captures of an exec path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExecRoute {
    /// The cluster that the path names; without one the default cluster is meant.
    pub(super) cluster: Option<ClusterName>,
    pub(super) namespace: Namespace,
    pub(super) pod: PodName,
    pub(super) verb: Verb,
}

/// The captures of a path that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReadRoute {
    /// The cluster that the path names; without one the default cluster is meant.
    pub(super) cluster: Option<ClusterName>,
    pub(super) resource: Resource,
}

/// Why a path is read by nobody: two readers could understand it differently.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RouteError {
    #[error("the path holds {text:?}: no name in it needs percent-encoding, so none is decoded")]
    Encoded { text: String },
    #[error("the path holds the control character {character:?}")]
    Control { character: char },
    #[error("the path holds the dot segment {segment:?}")]
    DotSegment { segment: String },
    #[error("the path holds an empty segment (\"//\")")]
    EmptySegment,
    #[error(transparent)]
    Name(#[from] NameError),
}

impl Route {
    /// Reads a request's path as it was sent.
    pub(super) fn parse(path: &str) -> Result<Self, RouteError> {
        refuse_ambiguity(path)?;
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match segments.as_slice() {
            ["clusters", cluster, rest @ ..] => {
                Ok(on_api_server(Some(cluster), rest)?.unwrap_or(Self::NoSuchApi))
            }
            ["api" | "apis" | "version" | "openapi" | "clusters", ..] => {
                Ok(on_api_server(None, &segments)?.unwrap_or(Self::NoSuchApi))
            }
            _ => Ok(Self::Other),
        }
    }
}

/// The paths of an API server's that are served here.
const API_PATHS: [&str; 11] = [
    "/api/v1/namespaces/{namespace}/pods/{pod}/exec",
    "/api/v1/namespaces/{namespace}/pods/{pod}/attach",
    "/api/v1/namespaces/{namespace}/pods/{pod}",
    "/api/v1/namespaces/{namespace}/pods",
    "/api/v1/namespaces/{namespace}",
    "/api/v1/namespaces",
    "/api/v1",
    "/api",
    "/apis",
    "/apis/{group}",
    "/apis/{group}/{version}",
];
/// Those of the terminal page.
const PAGE_PATHS: [&str; 9] = [
    "/",
    "/app.js",
    "/app.css",
    "/favicon.svg",
    "/licenses.txt",
    "/login",
    "/logout",
    "/targets",
    "/targets/{cluster}",
];

/// Every path that execgate answers itself, with or without its terminal page: no route of the configuration may match one.
pub fn own_paths(with_page: bool) -> Vec<PathPattern> {
    let on_cluster = API_PATHS.iter().chain(&["/version"]).map(|path| format!("/clusters/{{cluster}}{path}"));
    let api = API_PATHS.iter().chain(&["/version"]).map(|path| (*path).to_owned());
    let page = PAGE_PATHS.iter().filter(|_| with_page).map(|path| (*path).to_owned());
    let paths = api.chain(on_cluster).chain(page);
    paths.map(|path| PathPattern::parse(&path).expect("the paths of this file are patterns")).collect()
}

/// Whether a path that [`Route::parse`] can't read begins as those do that execgate serves: then nobody else gets to read it.
pub(super) fn is_under_api(path: &str) -> bool {
    let mut segments = path.trim_start_matches('/').split('/');
    match segments.next() {
        Some("apis" | "version" | "clusters") => true,
        Some("api") => segments.next() == Some("v1"),
        _ => false,
    }
}

/// What a path of an API server's names, if it is served.
fn on_api_server(cluster: Option<&str>, segments: &[&str]) -> Result<Option<Route>, RouteError> {
    let resource = match *segments {
        ["api", "v1", "namespaces", namespace, "pods", pod, "exec"] => {
            return exec(cluster, namespace, pod, Verb::Exec).map(Some);
        }
        ["api", "v1", "namespaces", namespace, "pods", pod, "attach"] => {
            return exec(cluster, namespace, pod, Verb::Attach).map(Some);
        }
        ["api", "v1", "namespaces", namespace, "pods", pod] => {
            Resource::Pod(Namespace::parse(namespace)?, PodName::parse(pod)?)
        }
        ["api", "v1", "namespaces", namespace, "pods"] => Resource::Pods(Namespace::parse(namespace)?),
        ["api", "v1", "namespaces", namespace] => Resource::Namespace(Namespace::parse(namespace)?),
        ["api", "v1", "namespaces"] => Resource::Namespaces,
        ["api", "v1"] => Resource::Discovery(Discovery::CoreV1),
        ["api"] => Resource::Discovery(Discovery::Core),
        ["apis"] => Resource::Discovery(Discovery::Groups),
        ["apis", group] => Resource::Discovery(Discovery::Group(ApiGroup::parse(group)?)),
        ["apis", group, version] => {
            Resource::Discovery(Discovery::GroupVersion(ApiGroup::parse(group)?, ApiVersion::parse(version)?))
        }
        ["version"] => Resource::Version,
        _ => return Ok(None),
    };
    Ok(Some(Route::Read(ReadRoute { cluster: named(cluster)?, resource })))
}

fn exec(cluster: Option<&str>, namespace: &str, pod: &str, verb: Verb) -> Result<Route, RouteError> {
    let route = ExecRoute {
        cluster: named(cluster)?,
        namespace: Namespace::parse(namespace)?,
        pod: PodName::parse(pod)?,
        verb,
    };
    Ok(Route::Exec(Entry::Api(route)))
}

fn named(cluster: Option<&str>) -> Result<Option<ClusterName>, RouteError> {
    Ok(cluster.map(ClusterName::parse).transpose()?)
}

fn refuse_ambiguity(path: &str) -> Result<(), RouteError> {
    if let Some(character) = path.chars().find(|character| character.is_control()) {
        return Err(RouteError::Control { character });
    }
    if let Some(at) = path.find('%') {
        let text = path[at..].chars().take(3).collect();
        return Err(RouteError::Encoded { text });
    }
    if path.contains("//") {
        return Err(RouteError::EmptySegment);
    }
    match path.split('/').find(|segment| matches!(*segment, "." | "..")) {
        Some(segment) => Err(RouteError::DotSegment { segment: segment.to_owned() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(path: &str) -> Result<Route, RouteError> {
        Route::parse(path)
    }

    #[test]
    fn exec_and_attach_are_found_with_and_without_a_cluster() {
        let expected = |cluster: Option<&str>, verb| {
            Route::Exec(Entry::Api(ExecRoute {
                cluster: cluster.map(|name| ClusterName::parse(name).unwrap()),
                namespace: Namespace::parse("default").unwrap(),
                pod: PodName::parse("web-0").unwrap(),
                verb,
            }))
        };
        assert_eq!(
            parse("/clusters/prod.eu/api/v1/namespaces/default/pods/web-0/exec"),
            Ok(expected(Some("prod.eu"), Verb::Exec))
        );
        assert_eq!(parse("/api/v1/namespaces/default/pods/web-0/attach"), Ok(expected(None, Verb::Attach)));
    }

    #[test]
    fn what_can_be_read_is_found_with_and_without_a_cluster() {
        let namespace = || Namespace::parse("team-a").unwrap();
        let group = || ApiGroup::parse("apps.example.com").unwrap();
        for (path, resource) in [
            ("/version", Resource::Version),
            ("/api", Resource::Discovery(Discovery::Core)),
            ("/api/v1", Resource::Discovery(Discovery::CoreV1)),
            ("/apis", Resource::Discovery(Discovery::Groups)),
            ("/apis/apps.example.com", Resource::Discovery(Discovery::Group(group()))),
            (
                "/apis/apps.example.com/v1",
                Resource::Discovery(Discovery::GroupVersion(group(), ApiVersion::parse("v1").unwrap())),
            ),
            ("/api/v1/namespaces", Resource::Namespaces),
            ("/api/v1/namespaces/team-a", Resource::Namespace(namespace())),
            ("/api/v1/namespaces/team-a/pods", Resource::Pods(namespace())),
            (
                "/api/v1/namespaces/team-a/pods/web.0",
                Resource::Pod(namespace(), PodName::parse("web.0").unwrap()),
            ),
        ] {
            assert_eq!(resource.api_path(), path);
            let read = |cluster| Ok(Route::Read(ReadRoute { cluster, resource: resource.clone() }));
            assert_eq!(parse(path), read(None), "{path}");
            let alpha = ClusterName::parse("alpha").unwrap();
            assert_eq!(parse(&format!("/clusters/alpha{path}")), read(Some(alpha)), "{path}");
        }
    }

    #[test]
    fn everything_else_under_the_api_is_no_route() {
        for path in [
            "/api/",
            "/api/v2",
            "/api/v1/pods",
            "/api/v1/nodes",
            "/api/v1/watch/namespaces/default/pods",
            "/api/v1/namespaces/default/secrets",
            "/api/v1/namespaces/default/pods/web-0/log",
            "/api/v1/namespaces/default/pods/web-0/status",
            "/openapi/v3",
            "/version/",
            "/api/v1/namespaces/default/pods/web-0/exec/",
            "/apis/apps/v1/deployments",
            "/clusters",
            "/clusters/alpha",
            "/clusters/alpha/",
            "/clusters/alpha/healthz",
            "/clusters/alpha/assets/page.js",
            "/clusters/alpha/clusters/beta/api/v1/namespaces/default/pods/web-0/exec",
        ] {
            assert_eq!(parse(path), Ok(Route::NoSuchApi), "{path}");
        }
        assert_eq!(parse("/"), Ok(Route::Other));
        assert_eq!(parse("/assets/page.js"), Ok(Route::Other));
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused_and_named() {
        let pods = "/api/v1/namespaces/default/pods";
        assert!(matches!(
            parse(&format!("{pods}/a%2fexec/exec")),
            Err(RouteError::Encoded { text }) if text == "%2f"
        ));
        assert!(matches!(
            parse(&format!("{pods}/../pods/a/exec")),
            Err(RouteError::DotSegment { segment }) if segment == ".."
        ));
        assert_eq!(parse("/api/v1//namespaces"), Err(RouteError::EmptySegment));
        assert_eq!(parse("//api/v1"), Err(RouteError::EmptySegment));
        assert_eq!(parse("/api/v1\u{7f}"), Err(RouteError::Control { character: '\u{7f}' }));
        assert!(matches!(
            parse(&format!("{pods}/Web/exec")),
            Err(RouteError::Name(NameError::Malformed { .. }))
        ));
        assert!(matches!(
            parse("/clusters/A/api/v1/namespaces/d/pods/p/exec"),
            Err(RouteError::Name(NameError::Malformed { what: "cluster name", .. }))
        ));
    }
}
