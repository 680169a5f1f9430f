//! Terminal sizes on the wire behind the gate.

use crate::support::pair::Pair;
use crate::support::vectors::MALFORMED_SIZES;
use crate::support::wire::Frame;

const V4: &str = "v4.channel.k8s.io";

#[tokio::test]
async fn sizes_reach_the_server_whole_and_in_one_spelling() {
    let Pair { page: mut session, mut server, gate: _gate, .. } = Pair::terminal(V4).await;
    for text in MALFORMED_SIZES {
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
