//! Pods as workloads make them, in a namespace of their own: with owners, labels, ages, and states in which no session opens.

use serde_json::{Value, json};

use super::main_process::MainKind;
use super::pods::{NODE, Phase, Row, Tools};

/// Where they are.
pub(super) const NAMESPACE: &str = "workloads";

const APP: &[(&str, MainKind)] = &[("app", MainKind::Counter)];
const WITH_PROXY: &[(&str, MainKind)] = &[("proxy", MainKind::Cat), ("app", MainKind::Counter)];

/// All of them. Where the API says something else than its phase, the kubelet knows no running container either.
pub(super) const ROWS: [Row; 12] = [
    row("web-5d9c-old", WITH_PROXY, Phase::Running, |pod| {
        deployed(pod, "web", "5d9c", "2026-01-01T00:00:00Z");
        pod["metadata"]["annotations"] = json!({"kubectl.kubernetes.io/default-container": "app"});
    }),
    row("web-5d9c-new", WITH_PROXY, Phase::Running, |pod| {
        deployed(pod, "web", "5d9c", "2026-01-02T00:00:00Z");
        pod["metadata"]["annotations"] = json!({"kubectl.kubernetes.io/default-container": "app"});
    }),
    row("web-5d9c-late", WITH_PROXY, Phase::Running, |pod| {
        deployed(pod, "web", "5d9c", "2026-01-03T00:00:00Z");
        pod["status"]["conditions"] = json!([{"type": "Ready", "status": "False"}]);
    }),
    row("web-canary-77f-a", APP, Phase::Running, |pod| {
        deployed(pod, "web-canary", "77f", "2026-01-04T00:00:00Z");
    }),
    row("train-x7k2p", APP, Phase::Running, |pod| of_job(pod, "train", "17")),
    row("done-q2w3e", APP, Phase::Succeeded, |pod| of_job(pod, "done", "18")),
    row("db-0", APP, Phase::Running, |pod| of_set(pod, "db")),
    row("db-1", APP, Phase::Running, |pod| of_set(pod, "db")),
    // Named as if it were one more.
    row("db-2", APP, Phase::Running, |_| {}),
    row("puller", APP, Phase::Pending, |pod| {
        pod["status"]["containerStatuses"][0]["state"] = json!({"waiting": {"reason": "ImagePullBackOff"}});
    }),
    row("crashed", APP, Phase::Pending, |pod| {
        pod["status"]["phase"] = json!("Running");
        pod["status"]["containerStatuses"][0]["state"] = json!({"waiting": {"reason": "CrashLoopBackOff"}});
    }),
    row("leaving", APP, Phase::Running, |pod| {
        pod["metadata"]["deletionTimestamp"] = json!("2026-01-05T00:00:00Z");
    }),
];

const fn row(
    name: &'static str,
    containers: &'static [(&'static str, MainKind)],
    phase: Phase,
    look: fn(&mut Value),
) -> Row {
    Row { namespace: NAMESPACE, name, phase, node: Some(NODE), tools: Tools::All, containers, look }
}

fn deployed(pod: &mut Value, name: &str, hash: &str, created: &str) {
    pod["metadata"]["creationTimestamp"] = json!(created);
    pod["metadata"]["labels"] = json!({"app": name, "pod-template-hash": hash});
    owned(pod, "apps/v1", "ReplicaSet", &format!("{name}-{hash}"));
}

fn of_job(pod: &mut Value, name: &str, id: &str) {
    let labels =
        json!({"job-name": name, "batch.kubernetes.io/job-name": name, "job-id": id, "owner": "alice"});
    pod["metadata"]["labels"] = labels;
    owned(pod, "batch/v1", "Job", name);
}

fn of_set(pod: &mut Value, name: &str) {
    let own = pod["metadata"]["name"].clone();
    pod["metadata"]["labels"] = json!({"app": name, "statefulset.kubernetes.io/pod-name": own});
    owned(pod, "apps/v1", "StatefulSet", name);
}

fn owned(pod: &mut Value, api_version: &str, kind: &str, name: &str) {
    let uid = format!("00000000-0000-4000-a000-{:0>12x}", name.len());
    pod["metadata"]["ownerReferences"] = json!([{"apiVersion": api_version, "kind": kind, "name": name, "uid": uid,
        "controller": true, "blockOwnerDeletion": true}]);
}
