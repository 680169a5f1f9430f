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
    assert_eq!(pods.len(), 4);
    let pod = get("/api/v1/namespaces/default/pods/web-0").await.json();
    assert_eq!(pod["metadata"]["name"], "web-0");
    assert_eq!(pod["metadata"]["namespace"], "default");
    assert_eq!(pod["spec"]["containers"][1]["name"], "sidecar");
    assert_eq!(pod["status"]["phase"], "Running");
    let migrate = get("/api/v1/namespaces/default/pods/migrate").await.json();
    assert_eq!(migrate["status"]["phase"], "Succeeded");
    assert_eq!(get("/version").await.json()["minor"], "36");
    let empty = get("/api/v1/namespaces/other/pods").await.json();
    assert_eq!(empty["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn what_does_not_exist_is_404_and_what_needs_a_token_401() {
    let cluster = cluster().await;
    for path in ["/api/v1/namespaces/default/pods/x", "/api/v1/nodes", "/healthz"] {
        assert_eq!(Ask::new(&cluster, "GET", path).refused().await.code(), 404);
    }
    let ask = Ask::new(&cluster, "GET", "/version").without("Authorization");
    assert_eq!(ask.refused().await.code(), 401);
    let ask = Ask::new(&cluster, "DELETE", "/api/v1/namespaces/default/pods/web-0");
    assert_eq!(ask.refused().await.code(), 405);
}
