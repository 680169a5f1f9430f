//! A path, a query and a method that two readers could read differently are refused.

use crate::gate::{ALICE, Gate, UPGRADE};

#[tokio::test]
async fn malformed_paths_and_queries_are_refused_with_the_culprit_named() {
    let gate = Gate::alone().await;
    let pods = "/api/v1/namespaces/default/pods";
    for (path, culprit) in [
        (format!("{pods}/a%2Fb/exec"), "%2F"),
        (format!("{pods}/../pods/a/exec"), ".."),
        (format!("{pods}//exec"), "//"),
        (format!("{pods}/Web/exec"), "Web"),
        ("/clusters/A/api/v1/namespaces/d/pods/p/exec".to_owned(), "cluster name"),
        (format!("{pods}/p/exec?container=a&container=b"), "container"),
        (format!("{pods}/p/exec?dryRun=All"), "dryRun"),
        (format!("{pods}/p/attach?command=sh"), "command"),
        (format!("{pods}/p/exec?command=%zz"), "command"),
    ] {
        let reply = gate.ask(&[&format!("GET {path}"), UPGRADE, ALICE]).await;
        let (code, reason, message) = reply.status();
        assert_eq!((code, reason.as_str()), (400, "BadRequest"), "{path}");
        assert!(message.contains(culprit), "{path}: {message}");
    }
}

#[tokio::test]
async fn everything_else_is_a_404_status() {
    let gate = Gate::alone().await;
    for path in [
        "/",
        "/healthz",
        "/targets",
        "/login?code=1",
        "/api/",
        "/api/v1/pods",
        "/api/v1/nodes",
        "/api/v1/namespaces/default/secrets",
        "/apis/apps/v1/deployments",
        "/openapi/v3",
        "/clusters/alpha",
        "/api/v1/namespaces/default/pods/web-0/log",
        "/api/v1/namespaces/default/pods/web-0/portforward",
    ] {
        let (code, reason, _) = gate.ask(&[&format!("GET {path}"), ALICE]).await.status();
        assert_eq!((code, reason.as_str()), (404, "NotFound"), "{path}");
    }
}

#[tokio::test]
async fn other_methods_are_405() {
    let gate = Gate::alone().await;
    for method in ["PUT", "DELETE", "OPTIONS", "PATCH"] {
        let line = format!("{method} /api/v1/namespaces/default/pods/web-0/exec?command=sh");
        let reply = gate.ask(&[&line, ALICE]).await;
        assert_eq!((reply.code, reply.header("allow")), (405, Some("GET")), "{method}");
    }
}
