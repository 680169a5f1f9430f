//! The namespaces that every cluster has.

use serde_json::{Value, json};

use super::catalog::Table;
use super::settings::Workloads;
use super::workloads;

/// In the order in which they are listed. All pods are in the first, but for those of workloads.
const NAMES: [&str; 5] = ["default", "kube-node-lease", "kube-public", "kube-system", workloads::NAMESPACE];

/// All of them.
pub(super) fn all(workloads: Workloads) -> Vec<Value> {
    NAMES.into_iter().filter_map(|name| one(name, workloads)).collect()
}

/// The one of that name.
pub(super) fn one(name: &str, workloads: Workloads) -> Option<Value> {
    let is_there = name != workloads::NAMESPACE || workloads == Workloads::Present;
    (is_there && NAMES.contains(&name)).then(|| {
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
