//! Messages in pieces, of any size, in either opcode: the pod reads them whole and in order.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{assert_exit, gate, gate_with, name, tell, until_told};
use crate::straight::{BASE64, V4, V5};
use crate::support::ask::{Ask, PIPES, shell};
use crate::support::pieces::{fragmented, noise, sha256};
use crate::support::session::Session;
use crate::support::wire::{Frame, masked};

async fn until_bytes(session: &mut Session, count: usize) -> Vec<u8> {
    let mut seen = Vec::new();
    while seen.len() < count {
        let frame = session.next().await.expect("the session has ended");
        if frame.first == 0x8a {
            assert_eq!(frame.payload, b"between");
        } else {
            seen.extend(session.read(&frame).1);
        }
    }
    seen
}

#[tokio::test]
async fn fragments_of_any_size_with_pings_between_reach_the_pod_whole() {
    let gate = gate().await;
    for offer in [BASE64, V4] {
        let mut session = Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(offer).open().await;
        session.bytes(3).await;
        let data = noise(3000);
        for size in [1, 2, 3, 7, 124, 125, 126, 1000, 2999] {
            let (first, payload) = session.message(0, &data);
            session.raw_while_reading(&fragmented(first & 0x0f, &payload, size)).await;
            assert_eq!(until_bytes(&mut session, data.len()).await, data, "{offer} in pieces of {size}");
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_between_any_two_bytes_reaches_the_pod_whole() {
    let gate = gate().await;
    let mut session = Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(BASE64).open().await;
    let data = noise(200);
    let (_, payload) = session.message(0, &data);
    for byte in fragmented(0x01, &payload, 50) {
        session.raw(&[byte]).await;
    }
    session.bytes(3).await;
    assert_eq!(until_bytes(&mut session, data.len()).await, data);
}

#[tokio::test]
async fn text_on_a_binary_subprotocol_is_taken_as_python_sends_it() {
    let gate = gate().await;
    let mut session = Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(V5).open().await;
    session.frame(0x81, "\0✓ 漢字\n".as_bytes()).await;
    assert_eq!(session.until("\n").await, "✓ 漢字\n");
    session.frame(0x01, "\0in ".as_bytes()).await;
    session.frame(0x80, "two\n".as_bytes()).await;
    assert_eq!(session.until("two\n").await, "in two\n");
    session.send(&[255, 0]).await;
    assert_exit(&session.transcript().await, V5, 0);
}

/// More than any server takes in one frame.
const LARGE: usize = 40 << 20;

#[tokio::test]
async fn a_message_larger_than_any_server_takes_reaches_the_pod_whole() {
    let gate = gate().await;
    let count = format!("{}&{PIPES}", shell(&format!("head -c {LARGE} | sha256sum")));
    let data = vec![b'x'; LARGE];
    let expected = sha256(&data);
    for offer in [BASE64, V4] {
        let mut session = Ask::exec(&gate, &count).offer(offer).open().await;
        let (first, payload) = session.message(0, &data);
        // In pieces, so that what is waited for is that each of them moves.
        for piece in masked(first, &payload).chunks(1 << 20) {
            session.raw(piece).await;
        }
        let transcript = session.transcript().await;
        assert!(transcript.text().starts_with(&expected), "{offer}: {transcript:?}");
        assert_exit(&transcript, offer, 0);
    }
}

#[tokio::test]
async fn a_mebibyte_pasted_as_one_fragmented_message_comes_back_from_a_raw_terminal() {
    const MEBIBYTE: usize = 1 << 20;
    let gate = gate().await;
    let script = format!("stty raw -echo; printf ready; head -c {MEBIBYTE}");
    let mut session = Ask::on_terminal(&gate, &script).offer(BASE64).open().await;
    session.until("ready").await;
    let paste = noise(MEBIBYTE);
    let text = format!("0{}", STANDARD.encode(&paste));
    session.raw_while_reading(&fragmented(0x01, text.as_bytes(), 128 * 1024)).await;
    let transcript = session.transcript().await;
    assert!(transcript.stdout == paste, "{} bytes came back", transcript.stdout.len());
    assert_exit(&transcript, BASE64, 0);
    assert!(transcript.pongs.iter().all(|pong| pong == b"between"));
}

#[tokio::test]
async fn a_client_is_answered_while_its_command_reads_no_input() {
    let gate = gate().await;
    for offer in [V4, V5] {
        let name = name();
        let script = format!("{}; head -c 400000 | wc -c", until_told(&name));
        let mut session = Ask::script(&gate, &script).offer(offer).open().await;
        session.bytes(3).await;
        // More than the pipes behind the server hold: on v4 it answers no ping from here on, and we do.
        session.type_in(vec![b'x'; 400_000]).await;
        for payload in [b"one", b"two"] {
            session.frame(0x89, payload).await;
            assert_eq!(session.next().await, Some(Frame { first: 0x8a, payload: payload.to_vec() }));
        }
        tell(&gate, &name).await;
        assert_eq!(session.transcript().await.text().trim(), "400000", "{offer}");
    }
}

#[tokio::test]
async fn characters_that_the_cluster_cuts_arrive_whole_at_a_page() {
    let gate = gate_with("{utf8Hold: 10s}").await;
    let name = name();
    // Two messages of the server's, half a character each.
    let script = format!("printf '\\342\\234'; {}; printf '\\223'", until_told(&name));
    let mut session = Ask::script(&gate, &script).offer(BASE64).open().await;
    assert_eq!(session.heard().await, (1, vec![]));
    tell(&gate, &name).await;
    assert_eq!(session.heard().await, (1, "✓".as_bytes().to_vec()));
}
