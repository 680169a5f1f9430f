//! Terminal sizes: the terminal sees them, a burst ends with its last, and nothing that would end a session's input gets through.

use super::gate;
use crate::straight::sizes::until_size;
use crate::straight::{BASE64, V4, V5};
use crate::support::ask::{Ask, PIPES};
use crate::support::session::Session;
use crate::support::vectors::MALFORMED_SIZES;

/// A terminal that says its size after each line.
async fn terminal(gate: &super::Front, offer: &str) -> Session {
    let script = "stty -echo; echo ready; while read x; do stty size; done";
    let mut session = Ask::on_terminal(gate, script).offer(offer).open().await;
    session.until("ready\r\n").await;
    session
}

#[tokio::test]
async fn a_size_is_seen_by_stty() {
    let gate = gate().await;
    for offer in [V4, BASE64, V5] {
        let mut session = terminal(&gate, offer).await;
        for (width, height) in [(80, 24), (29999, 2), (132, 50)] {
            session.resize(width, height).await;
            until_size(&mut session, &format!("{height} {width}"), &[]).await;
        }
    }
}

#[tokio::test]
async fn a_terminal_without_input_has_its_size_too() {
    let gate = gate().await;
    for offer in [V4, BASE64, V5] {
        let script = "until [ \"$(stty size 2>/dev/null)\" = '24 80' ]; do sleep 0.02; done; stty size";
        let asked = format!("{}&stdout=1&tty=1", crate::support::ask::shell(script));
        let mut session = Ask::exec(&gate, &asked).offer(offer).open().await;
        assert!(session.heard().await.1.is_empty());
        session.resize(70, 20).await;
        session.resize(80, 24).await;
        assert_eq!(session.transcript().await.text(), "24 80\r\n", "{offer}");
    }
}

#[tokio::test]
async fn a_burst_ends_with_its_last_size() {
    let gate = gate().await;
    let mut session = terminal(&gate, BASE64).await;
    for width in 1..=500 {
        session.resize(width, 40).await;
    }
    until_size(&mut session, "40 500", &[]).await;
}

#[tokio::test]
async fn the_input_lives_on_after_every_malformed_size() {
    let gate = gate().await;
    let mut session = terminal(&gate, V4).await;
    session.resize(80, 24).await;
    until_size(&mut session, "24 80", &[]).await;
    for text in MALFORMED_SIZES {
        session.say(4, text.as_bytes()).await;
        session.say(4, text.as_bytes()).await;
        until_size(&mut session, "24 80", &["24 80"]).await;
    }
    session.resize(90, 30).await;
    until_size(&mut session, "30 90", &["24 80"]).await;
}

#[tokio::test]
async fn without_a_terminal_no_size_goes_on() {
    let gate = gate().await;
    // A translator never reads the second size, nor anything behind it.
    let mut session = Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(V5).open().await;
    for width in 1..=3 {
        session.resize(width, 24).await;
        session.type_in("x").await;
        session.until("x").await;
    }
    session.send(&[255, 0]).await;
    assert_eq!(session.transcript().await.close(), (1000, "exit code 0"));
}
