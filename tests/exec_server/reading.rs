//! What a picker or kubectl reads before it dials.

use crate::support::ask::Ask;
use crate::support::clusters::cluster;

#[tokio::test]
async fn pods_show_their_containers_and_phases() {
    let cluster = cluster().await;
    let get = |path: &str| Ask::new(&cluster, "GET", path).refused();
    let list = get("/api/v1/namespaces/default/pods").await.json();
    let pods = list["items"].as_array().unwrap();
    assert_eq!(list["kind"], "PodList");
    let names: Vec<&str> = pods.iter().map(|pod| pod["metadata"]["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "console",
            "migrate",
            "no-shell",
            "pending",
            "pipe",
            "sh-only",
            "stranded",
            "unscheduled",
            "vault",
            "web-0"
        ]
    );
    let pod = get("/api/v1/namespaces/default/pods/web-0").await.json();
    assert_eq!(pod["metadata"]["name"], "web-0");
    assert_eq!(pod["metadata"]["namespace"], "default");
    assert_eq!(pod["spec"]["containers"][1]["name"], "sidecar");
    assert_eq!(pod["status"]["phase"], "Running");
    let migrate = get("/api/v1/namespaces/default/pods/migrate").await.json();
    assert_eq!(migrate["status"]["phase"], "Succeeded");
    let pending = get("/api/v1/namespaces/default/pods/pending").await.json();
    let waiting = &pending["status"]["containerStatuses"][0]["state"]["waiting"];
    assert_eq!(
        (&pending["status"]["phase"], &waiting["reason"]),
        (&"Pending".into(), &"ErrImageNeverPull".into())
    );
    for (pod, node) in [
        ("pending", "node-1".into()),
        ("stranded", "node-9".into()),
        ("unscheduled", serde_json::Value::Null),
    ] {
        assert_eq!(
            get(&format!("/api/v1/namespaces/default/pods/{pod}")).await.json()["spec"]["nodeName"],
            node
        );
    }
    assert_eq!(get("/version").await.json()["minor"], "36");
    let empty = get("/api/v1/namespaces/other/pods").await.json();
    assert_eq!(empty["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn what_does_not_exist_is_404_and_what_is_not_allowed_says_so() {
    let cluster = cluster().await;
    for path in ["/api/v1/namespaces/default/pods/x", "/api/v1/nodes", "/healthz"] {
        assert_eq!(Ask::new(&cluster, "GET", path).refused().await.code(), 404);
    }
    let ask = Ask::new(&cluster, "DELETE", "/api/v1/namespaces/default/pods/web-0");
    assert_eq!(ask.refused().await.code(), 405);
}

#[tokio::test]
async fn who_shows_no_token_may_ask_for_the_version_alone() {
    let cluster = cluster().await;
    let ask = |path| Ask::new(&cluster, "GET", path).without("Authorization");
    assert_eq!(ask("/version").refused().await.code(), 200);
    let answer = ask("/api").refused().await;
    let words = r#"forbidden: User "system:anonymous" cannot get path "/api""#;
    assert_eq!((answer.code(), answer.message().as_str()), (403, words));
    assert_eq!(ask("/version").header("Authorization", "Bearer no").refused().await.code(), 401);
}
