//! Answers that are no 101: kept whole, told in words, and never followed by another request on the same connection.

use execgate::{
    cluster::{Fault, SendError},
    upstream::{DialError, Refusal},
};

use super::rude_server::{Reply, RudeServer};
use crate::{House, chain};

const NOT_FOUND: &str = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"web-0\" not found","reason":"NotFound","details":{"name":"web-0","kind":"pods"},"code":404}"#;

fn refusal(error: DialError) -> Refusal {
    match error {
        DialError::Refused { refusal, .. } => *refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn a_status_is_kept_as_it_came_and_the_connection_is_closed() {
    let mut server =
        RudeServer::start(None, vec![Reply::body("404 Not Found", "application/json", NOT_FOUND)]).await;
    let error = House::plain(server.address).refused().await;
    assert_eq!((error.http_status(), error.fault()), (404, Fault::Downstream));
    assert_eq!(error.for_user(), "cluster \"alpha\" refused (404): pods \"web-0\" not found");
    let refusal = refusal(error);
    assert_eq!((refusal.code, &*refusal.body), (404, NOT_FOUND.as_bytes()));
    assert_eq!(refusal.content_type.unwrap(), "application/json");
    // `seen` ends only when the client has closed.
    assert!(server.seen().await.after.is_empty());
}

#[tokio::test]
async fn the_time_to_wait_is_kept() {
    let answer = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 60\r\nContent-Length: 4\r\n\r\nbusy";
    let server = RudeServer::start(None, vec![Reply::text(answer)]).await;
    let refusal = refusal(House::plain(server.address).refused().await);
    assert_eq!(refusal.retry_after.unwrap(), "60");
    assert_eq!(refusal.content_type, None);
}

#[tokio::test]
async fn a_body_may_end_with_the_connection() {
    let answer =
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\n\r\ncontainer not found (\"c\")"
            .to_vec();
    let server = RudeServer::start(None, vec![Reply::SayAndClose(vec![answer])]).await;
    let error = House::plain(server.address).refused().await;
    assert_eq!(error.fault(), Fault::Upstream);
    assert!(chain(&error).contains("container not found"), "{}", chain(&error));
    assert_eq!(&*refusal(error).body, b"container not found (\"c\")");
}

#[tokio::test]
async fn a_body_without_end_is_cut_at_64_kib() {
    let head = "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\n\r\n";
    let mut server = RudeServer::start(None, vec![Reply::Flood(head)]).await;
    let refusal = refusal(House::plain(server.address).refused().await);
    assert_eq!(refusal.body.len(), 64 * 1024);
    server.seen().await;
}

#[tokio::test]
async fn a_body_that_stops_coming_holds_nobody_up() {
    let answer = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 1000\r\n\r\nhalf";
    let server = RudeServer::start(None, vec![Reply::text(answer)]).await;
    let refusal = refusal(House::plain(server.address).hasty().refused().await);
    assert_eq!((refusal.code, &*refusal.body), (500, &b"half"[..]));
}

#[tokio::test]
async fn messages_that_name_nodes_and_addresses_are_not_for_the_user() {
    let body = r#"{"kind":"Status","status":"Failure","message":"error dialing backend: dial tcp 127.0.0.1:10250: connect: connection refused","code":500}"#;
    let missing_node = r#"{"kind":"Status","status":"Failure","message":"nodes \"node-1\" not found","reason":"NotFound","details":{"name":"node-1","kind":"nodes"},"code":404}"#;
    // What 1.36 says of it.
    let missing_as_a_pod = r#"{"kind":"Status","status":"Failure","message":"pods \"node-1\" not found","reason":"NotFound","details":{"name":"node-1","kind":"pods"},"code":404}"#;
    let script = vec![
        Reply::body("500 Internal Server Error", "application/json", body),
        Reply::body("404 Not Found", "application/json", missing_node),
        Reply::body("404 Not Found", "application/json", missing_as_a_pod),
    ];
    let server = RudeServer::start(None, script).await;
    let fixture = House::plain(server.address);
    // `refused` asserts that neither address nor node shows.
    assert!(chain(&fixture.refused().await).contains("127.0.0.1:10250"));
    for _ in 0..2 {
        let error = fixture.refused().await;
        assert!(chain(&error).contains("node-1"));
        assert_eq!((error.http_status(), error.fault()), (404, Fault::Upstream));
        assert!(error.for_user().contains("has lost the node of this pod"), "{}", error.for_user());
    }
}

#[tokio::test]
async fn a_kubelet_that_refuses_the_api_server_is_not_taken_for_a_refused_token() {
    let script = vec![
        Reply::body("401 Unauthorized", "text/plain", "Unauthorized"),
        Reply::body(
            "403 Forbidden",
            "text/plain",
            "Forbidden (user=kube-apiserver, verb=get, resource=nodes)",
        ),
    ];
    let server = RudeServer::start(None, script).await;
    let fixture = House::plain(server.address);
    for code in [401, 403] {
        let error = fixture.refused().await;
        assert_eq!(error.fault(), Fault::Upstream);
        assert!(error.for_user().contains("could not start the command"), "{}", error.for_user());
        assert_eq!(refusal(error).code, code);
    }
}

#[tokio::test]
async fn a_node_out_of_reach_is_told_without_its_address_and_is_not_taken_for_a_container_that_is_down() {
    let undialled = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"error dialing backend: dial tcp 10.9.8.7:10250: connect: connection refused","code":500}"#;
    let without_runtime = "rpc error: code = Unavailable desc = connection error: desc = \"dial unix /run/containerd/containerd.sock\"";
    let script = vec![
        Reply::body("500 Internal Server Error", "application/json", undialled),
        Reply::body("500 Internal Server Error", "text/plain", without_runtime),
        Reply::body("500 Internal Server Error", "text/plain", "container not found (\"app\")"),
    ];
    let server = RudeServer::start(None, script).await;
    let fixture = House::plain(server.address);
    for _ in 0..2 {
        let words = fixture.refused().await.for_user();
        assert!(words.contains("cannot reach the pod's node"), "{words}");
        assert!(!words.contains("10.9.8.7") && !words.contains("containerd.sock"), "{words}");
    }
    let words = fixture.refused().await.for_user();
    assert!(words.contains("check that the container is running"), "{words}");
}

#[tokio::test]
async fn a_tls_server_spoken_to_in_plain_http_is_told_as_such() {
    let answer =
        b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n".to_vec();
    let server = RudeServer::start(None, vec![Reply::SayAndClose(vec![answer])]).await;
    let error = House::plain(server.address).refused().await;
    assert!(chain(&error).contains("write https:// under server"), "{}", chain(&error));
    assert_eq!(error.http_status(), 502);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_credential_goes_nowhere() {
    let mut elsewhere = RudeServer::start(None, vec![Reply::Silence]).await;
    let answer = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://{}/api\r\nContent-Length: 0\r\n\r\n",
        elsewhere.address
    );
    let mut server = RudeServer::start(None, vec![Reply::text(&answer)]).await;
    let error = House::plain(server.address).refused().await;
    assert!(matches!(error, DialError::Unanswered(SendError::Redirected { code: 307, .. })), "{error:?}");
    assert_eq!(error.http_status(), 502);
    assert!(server.seen().await.after.is_empty());
    assert!(elsewhere.is_alone());
}

#[tokio::test]
async fn a_head_that_is_too_large_is_an_error_and_not_our_memory() {
    let head = format!("HTTP/1.1 403 Forbidden\r\nX-Long: {}\r\n\r\n", "x".repeat(20 * 1024));
    let server = RudeServer::start(None, vec![Reply::text(&head)]).await;
    let error = House::plain(server.address).refused().await;
    assert!(matches!(error, DialError::Unanswered(SendError::Broken { .. })), "{error:?}");
}
