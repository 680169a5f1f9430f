//! v5's close signal: `ff n`.

use super::{BASE64, CHANNEL, CLOSE, V4, V4_BASE64, V5, connected};
use crate::subject::cluster;
use crate::support::ask::Ask;
use crate::support::vectors::{END_OF_STDIN, RESIZE, STDIN_FOO, SUCCESS};
use crate::support::wire::hex;

#[tokio::test]
async fn a_whole_v5_session_is_as_the_vectors_say() {
    let cluster = cluster().await;
    let mut session = connected(&cluster, "command=cat", V5).await;
    session.raw(&hex(STDIN_FOO)).await;
    session.raw(&hex(END_OF_STDIN)).await;
    let expected = [hex("82 05 01 66 6f 6f 0a"), hex(SUCCESS), CLOSE.to_vec()];
    assert_eq!(session.rest().await, expected.concat());
}

#[tokio::test]
async fn the_end_of_stdin_counts_once_and_other_channels_have_none() {
    let cluster = cluster().await;
    for opcode in [0x81, 0x82] {
        let mut session = connected(&cluster, "command=cat", V5).await;
        session.send(b"\0a").await;
        for close in [[255, 1], [255, 2], [255, 3], [255, 4], [255, 0], [255, 0]] {
            session.frame(opcode, &close).await;
        }
        session.send(b"\0b").await;
        let transcript = session.transcript().await;
        assert_eq!(transcript.text(), "a");
        assert_eq!(transcript.statuses, [r#"{"metadata":{},"status":"Success"}"#]);
    }
}

#[tokio::test]
async fn a_malformed_close_signal_ends_the_session_without_a_status() {
    let cluster = cluster().await;
    for signal in [&[255][..], &[255, 0, 0], &[255, 5], &[255, 255]] {
        for opcode in [0x81, 0x82] {
            let mut session = connected(&cluster, "command=cat", V5).await;
            session.frame(opcode, signal).await;
            assert_eq!(session.rest().await, CLOSE, "{signal:?}");
        }
    }
}

#[tokio::test]
async fn before_v5_the_close_signal_is_no_channel() {
    let cluster = cluster().await;
    for offer in [CHANNEL, V4] {
        let mut session = connected(&cluster, "command=cat", offer).await;
        for signal in [&[255, 0][..], &[255], &[255, 5]] {
            session.send(signal).await;
        }
        session.send(b"\0still\n").await;
        assert_eq!(session.until("\n").await, "still\n", "{offer}");
    }
    for offer in [BASE64, V4_BASE64] {
        let mut session = connected(&cluster, "command=cat", offer).await;
        session.send(&[255, 0]).await;
        session.type_in("still\n").await;
        assert_eq!(session.until("\n").await, "still\n", "{offer}");
    }
}

#[tokio::test]
async fn sizes_after_the_end_of_their_channel_are_dropped() {
    let cluster = cluster().await;
    let script = "stty -echo; echo ready; while read x; do stty size; done";
    let mut session = Ask::on_terminal(&cluster, script).offer(V5).open().await;
    session.until("ready\r\n").await;
    session.raw(&hex(RESIZE)).await;
    session.send(&[255, 4]).await;
    for _ in 0..3 {
        session.resize(132, 50).await;
    }
    // Sizes take another way than input: once the first has arrived, the others would have too.
    let mut size = String::new();
    while size != "24 80\r\n" {
        session.type_in("\n").await;
        size = session.until("\n").await;
        assert_ne!(size, "50 132\r\n");
    }
    session.type_in("\n").await;
    assert_eq!(session.until("\n").await, "24 80\r\n");
}
