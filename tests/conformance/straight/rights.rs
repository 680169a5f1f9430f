//! RBAC speaks before anybody learns whether there is such a pod.

use super::{Rights, V4, V5, assert_status};
use crate::subject::{cluster, cluster_as};
use crate::support::ask::{Ask, PIPES};

fn forbidden(pod: &str, user: &str, verb: &str, resource: &str) -> String {
    format!(
        "pods \"{pod}\" is forbidden: User \"{user}\" cannot {verb} resource \"pods/{resource}\" in API group \"\" in the namespace \"default\""
    )
}

#[tokio::test]
async fn a_get_needs_the_right_to_get() {
    for rights in [Rights::Nothing, Rights::Create] {
        let (cluster, user) = cluster_as(rights).await;
        for (pod, resource) in
            [("nosuch", "exec"), ("nosuch", "attach"), ("web-0", "exec"), ("web-0", "attach")]
        {
            for offer in [V4, V5] {
                let ask = Ask::pod(&cluster, pod, &format!("{resource}?command=true&{PIPES}")).offer(offer);
                let answer = ask.refused().await;
                assert_status(&answer, 403, Some("Forbidden"), &forbidden(pod, user, "get", resource));
                assert_eq!(answer.json()["details"], serde_json::json!({"name": pod, "kind": "pods"}));
            }
        }
    }
}

#[tokio::test]
async fn a_get_needs_the_right_to_create_too_and_is_not_told_so() {
    let (cluster, _) = cluster_as(Rights::Get).await;
    for pod in ["nosuch", "web-0"] {
        let ask = || Ask::pod(&cluster, pod, &format!("exec?command=true&{PIPES}"));
        for ask in [ask().offer(V4), ask().offer(V5), ask().without("Upgrade").without("Connection")] {
            let answer = ask.refused().await;
            assert_status(&answer, 403, Some("Forbidden"), &format!("pods \"{pod}\" is forbidden: "));
            assert_eq!(answer.json()["details"], serde_json::json!({"name": pod, "kind": "pods"}));
        }
    }
}

#[tokio::test]
async fn the_method_makes_the_verb() {
    let (getter, user) = cluster_as(Rights::Get).await;
    let ask = |cluster, method| {
        let ask = Ask::pod(cluster, "nosuch", "exec?command=true&stdout=1").without("Upgrade");
        ask.by(method).header("Content-Length", "0")
    };
    let answer = ask(&getter, "POST").refused().await;
    assert_status(&answer, 403, Some("Forbidden"), &forbidden("nosuch", user, "create", "exec"));
    let cluster = cluster().await;
    for (method, verb) in [("PUT", "update"), ("DELETE", "delete")] {
        let answer = ask(&cluster, method).refused().await;
        let user = "system:serviceaccount:execgate:execgate";
        assert_status(&answer, 403, Some("Forbidden"), &forbidden("nosuch", user, verb, "exec"));
    }
}

#[tokio::test]
async fn rbac_judges_the_impersonated_user() {
    let (cluster, _) = cluster_as(Rights::Impersonate).await;
    let ask = || Ask::pod(&cluster, "web-0", &format!("exec?command=true&{PIPES}")).offer(V4);
    let group = "Impersonate-Group";
    let answer = ask().header("Impersonate-User", "alice").header(group, "developers").refused().await;
    assert_status(&answer, 403, Some("Forbidden"), &forbidden("web-0", "alice", "get", "exec"));
    let answer = ask().header(group, "developers").header(group, "ops").refused().await;
    let words = "requested &user.DefaultInfo{Name:\"\", UID:\"\", Groups:[]string{\"developers\", \"ops\"}, Extra:map[string][]string(nil)} without impersonating a user name";
    assert_status(&answer, 400, Some("BadRequest"), words);
}
