//! Who is refused at the front door, in which order, and how they are told.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

#[path = "front/gate.rs"]
mod gate;
#[path = "support/support.rs"]
mod support;

mod order {
    use super::gate::{ALICE, BOB, Gate, Reply, UPGRADE, head};
    use tokio::io::AsyncWriteExt as _;

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
}

mod paths {
    use super::gate::{ALICE, Gate, UPGRADE};

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
            "/api",
            "/api/v1/pods",
            "/apis/apps/v1",
            "/clusters/alpha",
            "/api/v1/namespaces/default/pods/web-0",
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
}

mod handshake {
    use super::gate::{ALICE, Gate, Reply, Script, UPGRADE, Upstream, head};
    use tokio::io::AsyncWriteExt as _;

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
        let reply =
            gate.ask(&[EXEC, UPGRADE, ALICE, "Sec-WebSocket-Protocol: chat, v3.channel.k8s.io"]).await;
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
        let evil =
            "Impersonate-User: admin\r\nX-Forwarded-For: 1.2.3.4\r\nCookie: gate=alice-token\r\nX-Evil: 1";
        assert_eq!(gate.ask(&[line, UPGRADE, ALICE, evil]).await.code, 101);
        let heads = upstream.heads();
        let sent = heads[0].to_ascii_lowercase();
        let path = "/api/v1/namespaces/default/pods/web-0/exec?command=echo%20%22hi%22&stdin=true&stdout=true&tty=true";
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
}

mod dialling {
    use super::gate::{ALICE, BOB, Gate, Script, UPGRADE, Upstream, nobody};

    const EXEC: &str = "GET /api/v1/namespaces/default/pods/web-9/exec?command=sh&stdout=1&tty=1";
    const NOT_FOUND: &str = concat!(
        "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 124\r\nConnection: close\r\n\r\n",
        r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"web-9\" not found","reason":"NotFound","#,
        "\n"
    );

    async fn refused_with(answer: &'static str) -> super::gate::Reply {
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
}

mod pages {
    use super::gate::{ALICE, BOB, Gate, Script, UPGRADE, Upstream, nobody};

    const EXEC: &str =
        "GET /api/v1/namespaces/default/pods/vault/exec?command=sh&stdin=1&stdout=1&stderr=1&tty=1";
    const ORIGIN: &str = "Origin: http://gate.example";
    const BROWSER: &str = "User-Agent: Mozilla/5.0 (X11; Linux x86_64)";
    const BASE64: &str = "Sec-WebSocket-Protocol: base64.channel.k8s.io";
    const CONNECTED: &[u8] = b"\x81\x011";

    /// The payload of the unmasked frame that starts `frames`, and what follows it.
    fn frame(frames: &[u8]) -> (u8, &[u8], &[u8]) {
        let (length, rest) = match frames[1] {
            126 => (usize::from(u16::from_be_bytes([frames[2], frames[3]])), &frames[4..]),
            short => (usize::from(short), &frames[2..]),
        };
        (frames[0], &rest[..length], &rest[length..])
    }

