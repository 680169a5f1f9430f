//! What can be read by plain GET: pods, and as much discovery as kubectl needs to find them.

use serde_json::{Value, json};

use super::pods::Pod;
use super::refusal::Refusal;
use super::state::State;

/// The object at that path.
pub(super) fn read(state: &State, segments: &[&str]) -> Result<Value, Refusal> {
    match *segments {
        ["version"] => Ok(json!({
            "major": "1", "minor": "36", "gitVersion": "v1.36.3", "gitTreeState": "clean", "platform": "linux/amd64",
            "gitCommit": "", "buildDate": "2026-01-01T00:00:00Z", "goVersion": "go1.26", "compiler": "gc",
        })),
        ["api"] => Ok(json!({"kind": "APIVersions", "versions": ["v1"]})),
        ["apis"] => Ok(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": []})),
        ["api", "v1"] => Ok(json!({
            "kind": "APIResourceList",
            "groupVersion": "v1",
            "resources": [
                {"name": "pods", "singularName": "pod", "namespaced": true, "kind": "Pod", "verbs": ["get", "list"], "shortNames": ["po"]},
                {"name": "pods/attach", "singularName": "", "namespaced": true, "kind": "PodAttachOptions", "verbs": ["create", "get"]},
                {"name": "pods/exec", "singularName": "", "namespaced": true, "kind": "PodExecOptions", "verbs": ["create", "get"]},
            ],
        })),
        ["api", "v1", "namespaces", namespace, "pods"] => Ok(state.pods.list(namespace)),
        ["api", "v1", "namespaces", namespace, "pods", pod] => {
            state.pods.find(namespace, pod).map(Pod::to_json).ok_or_else(|| Refusal::not_found(pod))
        }
        _ => Err(Refusal::no_such_resource()),
    }
}
