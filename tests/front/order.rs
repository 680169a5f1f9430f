//! Checks come in their order, and each is told only to those who passed the ones before.

use tokio::io::AsyncWriteExt as _;

use crate::gate::{ALICE, BOB, Gate, Reply, UPGRADE, head};

const VAULT: &str = "GET /clusters/alpha/api/v1/namespaces/default/pods/vault/exec?command=sh&stdout=1";

fn first(reply: &Reply) -> (u16, String) {
    let (code, reason, _) = reply.status();
    (code, reason)
}

#[tokio::test]
async fn a_foreign_page_is_refused_before_its_credential_is_looked_at() {
    let gate = Gate::alone().await;
    for credential in [ALICE, "Authorization: Bearer wrong", "X-None: 1"] {
        for origin in ["https://evil.example", "null", "https://gate.example"] {
            let origin = format!("Origin: {origin}");
            let reply = gate.ask(&[VAULT, UPGRADE, credential, &origin]).await;
            assert_eq!(first(&reply), (403, "Forbidden".to_owned()));
            assert!(reply.status().2.contains("allowedOrigins"));
            assert_eq!(reply.header("www-authenticate"), None);
        }
    }
}

#[tokio::test]
async fn a_stranger_learns_of_no_cluster_and_no_pod() {
    let gate = Gate::alone().await;
    let mut answers = Vec::new();
    for path in [
        "/clusters/alpha/api/v1/namespaces/default/pods/vault/exec",
        "/clusters/nowhere/api/v1/namespaces/default/pods/vault/exec",
        "/api/v1/namespaces/default/pods/no-such-pod/attach",
    ] {
        let reply = gate.ask(&[&format!("GET {path}?stdout=1"), UPGRADE]).await;
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
        answers.push(reply.status());
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    assert_eq!(answers[0].0, 401);
}

#[tokio::test]
async fn policy_speaks_before_the_cluster_is_looked_up() {
    let gate = Gate::alone().await;
    let unknown = "GET /clusters/nowhere/api/v1/namespaces/default/pods/web-0/exec?command=sh";
    assert_eq!(first(&gate.ask(&[unknown, UPGRADE, BOB]).await), (403, "Forbidden".to_owned()));
    let reply = gate.ask(&[unknown, UPGRADE, ALICE]).await;
    assert_eq!(reply.status(), (404, "NotFound".to_owned(), "cluster \"nowhere\" not found".to_owned()));
}

#[tokio::test]
async fn a_denial_says_what_was_asked_and_not_why() {
    let gate = Gate::alone().await;
    let (code, reason, message) = gate.ask(&[VAULT, UPGRADE, BOB]).await.status();
    assert_eq!((code, reason.as_str()), (403, "Forbidden"));
    assert!(message.starts_with("user \"bob\" may not exec in pod \"vault\""), "{message}");
    assert!(!message.contains("keeps out"), "{message}");
}

#[tokio::test]
async fn a_get_without_an_upgrade_is_told_so_only_when_it_may() {
    let gate = Gate::alone().await;
    assert_eq!(gate.ask(&[VAULT]).await.code, 401);
    assert_eq!(gate.ask(&[VAULT, BOB]).await.code, 403);
    let reply = gate.ask(&[VAULT, ALICE]).await;
    let expected = (400, "BadRequest".to_owned(), "Upgrade request required".to_owned());
    assert_eq!(reply.status(), expected);
}

#[tokio::test]
async fn post_is_told_what_get_is_told_and_405_only_where_get_would_be_let_in() {
    let gate = Gate::alone().await;
    let post = VAULT.replace("GET", "POST");
    let empty = "Content-Length: 0";
    for credential in ["X-None: 1", "Authorization: Bearer wrong", BOB] {
        let posted = gate.ask(&[&post, credential, empty]).await;
        assert_eq!(posted.status(), gate.ask(&[VAULT, UPGRADE, credential]).await.status());
    }
    let reply = gate.ask(&[&post, ALICE, empty]).await;
    assert_eq!(first(&reply), (405, "MethodNotAllowed".to_owned()));
    assert_eq!(reply.header("allow"), Some("GET"));
    assert!(reply.status().2.contains("WebSocket"));
}

#[tokio::test]
async fn two_credentials_that_differ_are_a_bad_request() {
    let gate = Gate::alone().await;
    let reply = gate.ask(&[VAULT, UPGRADE, ALICE, "Cookie: gate=bob-token"]).await;
    assert_eq!(first(&reply), (400, "BadRequest".to_owned()));
    assert!(!String::from_utf8_lossy(&reply.body).contains("token\""));
}

#[tokio::test]
async fn a_token_comes_as_a_header_a_cookie_or_a_subprotocol() {
    let gate = Gate::alone().await;
    // "bob-token" in base64url. He is known, and so he is denied.
    let entry = "base64url.bearer.authorization.k8s.io.Ym9iLXRva2Vu";
    for credential in [
        BOB.to_owned(),
        "Cookie: other=1; gate=bob-token".to_owned(),
        format!("Sec-WebSocket-Protocol: {entry}, base64.channel.k8s.io"),
        format!("Sec-WebSocket-Protocol: v4.channel.k8s.io\r\nSec-WebSocket-Protocol: {entry}"),
    ] {
        assert_eq!(gate.ask(&[VAULT, UPGRADE, &credential]).await.code, 403, "{credential}");
    }
    let alone = format!("Sec-WebSocket-Protocol: {entry}");
    assert_eq!(first(&gate.ask(&[VAULT, UPGRADE, &alone]).await), (401, "Unauthorized".to_owned()));
    let no_upgrade = format!("Sec-WebSocket-Protocol: {entry}, v4.channel.k8s.io");
    assert_eq!(gate.ask(&[VAULT, &no_upgrade]).await.code, 401);
}

#[tokio::test]
async fn heads_that_two_proxies_could_read_differently_are_refused() {
    let gate = Gate::alone().await;
    for lines in [
        &[VAULT, "Host: other.example", ALICE][..],
        &[&VAULT.replace("GET ", "GET http://gate.example"), ALICE],
        &[&VAULT.replace("GET", "POST"), "Content-Length: 5", "Transfer-Encoding: chunked", ALICE],
        &[VAULT, UPGRADE, "Transfer-Encoding: chunked", ALICE],
    ] {
        let reply = gate.ask(lines).await;
        assert_eq!(reply.code, 400, "{lines:?}");
    }
    let mut tcp = gate.connect().await;
    let no_host = head(&[VAULT]).replace("Host: gate.example\r\n", "");
    tcp.write_all(no_host.as_bytes()).await.unwrap();
    assert_eq!(Reply::read(&mut tcp).await.code, 400);
}
