//! Terminal sizes: the terminal sees them, a burst ends with its last, and nothing that would end a session's input gets through.

use crate::support::ask::{Ask, PIPES};
use crate::support::clusters::cluster;
use crate::support::gate::Gate;
use crate::support::pair::Pair;
use crate::support::wire::Frame;

const V4: &str = "v4.channel.k8s.io";
const BASE64: &str = "base64.channel.k8s.io";

/// Everything that would end a server's decoder for good, or says nothing.
const MALFORMED: [&str; 14] = [
    r#"{"Width":70000,"Height":24}"#,
    r#"{"Width":-1,"Height":24}"#,
    r#"{"Width":80.5,"Height":24}"#,
    r#"{"Width":"80","Height":24}"#,
    r#"{"Width":0,"Height":24}"#,
    r#"{"Width":80}"#,
    r#"{"Width":80,"Height":24"#,
    r#"{"Width":80,"Height":24}]"#,
    "null",
    "{}",
    "[]",
    "80x24",
    "{",
    " ",
];

#[tokio::test]
async fn a_size_is_seen_by_stty() {
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
    for offer in [V4, BASE64] {
        let script = "stty -echo; echo ready; while read x; do stty size; done";
        let mut session = Ask::on_terminal(&gate, script).offer(offer).open().await;
        session.until("ready\r\n").await;
        for (width, height) in [(80, 24), (65535, 1), (132, 50)] {
            session.resize(width, height).await;
            session.type_in("\n").await;
            assert_eq!(session.until("\n").await, format!("{height} {width}\r\n"), "{offer}");
        }
    }
}

#[tokio::test]
async fn a_burst_ends_with_its_last_size() {
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
    let mut session =
        Ask::on_terminal(&gate, "stty -echo; echo ready; read x; stty size").offer(BASE64).open().await;
    session.until("ready\r\n").await;
    for width in 1..=500 {
        session.resize(width, 40).await;
    }
    session.type_in("\n").await;
    assert_eq!(session.transcript().await.text(), "40 500\r\n");
}

#[tokio::test]
async fn the_input_lives_on_after_every_malformed_size() {
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
    let script = "stty -echo; echo ready; while read x; do stty size; done";
    let mut session = Ask::on_terminal(&gate, script).offer(V4).open().await;
    session.until("ready\r\n").await;
    session.resize(80, 24).await;
    for text in MALFORMED {
        session.say(4, text.as_bytes()).await;
        session.say(4, text.as_bytes()).await;
        session.type_in("\n").await;
        assert_eq!(session.until("\n").await, "24 80\r\n", "{text}");
    }
    session.resize(90, 30).await;
    session.type_in("\n").await;
    assert_eq!(session.until("\n").await, "30 90\r\n");
}

#[tokio::test]
async fn sizes_reach_the_server_whole_and_in_one_spelling() {
    let Pair { page: mut session, mut server, gate: _gate, .. } = Pair::terminal(V4).await;
    for text in MALFORMED {
        session.say(4, text.as_bytes()).await;
    }
    session.say(4, br#" {"height" : 24, "x": [1], "WIDTH":80 } "#).await;
    let size = [b"\x04", &br#"{"Width":80,"Height":24}"#[..]].concat();
    assert_eq!(server.next().await, Some(Frame { first: 0x82, payload: size }));
    // In the fragments that a browser may make of it.
    session.frame(0x02, b"\x04{\"Width\":9").await;
    session.frame(0x80, b"1,\"Height\":31}").await;
    let size = [b"\x04", &br#"{"Width":91,"Height":31}"#[..]].concat();
    assert_eq!(server.next().await, Some(Frame { first: 0x82, payload: size }));
}

#[tokio::test]
async fn without_a_terminal_no_size_goes_on() {
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
    // A translator never reads the second size, nor anything behind it.
    let mut session =
        Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer("v5.channel.k8s.io").open().await;
    for width in 1..=3 {
        session.resize(width, 24).await;
        session.type_in("x").await;
        session.until("x").await;
    }
    session.send(&[255, 0]).await;
    assert_eq!(session.transcript().await.close(), (1000, "exit code 0"));
}
