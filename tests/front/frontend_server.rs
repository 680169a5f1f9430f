//! A page's own server at every path that is not execgate's.

use base64::Engine as _;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Channel, Full};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::browse::whole;
use crate::gate::{Gate, Script, UPGRADE, Upstream, head, nobody};
use crate::page_server::PageServer;
use crate::support::ca::{Ca, Life};
use crate::support::setup::Setup;
use crate::support::wire::PATIENCE;

const ANYBODY: &str = "insecureSkipTlsVerify: true";

async fn gate_before(server: &PageServer) -> Gate {
    gate_with(server, "").await
}

async fn gate_with(server: &PageServer, more: &str) -> Gate {
    Gate::with_frontend(&format!("{{server: {{url: \"http://{}\"{more}}}}}", server.address)).await
}

/// What the server was sent, as it tells it: the request line, and its headers in order of their names.
async fn sent(gate: &Gate, path: &str, lines: &[(&str, &str)]) -> Vec<String> {
    let told = gate.fetch("GET", path, lines).await;
    assert_eq!(told.code, 200, "{told:?}");
    let mut lines: Vec<String> = String::from_utf8_lossy(&told.body).lines().map(str::to_owned).collect();
    lines[1..].sort();
    lines
}

#[tokio::test]
async fn a_request_goes_on_as_it_is_and_says_who_asked() {
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    let lines = [("accept", "a"), ("accept", "b"), ("x-forwarded-for", "10.0.0.1"), ("forwarded", "for=me")];
    assert_eq!(
        sent(&gate, "/a%20b/../c//d%2fe?q=%41&x=y/z", &lines).await,
        [
            "GET /a%20b/../c//d%2fe?q=%41&x=y/z",
            "accept: a",
            "accept: b",
            "host: gate.example",
            "x-forwarded-for: 10.0.0.1, 127.0.0.1",
            "x-forwarded-host: gate.example",
            "x-forwarded-proto: http",
        ]
    );
    let in_front = [("x-forwarded-proto", "https"), ("x-forwarded-host", "console.example")];
    let told = sent(&gate, "/api/users", &in_front).await;
    assert!(told.contains(&"x-forwarded-proto: https".to_owned()), "{told:?}");
    assert!(told.contains(&"x-forwarded-host: console.example".to_owned()), "{told:?}");
}

#[tokio::test]
async fn what_is_for_the_neighbour_alone_goes_no_further_either_way() {
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    let lines = [
        ("connection", "x-mine, keep-alive"),
        ("x-mine", "1"),
        ("keep-alive", "timeout=9"),
        ("proxy-authorization", "Basic x"),
        ("upgrade", "h2c"),
        ("te", "gzip"),
    ];
    let told = sent(&gate, "/told", &lines).await;
    assert_eq!(told.len(), 5, "{told:?}");
    let hop = gate.get("/hop").await;
    for gone in ["x-hop", "keep-alive", "proxy-authenticate"] {
        assert_eq!(hop.header(gone), None);
    }
    assert_eq!(hop.header("x-kept"), Some("1"));
    let cookies: Vec<&http::HeaderValue> = hop.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1; Path=/", "gate=token; HttpOnly"], "the page may log in to execgate");
}

#[tokio::test]
async fn what_was_shown_to_execgate_is_not_sent_to_the_page_s_server() {
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    let shown = async |lines: &[(&str, &str)]| {
        let mut told = sent(&gate, "/told", lines).await;
        told.retain(|line| ["cookie", "authorization", "sec-"].iter().any(|name| line.starts_with(name)));
        told
    };
    assert_eq!(shown(&[("cookie", "a=1; gate=alice-token;  b=\"2\"")]).await, ["cookie: a=1;  b=\"2\""]);
    assert_eq!(shown(&[("cookie", "gate=whatever")]).await, [""; 0]);
    assert_eq!(shown(&[("authorization", "Bearer alice-token")]).await, [""; 0]);
    for own in ["Bearer the-page-s-own", "Basic YWxpY2U6eA=="] {
        assert_eq!(shown(&[("authorization", own)]).await, [format!("authorization: {own}")]);
    }
    let twice = [("authorization", "Bearer alice-token"), ("authorization", "Bearer other")];
    assert_eq!(shown(&twice).await, ["authorization: Bearer other"]);
    let encoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode("alice-token");
    let offer = format!("base64url.bearer.authorization.k8s.io.{encoded}, chat");
    assert_eq!(shown(&[("sec-websocket-protocol", &offer)]).await, ["sec-websocket-protocol: chat"]);
}

