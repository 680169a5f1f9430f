//! What an API server says that is no yes, and what becomes of it.

use std::net::Ipv4Addr;

use execgate::demo::Right;
use tokio::net::TcpListener;

use crate::get::Get;
use crate::people::RULES;
use crate::scripted::{Scripted, Then};
use crate::support::clusters::cluster;
use crate::support::gate::Gate;
use crate::support::setup::Setup;

const POD: &str = "/api/v1/namespaces/default/pods/web-0";
const PODS: &str = "/api/v1/namespaces/default/pods";

#[tokio::test]
async fn kubernetes_own_refusals_pass_as_they_are() {
    let alpha = cluster().await;
    let gate = Gate::start(Setup::new().cluster(&alpha).rules(RULES)).await;
    let missing = Get::new(&gate, "/api/v1/namespaces/default/pods/nope").send().await;
    assert_eq!(missing.failure(), (404, "NotFound".to_owned(), "pods \"nope\" not found".to_owned()));
    assert_eq!(missing.json()["details"]["name"], "nope");
    let odd = Get::new(&gate, &format!("{PODS}?fieldSelector=spec.x%3D1")).send().await.failure();
    assert_eq!((odd.0, odd.2.as_str()), (400, "field label not supported: spec.x"));
    alpha.set_rights(&[Right::Get, Right::Create]);
    let (code, reason, words) = Get::new(&gate, PODS).send().await.failure();
    assert_eq!((code, reason.as_str()), (403, "Forbidden"));
    assert!(
        words.starts_with("pods is forbidden: User \"system:serviceaccount:execgate:execgate\" cannot list"),
        "{words}"
    );
}

#[tokio::test]
async fn a_credential_of_ours_that_is_refused_is_no_fault_of_the_users() {
    let alpha = cluster().await;
    let gate = Gate::start(Setup::new().cluster(&alpha).rules(RULES)).await;
    alpha.rotate_token();
    let (code, _, words) = Get::new(&gate, POD).send().await.failure();
    assert_eq!(
        (code, words.as_str()),
        (502, "cluster \"alpha\" does not accept execgate's own credential; tell your administrator")
    );
    gate.setup.rotate(&alpha);
    assert_eq!(Get::new(&gate, POD).send().await.status, 200, "the file is read again at once");
}

#[tokio::test]
async fn what_is_no_status_is_told_in_our_words() {
    let words_of = async |status: &str, content_type: &str, body: &str| {
        let server = Scripted::refusing(status, content_type, body).await;
        let gate = server.gate().await;
        Get::new(&gate, POD).send().await.failure()
    };
    let plain = words_of("404 Not Found", "text/plain", "404 page not found").await;
    assert_eq!((plain.0, plain.2.as_str()), (404, "cluster \"alpha\" cannot answer this now (404)"));
    let broken = words_of("500 Internal Server Error", "text/plain", "dial tcp 10.0.0.7:2379: refused").await;
    assert_eq!((broken.0, broken.2.as_str()), (500, "cluster \"alpha\" cannot answer this now (500)"));
    let late = r#"{"metadata":{},"status":"Failure","message":"Timeout: too slow","reason":"Timeout","details":{},"code":504}"#;
    let late = words_of("504 Gateway Timeout", "text/plain; charset=utf-8", late).await;
    assert_eq!(
        (late.0, late.2.as_str()),
        (504, "Timeout: too slow"),
        "the timeout filter's status says not that it is one"
    );
    let etcd = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"rpc error: read tcp 10.0.0.5:45678->10.0.0.6:2379: reset","code":500}"#;
    let etcd = words_of("500 Internal Server Error", "application/json", etcd).await;
    assert_eq!((etcd.0, etcd.2.as_str()), (500, "cluster \"alpha\" cannot answer this now (500)"));
    let page = words_of("200 OK", "text/html", "<script>alert(1)</script>").await;
    assert_eq!((page.0, page.2.contains("not as an API server does")), (502, true));
    let empty = words_of("204 No Content", "application/json", "").await;
    assert_eq!(empty.0, 502);
    let moved = words_of("302 Found\nLocation: https://10.0.0.9/", "text/html", "").await;
    assert!(moved.0 == 502 && !moved.2.contains("10.0.0.9"), "{moved:?}");
}

#[tokio::test]
async fn a_busy_api_server_says_when_to_come_back() {
    let body = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too many","reason":"TooManyRequests","code":429}"#;
    let length = body.len();
    let head = format!(
        "HTTP/1.1 429 Too Many Requests\nContent-Type: application/json\nRetry-After: 7\nContent-Length: {length}"
    );
    let server = Scripted::start(&head, body.as_bytes(), Then::Stay).await;
    let gate = server.gate().await;
    let got = Get::new(&gate, PODS).send().await;
    assert_eq!((got.failure().0, got.header("retry-after")), (429, Some("7")));
}

#[tokio::test]
async fn an_expired_page_names_no_place_that_its_reader_could_decode() {
    let body = r#"{"kind":"Status","apiVersion":"v1","metadata":{"continue":"start-at-vault"},"status":"Failure","message":"too old","reason":"Expired","code":410}"#;
    let server = Scripted::refusing("410 Gone", "application/json", body).await;
    let gate = server.gate().await;
    let got = Get::new(&gate, PODS).send().await;
    assert_eq!(got.failure().1, "Expired");
    let place = got.json()["metadata"]["continue"].as_str().unwrap().to_owned();
    assert_ne!(place, "start-at-vault");
    Get::new(&gate, &format!("{PODS}?continue={place}")).send().await;
    assert!(
        server.heads()[1].starts_with(&format!("GET {PODS}?continue=start-at-vault ")),
        "{:?}",
        server.heads()
    );
}

#[tokio::test]
async fn a_cluster_that_is_not_there_or_says_nothing_is_told_as_for_exec() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let rules = "  - {name: all, effect: allow, subjects: {users: [alice]}, verbs: [exec, read]}\n";
    let silent =
        Gate::start(Setup::new().plain_with("alpha", address, "connectTimeout: 150ms").rules(rules)).await;
    let (code, reason, words) = Get::new(&silent, POD).send().await.failure();
    assert_eq!((code, reason.as_str()), (504, "Timeout"));
    assert!(words.contains("did not answer within 150ms"), "{words}");
    drop(listener);
    let (code, _, words) = Get::new(&silent, POD).send().await.failure();
    assert_eq!(
        (code, words.as_str()),
        (502, "cluster \"alpha\" cannot be reached; try again later, or tell your administrator")
    );
}
