//! The version and discovery: what kubectl reads to learn that there are pods.

use serde_json::{Value, json};

use super::form::Form;

/// Where the documents are.
pub(super) const PATHS: [&[&str]; 4] = [&["version"], &["api"], &["api", "v1"], &["apis"]];

/// The document at one of [`PATHS`], and its type.
pub(super) fn document(segments: &[&str], form: Form) -> (&'static str, Value) {
    let document = match (segments, form) {
        (["api"], Form::Aggregated) => return (AGGREGATED, aggregated(&[core()])),
        (["apis"], Form::Aggregated) => return (AGGREGATED, aggregated(&[])),
        (["version"], _) => json!({
            "major": "1", "minor": "36", "gitVersion": "v1.36.3", "gitTreeState": "clean", "platform": "linux/amd64",
            "gitCommit": "", "buildDate": "2026-01-01T00:00:00Z", "goVersion": "go1.26", "compiler": "gc",
        }),
        (["api"], _) => json!({"kind": "APIVersions", "versions": ["v1"]}),
        (["apis"], _) => json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": []}),
        _ => resources(),
    };
    ("application/json", document)
}

fn resources() -> Value {
    json!({
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": [
            {"name": "namespaces", "singularName": "namespace", "namespaced": false, "kind": "Namespace", "verbs": ["get", "list"], "shortNames": ["ns"]},
            {"name": "pods", "singularName": "pod", "namespaced": true, "kind": "Pod", "verbs": ["get", "list"], "shortNames": ["po"]},
            {"name": "pods/attach", "singularName": "", "namespaced": true, "kind": "PodAttachOptions", "verbs": ["create", "get"]},
            {"name": "pods/exec", "singularName": "", "namespaced": true, "kind": "PodExecOptions", "verbs": ["create", "get"]},
        ],
    })
}

/// `apidiscovery.k8s.io/v2`, which kubectl asks for first since 1.26.
fn aggregated(groups: &[Value]) -> Value {
    json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": groups})
}

fn core() -> Value {
    let kind = |kind: &str| json!({"group": "", "version": "", "kind": kind});
    let session = |name: &str, of: &str| json!({"subresource": name, "responseKind": kind(of), "verbs": ["create", "get"]});
    json!({"metadata": {}, "versions": [{"version": "v1", "freshness": "Current", "resources": [
        {"resource": "namespaces", "responseKind": kind("Namespace"), "scope": "Cluster", "singularResource": "namespace",
         "verbs": ["get", "list"], "shortNames": ["ns"]},
        {"resource": "pods", "responseKind": kind("Pod"), "scope": "Namespaced", "singularResource": "pod",
         "verbs": ["get", "list"], "shortNames": ["po"], "categories": ["all"],
         "subresources": [session("attach", "PodAttachOptions"), session("exec", "PodExecOptions")]},
    ]}]})
}

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
