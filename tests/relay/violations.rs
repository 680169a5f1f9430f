//! What a client may not send: each breach has its close code, and the command on the other side only loses its input.

use crate::support::ask::{Ask, PIPES};
use crate::support::clusters::cluster;
use crate::support::gate::Gate;
use crate::support::session::Session;
use crate::support::wire::{hex, masked};

const V4: &str = "v4.channel.k8s.io";
const V5: &str = "v5.channel.k8s.io";
const BASE64: &str = "base64.channel.k8s.io";

/// A command that tells in a file that its input has ended, and lives on until it is told to end.
const SURVIVOR: &str = "cat >read; touch ended; while [ ! -e go ]; do sleep 0.02; done; touch survived";

async fn survivor(gate: &Gate, offer: &str) -> Session {
    let mut session = Ask::script(gate, SURVIVOR).offer(offer).open().await;
    session.type_in("before").await;
    session
}

/// What was typed before the breach has arrived, and nothing behind it; the command has lived on.
async fn assert_survived(gate: &Gate) {
    let script = "while [ ! -e ended ]; do sleep 0.02; done; touch go; while [ ! -e survived ]; do sleep 0.02; done; cat read; rm read ended go survived";
    let seen = Ask::script(gate, script).offer(V4).open().await.transcript().await;
    assert!(seen.text().starts_with("before") && !seen.text().contains("after"), "{:?}", seen.text());
}

#[tokio::test]
async fn each_breach_is_answered_with_its_code_and_the_command_lives_on() {
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
    let base64 = |text: &str| masked(0x81, text.as_bytes());
    for (offer, bytes, code) in [
        (BASE64, base64("0aGk"), 1007),
        (BASE64, base64("0Zm9v*"), 1007),
        (BASE64, base64("0-_-_"), 1007),
        (BASE64, base64("0aGk=x"), 1007),
        (V4, hex("82 02 00 78"), 1002),
        (V4, masked(0xc2, b"\0x"), 1002),
        (V4, masked(0xa2, b"\0x"), 1002),
        (V4, masked(0x92, b"\0x"), 1002),
        (V4, masked(0x83, b"\0x"), 1002),
        (V4, masked(0x80, b"\0x"), 1002),
        (V4, masked(0x8b, b""), 1002),
        (V4, masked(0x09, b""), 1002),
        (V4, masked(0x89, &[b'x'; 126]), 1002),
        (V4, masked(0x88, b"\x03"), 1002),
        (V5, masked(0x82, &[255]), 1002),
        (V5, masked(0x82, &[255, 0, 0]), 1002),
        (V5, masked(0x82, &[255, 5]), 1002),
        (V5, masked(0x82, &[255, 255]), 1002),
    ] {
        let label = format!("{offer} {:02x?}", &bytes[..bytes.len().min(12)]);
        let mut session = survivor(&gate, offer).await;
        // Nothing behind a breach counts.
        session.raw(&[bytes, masked(0x82, b"\0after")].concat()).await;
        let transcript = session.transcript().await;
        let (told, reason) = transcript.close();
        assert!(told == code && !reason.is_empty(), "{label}: {told} {reason}");
        assert!(transcript.statuses.is_empty(), "{label}: a breach is no exit");
        assert_survived(&gate).await;
    }
}

#[tokio::test]
async fn what_is_only_unusual_ends_nothing() {
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
    let mut session = Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(V4).open().await;
    for (first, payload) in [
        (0x81, &b"\0x"[..]),
        (0x82, b"\xff\0"),
        (0x82, b"\x09x"),
        (0x82, b""),
        (0x82, b"\0"),
        (0x8a, b"never asked"),
    ] {
        session.frame(first, payload).await;
        session.type_in("y").await;
        session.until("y").await;
    }
}
