//! What the upgrade must carry, and what the 101 says.

use tokio::io::AsyncWriteExt as _;

use crate::gate::{ALICE, Gate, Reply, Script, UPGRADE, Upstream, head};

const EXEC: &str = "GET /api/v1/namespaces/default/pods/web-0/exec?command=sh&stdin=1&stdout=1&tty=1";

#[tokio::test]
async fn each_fault_of_the_handshake_is_told_as_the_api_server_tells_it() {
    let gate = Gate::alone().await;
    let version = UPGRADE.replace("13", "8");
    let reply = gate.ask(&[EXEC, &version, ALICE]).await;
    assert_eq!(reply.status().2, "missing or bad WebSocket Version");
    assert_eq!(reply.header("sec-websocket-version"), Some("13"));
    let key = UPGRADE.replace("dGhlIHNhbXBsZSBub25jZQ==", "");
    assert_eq!(gate.ask(&[EXEC, &key, ALICE]).await.status().2, "mismatch challenge/response");
    let body = gate.ask(&[EXEC, UPGRADE, ALICE, "Content-Length: 3"]).await;
    assert_eq!(body.code, 400);
}

/// HTTP/1.0 knows no upgrade (RFC 9110 section 7.8): the 101 would lead nowhere, and the command would run unseen.
#[tokio::test]
async fn an_upgrade_over_http_1_0_starts_no_command() {
    let upstream = Upstream::start(Script::Accept).await;
    let gate = Gate::before_address(upstream.address, |_| {}).await;
    let mut tcp = gate.connect().await;
    let offer = "Sec-WebSocket-Protocol: v4.channel.k8s.io";
    let request = head(&[EXEC, UPGRADE, ALICE, offer]).replace("HTTP/1.1", "HTTP/1.0");
    tcp.write_all(request.as_bytes()).await.unwrap();
    let reply = Reply::read(&mut tcp).await;
    assert_eq!((reply.code, reply.status().2.as_str()), (400, "Upgrade request required"));
    assert!(upstream.heads().is_empty());
}

#[tokio::test]
async fn an_offer_that_nobody_knows_starts_no_command() {
    let upstream = Upstream::start(Script::Accept).await;
    let gate = Gate::before_address(upstream.address, |_| {}).await;
    let reply = gate.ask(&[EXEC, UPGRADE, ALICE, "Sec-WebSocket-Protocol: chat, v3.channel.k8s.io"]).await;
    assert_eq!(reply.code, 400);
    assert!(reply.status().2.contains("base64.channel.k8s.io"));
    assert!(upstream.heads().is_empty());
}

#[tokio::test]
async fn the_101_names_one_subprotocol_and_none_for_an_empty_offer() {
    let upstream = Upstream::start(Script::Accept).await;
    let gate = Gate::before_address(upstream.address, |settings| settings.sessions.max = 9).await;
    for (offer, answered) in [
        ("base64.channel.k8s.io", Some("base64.channel.k8s.io")),
        ("chat, v4.channel.k8s.io, channel.k8s.io", Some("v4.channel.k8s.io")),
        ("v4.channel.k8s.io, v5.channel.k8s.io", Some("v5.channel.k8s.io")),
        ("", None),
    ] {
        let offered = format!("Sec-WebSocket-Protocol: {offer}");
        let extensions = "Sec-WebSocket-Extensions: permessage-deflate";
        let reply = gate.ask(&[EXEC, UPGRADE, ALICE, &offered, extensions]).await;
        assert_eq!((reply.code, reply.header("sec-websocket-protocol")), (101, answered), "{offer}");
        assert_eq!(reply.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        assert_eq!(reply.header("sec-websocket-extensions"), None);
    }
}

#[tokio::test]
async fn what_was_judged_is_what_is_dialled_and_no_header_of_the_client_goes_on() {
    let upstream = Upstream::start(Script::Accept).await;
    let gate = Gate::before_address(upstream.address, |_| {}).await;
    let line = "GET /clusters/alpha/api/v1/namespaces/default/pods/web-0/exec?tty=yes&stdin=&command=echo+%22hi%22&stdout=1";
    let evil = "Impersonate-User: admin\r\nX-Forwarded-For: 1.2.3.4\r\nCookie: gate=alice-token\r\nX-Evil: 1";
    assert_eq!(gate.ask(&[line, UPGRADE, ALICE, evil]).await.code, 101);
    let heads = upstream.heads();
    let sent = heads[0].to_ascii_lowercase();
    let path =
        "/api/v1/namespaces/default/pods/web-0/exec?command=echo%20%22hi%22&stdin=true&stdout=true&tty=true";
    assert!(heads[0].starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{sent}");
    assert!(sent.contains("authorization: bearer the-cluster-token"), "{sent}");
    for absent in ["alice-token", "impersonate", "x-forwarded", "cookie", "x-evil"] {
        assert!(!sent.contains(absent), "{sent}");
    }
}

#[tokio::test]
async fn one_session_too_many_is_503_with_a_time_to_come_back() {
    let upstream = Upstream::start(Script::Accept).await;
    let gate = Gate::before_address(upstream.address, |settings| settings.sessions.max = 0).await;
    let reply = gate.ask(&[EXEC, UPGRADE, ALICE]).await;
    assert_eq!((reply.code, reply.header("retry-after")), (503, Some("5")));
    assert_eq!(reply.status().1, "ServiceUnavailable");
}
