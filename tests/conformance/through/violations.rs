//! What a client may not send: each breach has its close code, and the command on the other side only loses its input.

use super::{Front, gate, name, tell, until_told};
use crate::straight::{BASE64, V4, V5};
use crate::support::ask::{Ask, PIPES};
use crate::support::session::Session;
use crate::support::wire::{hex, masked};

/// A command that keeps what it reads in one file, tells in another that its input has ended, and lives on until it is told to end.
async fn survivor(gate: &Front, name: &str, offer: &str) -> Session {
    let script = format!("cat >{name}-read; touch {name}-ended; {}; touch {name}-survived", until_told(name));
    let mut session = Ask::script(gate, &script).offer(offer).open().await;
    session.type_in("before").await;
    session
}

/// What was typed before the breach has arrived, and nothing behind it; the command has lived on.
async fn assert_survived(gate: &Front, name: &str) {
    let (ended, survived) = (until_told(&format!("{name}-ended")), until_told(&format!("{name}-survived")));
    let script = format!("{ended}; touch {name}; {survived}; cat {name}-read; rm {name}*");
    let seen = Ask::script(gate, &script).offer(V4).open().await.transcript().await;
    assert!(seen.text().starts_with("before") && !seen.text().contains("after"), "{:?}", seen.text());
}

#[tokio::test]
async fn each_breach_is_answered_with_its_code_and_the_command_lives_on() {
    let gate = gate().await;
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
        let name = name();
        let mut session = survivor(&gate, &name, offer).await;
        // Nothing behind a breach counts.
        session.raw(&[bytes, masked(0x82, b"\0after")].concat()).await;
        let transcript = session.transcript().await;
        let (told, reason) = transcript.close();
        assert!(told == code && !reason.is_empty(), "{label}: {told} {reason}");
        assert!(transcript.statuses.is_empty(), "{label}: a breach is no exit");
        assert_survived(&gate, &name).await;
    }
}

#[tokio::test]
async fn what_is_only_unusual_ends_nothing() {
    let gate = gate().await;
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
    tell(&gate, &name()).await;
}