    /// What a base64 page reads: the words in its terminal, and the close code and reason.
    fn told(frames: &[u8]) -> (String, u16, String) {
        use base64::Engine as _;
        let rest = frames.strip_prefix(CONNECTED).expect("the first message of every server");
        let (opcode, words, rest) = frame(rest);
        assert_eq!((opcode, words[0]), (0x81, b'1'));
        let words = base64::engine::general_purpose::STANDARD.decode(&words[1..]).unwrap();
        let (opcode, close, rest) = frame(rest);
        assert_eq!((opcode, rest), (0x88, &b""[..]));
        let code = u16::from_be_bytes([close[0], close[1]]);
        (String::from_utf8(words).unwrap(), code, String::from_utf8(close[2..].to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_page_reads_the_reason_in_its_terminal_and_in_the_close_frame() {
        let gate = Gate::before_address(nobody(), |_| {}).await;
        for (credential, code, part) in [
            ("X-None: 1", 4401, "no credential"),
            ("Authorization: Bearer wrong", 4401, "not accepted"),
            (BOB, 4403, "user \"bob\" may not exec in pod \"vault\""),
            (ALICE, 1011, "cannot be reached"),
        ] {
            let (reply, frames) =
                gate.ask_as_page(&[EXEC, UPGRADE, ORIGIN, BROWSER, BASE64, credential]).await;
            assert_eq!(
                (reply.code, reply.header("sec-websocket-protocol")),
                (101, Some("base64.channel.k8s.io"))
            );
            let (words, closed, reason) = told(&frames);
            assert!(
                words.starts_with("execgate: ") && words.contains(part) && words.ends_with("\r\n"),
                "{words}"
            );
            assert_eq!(closed, code, "{words}");
            assert!(!reason.is_empty() && reason.len() <= 123);
        }
    }

    #[tokio::test]
    async fn a_page_is_told_of_unknown_clusters_and_full_gates_too() {
        let gate = Gate::before_address(nobody(), |settings| settings.sessions.max = 0).await;
        let (_, frames) = gate.ask_as_page(&[EXEC, UPGRADE, ORIGIN, BROWSER, BASE64, ALICE]).await;
        assert_eq!(told(&frames).1, 1013);
        let gate = Gate::alone().await;
        let unknown = EXEC.replace("/api/v1", "/clusters/nowhere/api/v1");
        let (_, frames) = gate.ask_as_page(&[&unknown, UPGRADE, ORIGIN, BROWSER, BASE64, ALICE]).await;
        assert_eq!(told(&frames).1, 4404);
    }

    #[tokio::test]
    async fn a_page_reads_our_words_about_the_api_servers_refusal() {
        let answer = "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 44\r\n\r\nerror dialing 10.9.8.7:10250: container dead";
        let upstream = Upstream::start(Script::Answer(answer)).await;
        let gate = Gate::before_address(upstream.address, |_| {}).await;
        let (_, frames) = gate.ask_as_page(&[EXEC, UPGRADE, ORIGIN, BROWSER, BASE64, ALICE]).await;
        let (words, code, _) = told(&frames);
        assert_eq!(code, 1011);
        assert!(words.contains("alpha") && !words.contains("10.9.8.7"), "{words}");
    }

    #[tokio::test]
    async fn a_v4_page_gets_a_status_on_channel_3_besides() {
        let gate = Gate::alone().await;
        let v4 = "Sec-WebSocket-Protocol: v4.channel.k8s.io";
        let (reply, frames) = gate.ask_as_page(&[EXEC, UPGRADE, ORIGIN, BROWSER, v4, BOB]).await;
        assert_eq!(reply.code, 101);
        let (_, first, rest) = frame(&frames);
        let (_, words, rest) = frame(rest);
        let (_, status, rest) = frame(rest);
        let (opcode, close, _) = frame(rest);
        assert_eq!((first, words[0], status[0], opcode), (&[1][..], 1, 3, 0x88));
        let status: serde_json::Value = serde_json::from_slice(&status[1..]).unwrap();
        assert_eq!((&status["status"], &status["code"]), (&"Failure".into(), &403.into()));
        assert_eq!(close[..2], 4403_u16.to_be_bytes());
    }

    #[tokio::test]
    async fn programs_and_developers_get_http() {
        let gate = Gate::alone().await;
        let v4 = "Sec-WebSocket-Protocol: v5.channel.k8s.io,v4.channel.k8s.io";
        let python = gate.ask(&[EXEC, UPGRADE, ORIGIN, v4, BOB]).await;
        assert_eq!(python.status().0, 403);
        let no_origin = gate.ask(&[EXEC, UPGRADE, BROWSER, BASE64, BOB]).await;
        assert_eq!(no_origin.status().0, 403);
        let foreign = gate.ask(&[EXEC, UPGRADE, "Origin: https://evil.example", BROWSER, BASE64, BOB]).await;
        assert_eq!(foreign.status().0, 403);
        let malformed = EXEC.replace("tty", "tyt");
        let reply = gate.ask(&[&malformed, UPGRADE, ORIGIN, BROWSER, BASE64, BOB]).await;
        assert_eq!(reply.status().0, 400);
    }

    #[tokio::test]
    async fn a_page_without_the_mozilla_word_is_known_by_its_base64() {
        let gate = Gate::alone().await;
        let (reply, frames) = gate.ask_as_page(&[EXEC, UPGRADE, ORIGIN, BASE64, BOB]).await;
        assert_eq!((reply.code, told(&frames).1), (101, 4403));
    }
}

mod ending {
    use std::time::Duration;

    use super::gate::{ALICE, Gate, Reply, Script, UPGRADE, Upstream, head};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    const EXEC: &str = "GET /api/v1/namespaces/default/pods/web-0/exec?command=sh&stdin=1&stdout=1&tty=1";

    async fn open(gate: &Gate) -> TcpStream {
        let mut tcp = gate.connect().await;
        tcp.write_all(head(&[EXEC, UPGRADE, ALICE]).as_bytes()).await.unwrap();
        assert_eq!(Reply::read(&mut tcp).await.code, 101);
        tcp
    }

    #[tokio::test]
    async fn a_session_that_outlasts_the_drain_timeout_is_told_1001_and_then_the_gate_is_gone() {
        let upstream = Upstream::start(Script::Accept).await;
        let drain_timeout = Duration::from_millis(100);
        let mut gate = Gate::before_address(upstream.address, |settings| {
            settings.sessions.drain_timeout = drain_timeout;
        })
        .await;
        let mut session = open(&gate).await;
        let idle = gate.connect().await;
        gate.signals.drain.cancel();
        let mut frames = Vec::new();
        session.read_to_end(&mut frames).await.unwrap();
        let close = frames.windows(2).position(|pair| pair == 1001_u16.to_be_bytes()).expect("1001");
        assert_eq!(frames[close - 2], 0x88);
        drop(session);
        (&mut gate.running).await.unwrap();
        assert!(TcpStream::connect(gate.address).await.is_err());
        drop(idle);
    }

    #[tokio::test]
    async fn a_gate_without_sessions_ends_at_once() {
        let mut gate = Gate::alone().await;
        gate.signals.drain.cancel();
        (&mut gate.running).await.unwrap();
    }

    #[tokio::test]
    async fn the_place_of_a_session_is_free_again_once_it_is_over() {
        let upstream = Upstream::start(Script::Accept).await;
        let gate = Gate::before_address(upstream.address, |settings| settings.sessions.max = 1).await;
        let session = open(&gate).await;
        assert_eq!(gate.ask(&[EXEC, UPGRADE, ALICE]).await.code, 503);
        drop(session);
        while gate.ask(&[EXEC, UPGRADE, ALICE]).await.code == 503 {}
    }
}
