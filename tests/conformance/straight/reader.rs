//! One reader: while a message waits for its consumer, the server reads nothing else.

use super::{V4, V5, connected, name, tell, until_told};
use crate::subject::cluster;
use crate::support::ask::{Ask, Serves, shell};
use crate::support::session::Session;

/// A script's session, which has said that it is connected.
async fn script(cluster: &impl Serves, script: &str, offer: &str) -> Session {
    connected(cluster, &shell(script), offer).await
}

#[tokio::test]
async fn no_ping_is_answered_while_stdin_is_stuck_and_output_flows() {
    let cluster = cluster().await;
    let name = name();
    let ticking = format!("while [ ! -e {name} ]; do echo tick; sleep 0.05; done; head -c 400000 | wc -c");
    let mut session = script(&cluster, &ticking, V4).await;
    // More than the pipes behind the server hold.
    session.send(&[&[0][..], &vec![b'x'; 400_000]].concat()).await;
    session.frame(0x89, b"late").await;
    // Any frame but stdout fails this.
    for _ in 0..8 {
        session.until("tick\n").await;
    }
    tell(&cluster, &name).await;
    let transcript = session.transcript().await;
    assert!(transcript.text().ends_with("400000\n"), "{}", transcript.text());
    assert_eq!(transcript.pongs, [b"late"]);
}

#[tokio::test]
async fn a_command_that_has_closed_its_input_swallows_what_comes() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let name = name();
        let deaf = format!("exec <&-; echo deaf; {}; echo end", until_told(&name));
        let mut session = script(&cluster, &deaf, offer).await;
        session.until("deaf\n").await;
        for _ in 0..4 {
            session.send(&[&[0][..], &vec![b'x'; 10_000]].concat()).await;
        }
        session.frame(0x89, b"heard").await;
        let pong = session.next().await.unwrap();
        assert_eq!((pong.first, pong.payload.as_slice()), (0x8a, &b"heard"[..]), "{offer}");
        tell(&cluster, &name).await;
        assert_eq!(session.transcript().await.text(), "end\n", "{offer}");
    }
}

#[tokio::test]
async fn a_malformed_size_kills_the_input_at_the_next_size() {
    let cluster = cluster().await;
    for (offer, bad) in [
        (V4, r#"{"Width":70000,"Height":24}"#),
        (V4, r#"{"Width":-1,"Height":24}"#),
        (V4, r#"{"Width":80.5,"Height":24}"#),
        (V4, r#"{"Width":1e2,"Height":24}"#),
        (V4, r#"{"Width":"80","Height":24}"#),
        (V4, r#"{"Width":80 "Height":24}"#),
        (V4, r#"{"Width":80,"Height":24}]"#),
        (V4, "[]"),
        (V4, "x"),
        (V5, r#"{"Width":70000,"Height":24}"#),
        (V5, "x"),
    ] {
        let name = name();
        let lines = format!("stty -echo; echo ready; read x; echo got $x; {}; echo end", until_told(&name));
        let mut session = Ask::on_terminal(&cluster, &lines).offer(offer).open().await;
        session.until("ready\r\n").await;
        session.send(&[b"\x04", bad.as_bytes()].concat()).await;
        session.send(b"\0one\n").await;
        assert_eq!(session.until("one\r\n").await, "got one\r\n", "{offer} {bad}: input is still read");
        session.resize(80, 24).await;
        session.frame(0x89, b"never").await;
        session.frame(0x88, &[3, 0xe8]).await;
        tell(&cluster, &name).await;
        let transcript = session.transcript().await;
        assert_eq!((transcript.text().as_str(), transcript.pongs.len()), ("end\r\n", 0), "{offer} {bad}");
        assert_eq!(transcript.statuses.len(), 1, "{offer} {bad}: the command's own end");
    }
}

#[tokio::test]
async fn without_a_tty_the_runtime_takes_sizes_and_behind_a_translator_the_second_one_kills_the_input() {
    let cluster = cluster().await;
    for (offer, pongs) in [(V4, 1), (V5, 0)] {
        let name = name();
        let lines = format!("read x; echo got $x; {}; echo end", until_told(&name));
        let mut session = script(&cluster, &lines, offer).await;
        session.resize(80, 24).await;
        session.send(b"\0one\n").await;
        session.until("got one\n").await;
        session.resize(81, 24).await;
        session.frame(0x89, b"there?").await;
        if pongs == 1 {
            assert_eq!(session.next().await.unwrap().first, 0x8a);
        }
        tell(&cluster, &name).await;
        let transcript = session.transcript().await;
        assert_eq!((transcript.text().as_str(), transcript.pongs.len()), ("end\n", 0), "{offer}");
    }
}
