//! A page reads in its terminal why it was refused; a program reads a Status.

use crate::gate::{ALICE, BOB, Gate, Script, UPGRADE, Upstream, nobody};

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
        let (reply, frames) = gate.ask_as_page(&[EXEC, UPGRADE, ORIGIN, BROWSER, BASE64, credential]).await;
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
