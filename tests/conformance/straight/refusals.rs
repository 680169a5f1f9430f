//! What the API server itself refuses before the 101, in its order, whatever is offered.

use super::{V4, V5, assert_status};
use crate::subject::cluster;
use crate::support::ask::{Ask, PIPES};

#[tokio::test]
async fn each_refusal_of_the_api_server_has_its_code_and_words() {
    let cluster = cluster().await;
    let rows = [
        ("nosuch", "", 404, "NotFound", "pods \"nosuch\" not found"),
        ("web-0", "container=x", 400, "BadRequest", "container x is not valid for pod web-0"),
        (
            "web-0",
            "",
            400,
            "BadRequest",
            "a container name must be specified for pod web-0, choose one of: [app sidecar]",
        ),
        ("unscheduled", "", 400, "BadRequest", "pod unscheduled does not have a host assigned"),
        ("vault", "dryRun=All", 400, "BadRequest", "dryRun is not supported"),
        ("vault", "dryRun=", 400, "BadRequest", "dryRun is not supported"),
        // Its kind says pods although it is a node that is missing.
        ("stranded", "", 404, "NotFound", "pods \"node-9\" not found"),
        // In their order.
        ("nosuch", "dryRun=All", 400, "BadRequest", "dryRun is not supported"),
        ("unscheduled", "container=x", 400, "BadRequest", "container x is not valid for pod unscheduled"),
    ];
    for (pod, query, code, reason, message) in rows {
        for verb in ["exec", "attach"] {
            for offer in [V4, V5] {
                let ask = Ask::pod(&cluster, pod, &format!("{verb}?command=true&{query}&{PIPES}"));
                assert_status(&ask.offer(offer).refused().await, code, Some(reason), message);
            }
        }
    }
}

#[tokio::test]
async fn a_missing_pod_and_a_missing_node_differ_by_the_name_alone() {
    let cluster = cluster().await;
    for (pod, missing) in [("nosuch", "nosuch"), ("stranded", "node-9")] {
        let answer = Ask::pod(&cluster, pod, "exec?command=true&stdout=1").offer(V4).refused().await;
        assert_eq!(answer.json()["details"], serde_json::json!({"name": missing, "kind": "pods"}), "{pod}");
    }
}

#[tokio::test]
async fn a_request_without_an_upgrade_is_told_so_once_pod_and_container_were_found() {
    let cluster = cluster().await;
    for (pod, query, message) in [
        ("vault", "", "Upgrade request required"),
        ("web-0", "container=app", "Upgrade request required"),
        ("migrate", "", "Upgrade request required"),
        ("nosuch", "", "pods \"nosuch\" not found"),
        ("web-0", "container=x", "container x is not valid for pod web-0"),
        ("unscheduled", "", "pod unscheduled does not have a host assigned"),
    ] {
        let ask =
            Ask::pod(&cluster, pod, &format!("exec?command=true&stdout=1&{query}")).without("Connection");
        for ask in [ask.clone(), ask.clone().by("POST").header("Content-Length", "0")] {
            assert_eq!(ask.refused().await.message(), message);
        }
    }
    let answer = Ask::pod(&cluster, "vault", "exec?command=true").without("Connection").refused().await;
    assert_status(&answer, 400, Some("BadRequest"), "Upgrade request required");
}