/// As the page of docs/pages.md that has everything in its address.
#[tokio::test]
async fn a_token_in_a_query_is_not_sent_to_the_page_s_server_wherever_it_stands() {
    let server = PageServer::start().await;
    let route = r#"
routes:
  - name: shell
    path: /ws/{namespace}/{pod}
    target: {cluster: alpha, namespace: "{namespace}", pod: "{pod}"}
    command: {fixed: [sh]}
    credential: [{query: clusterinfo}]
"#;
    let frontend = format!("frontend: {{server: {{url: \"http://{}\"}}}}\n{route}", server.address);
    let gate = Gate::start(Setup::new().plain("alpha", nobody()).with(&frontend)).await;
    for (asked, passed) in [
        ("/told?clusterinfo=alice-token", "/told"),
        ("/told?a=1&clusterinfo=alice-token&b=%20", "/told?a=1&b=%20"),
        ("/told?%63lusterinfo=alice%2dtoken&a=1", "/told?a=1"),
        ("/told?clusterinfo=the-page-s-own", "/told?clusterinfo=the-page-s-own"),
        ("/told?other=alice-token&&x", "/told?other=alice-token&&x"),
        ("/told?clusterinfo=%zz", "/told?clusterinfo=%zz"),
    ] {
        let referer = format!("https://gate.example{asked}");
        let told = sent(&gate, asked, &[("referer", &referer)]).await;
        assert_eq!(told[0], format!("GET {passed}"), "{told:?}");
        assert!(told.contains(&format!("referer: https://gate.example{passed}")), "{told:?}");
    }
}

#[tokio::test]
async fn a_cookie_that_is_for_both_is_kept_where_the_configuration_says_so() {
    let server = PageServer::start().await;
    let gate = gate_with(&server, ", keepCookies: [gate]").await;
    let told = sent(&gate, "/told", &[("cookie", "a=1; gate=alice-token")]).await;
    assert!(told.contains(&"cookie: a=1; gate=alice-token".to_owned()), "{told:?}");
}

#[tokio::test]
async fn bodies_of_any_size_and_framing_arrive_whole() {
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    let post = |path: &str| Request::post(path.to_owned());
    let large = Bytes::from(vec![b'x'; 5 << 20]);
    let counted = whole(gate.send(post("/count").body(Full::new(large.clone())).unwrap()).await).await;
    assert_eq!(counted.body, "5242880 bytes, 0 trailers");

    let (mut sender, body) = Channel::<Bytes>::new(1);
    let writing = tokio::spawn(async move {
        for piece in large.chunks(100_000) {
            sender.send_data(Bytes::copy_from_slice(piece)).await.unwrap();
        }
    });
    let counted = whole(gate.send(post("/count").body(body).unwrap()).await).await;
    writing.await.unwrap();
    assert_eq!(counted.body, "5242880 bytes, 0 trailers");

    let none = post("/told").header("content-length", "0");
    let none = whole(gate.send(none.body(Full::<Bytes>::default()).unwrap()).await).await;
    assert!(String::from_utf8_lossy(&none.body).contains("content-length: 0"));
}

/// A query that is too long for an address, as search engines take them.
#[tokio::test]
async fn a_body_arrives_whatever_the_method() {
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    for method in ["GET", "DELETE", "OPTIONS"] {
        for (length, body) in
            [("Content-Length: 5", "query"), ("Transfer-Encoding: chunked", "5\r\nquery\r\n0\r\n\r\n")]
        {
            let mut tcp = gate.connect().await;
            let head = head(&[&format!("{method} /count"), length, "Connection: close"]);
            tcp.write_all((head + body).as_bytes()).await.unwrap();
            let mut answer = String::new();
            timeout(PATIENCE, tcp.read_to_string(&mut answer)).await.expect("an answer").unwrap();
            assert!(answer.contains("5 bytes, 0 trailers"), "{method} {length}: {answer}");
        }
    }
}

