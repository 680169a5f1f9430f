//! Messages in pieces: a browser fragments what is large, a network cuts anywhere, and the pod reads it whole and in order.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::ask::{Ask, PIPES};
use crate::support::clusters::cluster;
use crate::support::gate::Gate;
use crate::support::pair::Pair;
use crate::support::session::Session;
use crate::support::wire::masked;

const V4: &str = "v4.channel.k8s.io";
const V5: &str = "v5.channel.k8s.io";
const BASE64: &str = "base64.channel.k8s.io";

/// Bytes of every value, of which no stretch is like another.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()
    };
    std::iter::repeat_with(next).flatten().take(count).collect()
}

/// One message in frames of at most `size` bytes of payload, with a ping after each but the last.
fn fragmented(opcode: u8, payload: &[u8], size: usize) -> Vec<u8> {
    let pieces: Vec<&[u8]> = payload.chunks(size).collect();
    let mut bytes = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let is_last = index + 1 == pieces.len();
        let first = if index == 0 { opcode } else { 0 };
        bytes.extend(masked(first | if is_last { 0x80 } else { 0 }, piece));
        if !is_last {
            bytes.extend(masked(0x89, b"between"));
        }
    }
    bytes
}

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
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
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
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
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
async fn no_fragment_ever_goes_to_the_server() {
    let Pair { mut page, mut server, gate: _gate, .. } = Pair::terminal(V4).await;
    let data = noise(300_000);
    page.raw(&fragmented(0x02, &[&[0], &data[..]].concat(), 40_000)).await;
    let mut seen: Vec<u8> = Vec::new();
    while seen.len() < data.len() {
        let frame = server.next().await.unwrap();
        // FIN, binary, and a channel byte of its own.
        assert_eq!((frame.first, frame.payload[0]), (0x82, 0));
        seen.extend(&frame.payload[1..]);
    }
    assert_eq!(seen, data);
}

#[tokio::test]
async fn text_on_a_binary_subprotocol_is_taken_as_python_sends_it() {
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
    let mut session = Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(V5).open().await;
    session.frame(0x81, "\0✓ 漢字\n".as_bytes()).await;
    assert_eq!(session.until("\n").await, "✓ 漢字\n");
    session.frame(0x01, "\0in ".as_bytes()).await;
    session.frame(0x80, "two\n".as_bytes()).await;
    assert_eq!(session.until("two\n").await, "in two\n");
    session.send(&[255, 0]).await;
    assert_eq!(session.transcript().await.close(), (1000, "exit code 0"));
}

#[tokio::test]
async fn a_mebibyte_pasted_as_one_fragmented_message_comes_back_from_a_raw_terminal() {
    const MEBIBYTE: usize = 1 << 20;
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
    let script = format!("stty raw -echo; printf ready; head -c {MEBIBYTE}");
    let mut session = Ask::on_terminal(&gate, &script).offer(BASE64).open().await;
    session.until("ready").await;
    let paste = noise(MEBIBYTE);
    let text = format!("0{}", STANDARD.encode(&paste));
    session.raw_while_reading(&fragmented(0x01, text.as_bytes(), 128 * 1024)).await;
    let transcript = session.transcript().await;
    assert!(transcript.stdout == paste, "{} bytes came back", transcript.stdout.len());
    assert_eq!(transcript.close(), (1000, "exit code 0"));
    assert!(transcript.pongs.iter().all(|pong| pong == b"between"));
}
