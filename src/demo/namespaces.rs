//! The namespaces that every cluster has.

use serde_json::{Value, json};

use super::catalog::Table;

/// In the order in which they are listed. All pods are in the first.
const NAMES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// All of them.
pub(super) fn all() -> Vec<Value> {
    NAMES.into_iter().filter_map(one).collect()
}

/// The one of that name.
pub(super) fn one(name: &str) -> Option<Value> {
    NAMES.contains(&name).then(|| {
        json!({
            "kind": "Namespace",
            "apiVersion": "v1",
            "metadata": {
                "name": name,
                "uid": format!("00000000-0000-4000-9000-{:0>12x}", name.len()),
                "resourceVersion": "1",
                "creationTimestamp": "2026-01-01T00:00:00Z",
                "labels": {"kubernetes.io/metadata.name": name},
            },
            "spec": {"finalizers": ["kubernetes"]},
            "status": {"phase": "Active"},
        })
    })
}

/// What `kubectl get namespaces` shows.
pub(super) const TABLE: Table = Table {
    list_kind: "NamespaceList",
    columns: &[("Name", "string", 0), ("Status", "string", 0), ("Age", "string", 0)],
    cells: |object| vec![object["metadata"]["name"].clone(), object["status"]["phase"].clone(), json!("1y")],
};