#[tokio::test]
async fn both_bodies_stream_at_once() {
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    let (mut sender, body) = Channel::<Bytes>::new(1);
    sender.send_data("first".into()).await.unwrap();
    let mut answer = gate.send(Request::post("/echo").body(body).unwrap()).await.into_body();
    for piece in ["first", "second", "third"] {
        let frame = timeout(PATIENCE, answer.frame()).await.expect("a piece").unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), piece);
        let next = if piece == "first" { "second" } else { "third" };
        if piece != "third" {
            sender.send_data(next.into()).await.unwrap();
        }
    }
    drop(sender);
    let rest = timeout(PATIENCE, answer.collect()).await.expect("an end").unwrap();
    assert!(rest.to_bytes().is_empty());
}

#[tokio::test]
async fn an_answer_without_an_end_arrives_piece_by_piece() {
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    for (path, piece) in [("/endless", "a piece"), ("/events", "data: 1\n\n")] {
        let request = Request::get(path).body(Full::<Bytes>::default()).unwrap();
        let mut body = gate.send(request).await.into_body();
        let frame = timeout(PATIENCE, body.frame()).await.expect("a piece").unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), piece);
    }
}

#[tokio::test]
async fn an_event_stream_ends_when_execgate_does_and_holds_nothing_up() {
    let server = PageServer::start().await;
    let mut gate = gate_before(&server).await;
    let request = Request::get("/events").body(Full::<Bytes>::default()).unwrap();
    let mut body = gate.send(request).await.into_body();
    timeout(PATIENCE, body.frame()).await.expect("a piece").unwrap().unwrap();
    gate.signals.drain.cancel();
    let end = timeout(PATIENCE, body.collect()).await.expect("an end");
    assert!(end.is_err(), "it is cut");
    timeout(PATIENCE, &mut gate.running).await.expect("it stops").unwrap();
}

#[tokio::test]
async fn an_answer_that_breaks_off_breaks_the_client_s_connection() {
    for answer in [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf",
    ] {
        let server = Upstream::start(Script::Answer(answer)).await;
        let gate = Gate::with_frontend(&format!("{{server: {{url: \"http://{}\"}}}}", server.address)).await;
        let request = Request::get("/").body(Full::<Bytes>::default()).unwrap();
        let mut body = gate.send(request).await.into_body();
        let frame = timeout(PATIENCE, body.frame()).await.expect("a piece").unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "half");
        let end = timeout(PATIENCE, body.collect()).await.expect("an end");
        assert!(end.is_err(), "{answer:?}: what is cut does not look whole");
    }
}

#[tokio::test]
async fn trailers_pass() {
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    let request = Request::get("/trailers").header("te", "trailers").body(Full::<Bytes>::default()).unwrap();
    let answer = gate.send(request).await;
    assert_eq!(answer.headers()["trailer"], "x-sum");
    let body = timeout(PATIENCE, answer.into_body().collect()).await.expect("an end").unwrap();
    assert_eq!(body.trailers().unwrap()["x-sum"], "42");
}

#[tokio::test]
async fn who_asks_whether_to_go_on_is_told_to() {
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    let mut tcp = gate.connect().await;
    let lines = ["POST /count", "Content-Length: 5", "Expect: 100-continue", "Connection: close"];
    tcp.write_all(head(&lines).as_bytes()).await.unwrap();
    let mut interim = [0; 25];
    timeout(PATIENCE, tcp.read_exact(&mut interim)).await.expect("an interim answer").unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    tcp.write_all(b"12345").await.unwrap();
    let mut rest = String::new();
    timeout(PATIENCE, tcp.read_to_string(&mut rest)).await.expect("an answer").unwrap();
    assert!(rest.starts_with("HTTP/1.1 200 OK") && rest.ends_with("5 bytes, 0 trailers"), "{rest}");
}

