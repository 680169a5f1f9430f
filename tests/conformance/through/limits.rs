//! The limits of a session, and the end of the gate.

use tokio::net::TcpStream;

use super::gate_with;
use crate::straight::{BASE64, V4};
use crate::support::ask::{Ask, PIPES};
use crate::support::session::Transcript;

/// What pages and programs read of a limit: 1008 and words, or a Failure and 1000.
fn assert_limited(transcript: &Transcript, offer: &str, words: &str) {
    let (code, reason) = transcript.close();
    assert_eq!((code, reason), (if offer == V4 { 1000 } else { 1008 }, words), "{offer}");
    assert!(transcript.statuses.concat().contains(words), "{offer}: {transcript:?}");
    if offer == V4 {
        assert_eq!(transcript.status()["status"], "Failure");
    }
}

#[tokio::test]
async fn a_session_without_data_ends_at_the_idle_timeout() {
    let gate = gate_with("{idleTimeout: 200ms}").await;
    for offer in [V4, BASE64] {
        let mut session = Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(offer).open().await;
        session.frame(0x89, b"a ping is no data").await;
        let transcript = session.transcript().await;
        assert_limited(&transcript, offer, "no input or output for 200 ms");
    }
}

#[tokio::test]
async fn a_session_with_data_ends_at_the_longest_duration() {
    let gate = gate_with("{maxDuration: 1s}").await;
    for offer in [V4, BASE64] {
        let script = "while :; do echo tick; sleep 0.02; done";
        let transcript = Ask::script(&gate, script).offer(offer).open().await.transcript().await;
        assert!(transcript.text().starts_with("tick\ntick\n"), "{}", transcript.text());
        assert_limited(&transcript, offer, "the session reached its longest duration of 1 s");
    }
}

#[tokio::test]
async fn a_session_that_outlasts_the_drain_timeout_is_told_1001_and_the_gate_ends() {
    let mut front = gate_with("{drainTimeout: 100ms}").await;
    let mut sessions = Vec::new();
    for offer in [V4, BASE64] {
        let mut session = Ask::exec(&front, &format!("command=cat&{PIPES}")).offer(offer).open().await;
        session.type_in("x").await;
        session.until("x").await;
        sessions.push((offer, session));
    }
    front.signals.drain.cancel();
    while TcpStream::connect(front.address).await.is_ok() {}
    for (offer, session) in &mut sessions {
        let transcript = session.transcript().await;
        let (code, reason) = transcript.close();
        assert!(code == 1001 && reason.contains("connect again"), "{offer}: {code} {reason}");
    }
    drop(sessions);
    (&mut front.gate.running).await.unwrap();
}

#[tokio::test]
async fn a_session_too_many_is_told_so_in_each_way() {
    let gate = gate_with("{max: 1}").await;
    let ask = || Ask::exec(&gate, &format!("command=cat&{PIPES}"));
    let _taken = ask().offer(V4).open().await;
    let answer = ask().offer(V4).refused().await;
    assert_eq!((answer.code(), answer.header("retry-after")), (503, Some("5")));
    let transcript = ask().by_page().offer(BASE64).open().await.transcript().await;
    assert_eq!(transcript.close().0, 1013);
}
