//! What becomes of an API server's refusal.

use crate::gate::{ALICE, BOB, Gate, Script, UPGRADE, Upstream, nobody};

const EXEC: &str = "GET /api/v1/namespaces/default/pods/web-9/exec?command=sh&stdout=1&tty=1";
const NOT_FOUND: &str = concat!(
    "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 124\r\nConnection: close\r\n\r\n",
    r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"web-9\" not found","reason":"NotFound","#,
    "\n"
);

async fn refused_with(answer: &'static str) -> crate::gate::Reply {
    let upstream = Upstream::start(Script::Answer(answer)).await;
    let gate = Gate::before_address(upstream.address, |_| {}).await;
    gate.ask(&[EXEC, UPGRADE, ALICE, "Sec-WebSocket-Protocol: v4.channel.k8s.io"]).await
}

#[tokio::test]
async fn a_program_gets_the_api_servers_answer_as_it_is() {
    let (_, body) = NOT_FOUND.split_once("\r\n\r\n").unwrap();
    let reply = refused_with(NOT_FOUND).await;
    assert_eq!((reply.code, reply.header("content-type")), (404, Some("application/json")));
    assert_eq!(String::from_utf8(reply.body).unwrap(), body[..124.min(body.len())]);
    let busy = "HTTP/1.1 429 Too Many Requests\r\nContent-Type: text/plain\r\nRetry-After: 60\r\nContent-Length: 4\r\n\r\nbusy";
    let reply = refused_with(busy).await;
    assert_eq!((reply.code, reply.header("retry-after")), (429, Some("60")));
    assert_eq!((reply.header("content-type"), &reply.body[..]), (Some("text/plain"), &b"busy"[..]));
}

#[tokio::test]
async fn the_post_after_a_refused_get_is_told_the_same_and_starts_nothing() {
    let upstream = Upstream::start(Script::Answer(NOT_FOUND)).await;
    let gate = Gate::before_address(upstream.address, |_| {}).await;
    let v5 = "Sec-WebSocket-Protocol: v5.channel.k8s.io";
    let refused = gate.ask(&[EXEC, UPGRADE, ALICE, v5]).await;
    let post = EXEC.replace("GET", "POST");
    let other = post.replace("web-9", "web-8");
    assert_eq!(gate.ask(&[&other, ALICE, "Content-Length: 0"]).await.code, 405);
    assert_eq!(gate.ask(&[&post, BOB, "Content-Length: 0"]).await.code, 405);
    let posted = gate.ask(&[&post, ALICE, "Content-Length: 0"]).await;
    assert_eq!((posted.code, posted.body), (refused.code, refused.body));
    assert_eq!(upstream.heads().len(), 1);
    assert_eq!(gate.ask(&[&post, ALICE, "Content-Length: 0"]).await.code, 405);
}

#[tokio::test]
async fn a_client_that_only_speaks_v5_and_needs_half_close_is_refused_on_a_v4_cluster() {
    let upstream = Upstream::start(Script::Answer("HTTP/1.1 403 Forbidden\r\n\r\n")).await;
    let gate = Gate::before_address(upstream.address, |_| {}).await;
    let piped = EXEC.replace("tty=1", "stdin=1");
    let reply = gate.ask(&[&piped, UPGRADE, ALICE, "Sec-WebSocket-Protocol: v5.channel.k8s.io"]).await;
    assert_eq!(reply.status().0, 400);
    assert!(reply.status().2.contains("v5.channel.k8s.io"));
    let posted = gate.ask(&[&piped.replace("GET", "POST"), ALICE, "Content-Length: 0"]).await;
    assert_eq!(posted.status(), reply.status());
    let heads = upstream.heads();
    assert_eq!(heads.len(), 1);
    assert!(
        heads[0].to_lowercase().contains("sec-websocket-protocol: v5.channel.k8s.io\r\n"),
        "a v4 server must not start it"
    );
}

#[tokio::test]
async fn a_401_about_our_own_credential_is_no_401_for_the_user() {
    let reply = refused_with("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!((reply.code, reply.header("www-authenticate")), (502, None));
    assert!(reply.status().2.contains("credential"));
}

#[tokio::test]
async fn a_redirect_is_a_bad_gateway() {
    let reply =
        refused_with("HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n")
            .await;
    assert_eq!(reply.code, 502);
    assert!(!reply.status().2.contains("evil"));
}

#[tokio::test]
async fn a_cluster_that_is_down_is_502_and_tells_no_address() {
    let down = nobody();
    let gate = Gate::before_address(down, |_| {}).await;
    let reply = gate.ask(&[EXEC, UPGRADE, ALICE]).await;
    assert_eq!(reply.code, 502);
    let message = reply.status().2;
    assert!(message.contains("alpha") && !message.contains("127.0.0.1"), "{message}");
}

#[tokio::test]
async fn an_attach_without_input_is_asked_for_on_v5_whatever_the_client_speaks() {
    let upstream = Upstream::start(Script::Answer(NOT_FOUND)).await;
    let gate = Gate::before_address(upstream.address, |_| {}).await;
    let attach = "GET /api/v1/namespaces/default/pods/web-9/attach?stdout=1";
    gate.ask(&[attach, UPGRADE, ALICE, "Sec-WebSocket-Protocol: v4.channel.k8s.io"]).await;
    gate.ask(&[&format!("{attach}&stdin=1"), UPGRADE, ALICE, "Sec-WebSocket-Protocol: v4.channel.k8s.io"])
        .await;
    let heads = upstream.heads();
    let offers =
        heads.iter().filter_map(|head| head.lines().find(|line| line.starts_with("sec-websocket-protocol")));
    assert_eq!(
        offers.collect::<Vec<_>>(),
        [
            "sec-websocket-protocol: v5.channel.k8s.io, v4.channel.k8s.io",
            "sec-websocket-protocol: v4.channel.k8s.io"
        ]
    );
}