#[tokio::test]
async fn a_request_whose_length_can_be_read_in_two_ways_cannot_smuggle_another_one() {
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    let ask = async |lines: &[&str], body: &str| {
        let mut tcp = gate.connect().await;
        let all = head(&[lines, &["Connection: close"]].concat()) + body;
        tcp.write_all(all.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(PATIENCE, tcp.read_to_string(&mut answer)).await.expect("an answer").unwrap();
        answer
    };
    let smuggled = "0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n";
    let both = ["POST /count", "Content-Length: 40", "Transfer-Encoding: chunked"];
    let answer = ask(&both, smuggled).await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    assert!(answer.starts_with("HTTP/1.1 400") || answer.ends_with("0 bytes, 0 trailers"), "{answer}");
    for coding in ["gzip, chunked", "chunked, chunked", "identity"] {
        let line = format!("Transfer-Encoding: {coding}");
        let answer = ask(&["POST /count", &line], "0\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{coding}: {answer}");
    }
    let exec = "POST /api/v1/namespaces/default/pods/web-0/exec?command=sh";
    let answer = ask(&[exec, "Transfer-Encoding: chunked"], "0\r\n\r\n").await;
    assert!(answer.contains("no path here takes a body"), "{answer}");
}

#[tokio::test]
async fn a_websocket_of_the_page_s_passes_both_ways_and_ends_with_execgate() {
    let server = PageServer::start().await;
    let mut gate = gate_before(&server).await;
    let mut tcp = gate.connect().await;
    let foreign = "Origin: https://elsewhere.example";
    let lines = ["GET /socket?room=1", UPGRADE, foreign, "Sec-WebSocket-Protocol: chat"];
    // The first bytes come in the same segment as the head.
    tcp.write_all((head(&lines) + "early").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(timeout(PATIENCE, tcp.read_u8()).await.expect("a head").unwrap());
    }
    let answer = String::from_utf8(answer).unwrap().to_ascii_lowercase();
    for line in [
        "http/1.1 101 switching protocols\r\n",
        "\r\nupgrade: websocket\r\n",
        "\r\nconnection: upgrade\r\n",
        "\r\nsec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n",
        "\r\nsec-websocket-protocol: chat\r\n",
        "\r\nx-kept: 1\r\n",
    ] {
        assert!(answer.contains(line), "{line:?} in {answer}");
    }
    let mut words = [0; 10];
    timeout(PATIENCE, tcp.read_exact(&mut words)).await.expect("words").unwrap();
    assert_eq!(&words, b"helloearly");
    tcp.write_all(b"again").await.unwrap();
    timeout(PATIENCE, tcp.read_exact(&mut words[..5])).await.expect("words").unwrap();
    assert_eq!(&words[..5], b"again");
    gate.signals.drain.cancel();
    timeout(PATIENCE, &mut gate.running).await.expect("it stops").unwrap();
    // In order or not: it is over.
    assert!(matches!(timeout(PATIENCE, tcp.read(&mut words)).await.expect("an end"), Ok(0) | Err(_)));
}

#[tokio::test]
async fn a_websocket_that_ends_at_one_side_ends_at_the_other() {
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    let mut tcp = gate.connect().await;
    tcp.write_all(head(&["GET /socket", UPGRADE]).as_bytes()).await.unwrap();
    let mut all = Vec::new();
    while !all.ends_with(b"\r\n\r\nhello") {
        all.push(timeout(PATIENCE, tcp.read_u8()).await.expect("words").unwrap());
    }
    tcp.write_all(b"last").await.unwrap();
    tcp.shutdown().await.unwrap();
    timeout(PATIENCE, tcp.read_to_end(&mut all)).await.expect("an end").unwrap();
    assert!(all.ends_with(b"hellolast"), "{}", String::from_utf8_lossy(&all));
}

#[tokio::test]
async fn an_upgrade_that_the_server_does_not_want_is_answered_as_it_answers() {
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    let reply = gate.ask(&["GET /told", UPGRADE]).await;
    assert_eq!(reply.code, 200);
    let told = String::from_utf8(reply.body).unwrap().to_ascii_lowercase();
    assert!(told.contains("upgrade: websocket") && told.contains("connection: upgrade"), "{told}");
}

#[tokio::test]
async fn a_server_that_is_down_or_breaks_is_told_without_its_address() {
    let down = Gate::with_frontend(&format!("{{server: {{url: \"http://{}\"}}}}", nobody())).await;
    let words = down.get("/").await.refused(StatusCode::BAD_GATEWAY);
    assert_eq!(words, "the page's server cannot be reached; try again in a moment");
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    let words = gate.get("/gone").await.refused(StatusCode::BAD_GATEWAY);
    assert_eq!(words, "the page's server broke off before it answered; try again in a moment");
}

#[tokio::test]
async fn a_server_that_takes_no_connection_in_time_is_not_waited_for() {
    // The kernel takes the connection, and nobody does the handshake.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let gate =
        Gate::with_frontend(&format!("{{server: {{url: \"{url}\", connectTimeout: 50ms, {ANYBODY}}}}}"))
            .await;
    let words = gate.get("/").await.refused(StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(words, "the page's server does not take connections in time; try again in a moment");
}

#[tokio::test]
async fn a_server_that_switches_protocols_unasked_is_not_believed() {
    let answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    let server = Upstream::start(Script::Answer(answer)).await;
    let gate = Gate::with_frontend(&format!("{{server: {{url: \"http://{}\"}}}}", server.address)).await;
    gate.get("/").await.refused(StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn an_upload_that_breaks_off_does_not_look_whole_to_the_server() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let gate = Gate::with_frontend(&format!("{{server: {{url: \"{url}\"}}}}")).await;
    for (framing, body, end) in [
        ("Transfer-Encoding: chunked", "4\r\nhalf\r\n", "4\r\nhalf\r\n"),
        ("Content-Length: 8", "half", "\r\n\r\nhalf"),
    ] {
        let mut client = gate.connect().await;
        client.write_all((head(&["POST /upload", framing]) + body).as_bytes()).await.unwrap();
        let (mut server, _) = timeout(PATIENCE, listener.accept()).await.expect("a connection").unwrap();
        let mut sent = Vec::new();
        while !sent.ends_with(end.as_bytes()) {
            sent.push(timeout(PATIENCE, server.read_u8()).await.expect("the first half").unwrap());
        }
        drop(client);
        // In order or not: there is no more.
        let _ = timeout(PATIENCE, server.read_to_end(&mut sent)).await.expect("an end");
        assert!(sent.ends_with(end.as_bytes()), "{}", String::from_utf8_lossy(&sent));
    }
}

#[tokio::test]
async fn connections_are_used_again() {
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    for _ in 0..5 {
        assert_eq!(gate.get("/told").await.code, 200);
    }
    assert!(server.connections() < 5, "{}", server.connections());
}

#[tokio::test]
async fn a_server_with_tls_is_believed_if_it_is_the_one() {
    let ca = Ca::new("the page's authority", Life::Current);
    let leaf = ca.leaf("127.0.0.1", Life::Current);
    let server = PageServer::start_behind(Some(leaf.server())).await;
    let folder = tempfile::tempdir().unwrap();
    let gate = async |ca: &Ca| {
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, ca.pem()).unwrap();
        let url = format!("https://{}", server.address);
        let authority = format!("certificateAuthority: {{file: {:?}}}", path.display());
        Gate::with_frontend(&format!("{{server: {{url: \"{url}\", {authority}}}}}")).await
    };
    assert_eq!(gate(&ca).await.get("/told").await.code, 200);
    let other = Ca::new("another authority", Life::Current);
    gate(&other).await.get("/told").await.refused(StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn the_api_stays_execgate_s() {
    let server = PageServer::start().await;
    let gate = gate_before(&server).await;
    let exec = "/api/v1/namespaces/default/pods/web-0/exec?command=sh";
    assert_eq!(gate.get(exec).await.code, 401);
    assert_eq!(gate.get("/clusters/alpha/version").await.code, 401);
    let foreign = [("origin", "https://elsewhere.example")];
    gate.fetch("GET", exec, &foreign).await.refused(StatusCode::FORBIDDEN);
    assert_eq!(gate.fetch("GET", "/api/v1/users", &foreign).await.code, 200);
    let reply = gate.ask(&["GET http://gate.example/told"]).await;
    assert_eq!(reply.code, 400, "a whole URL is for a proxy of another kind");
}
