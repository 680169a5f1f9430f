//! Pings belong to their leg: each is answered where it came from, none goes on, and silence has a limit.

use std::time::Duration;

use crate::support::ask::{Ask, PIPES, TTY};
use crate::support::clusters::cluster;
use crate::support::gate::Gate;
use crate::support::pair::Pair;
use crate::support::setup::Setup;
use crate::support::wire::{Frame, framed, masked};

const V4: &str = "v4.channel.k8s.io";
const BASE64: &str = "base64.channel.k8s.io";

/// A client and its API server, with these limits.
async fn limited(offer: &str, sessions: &str) -> Pair {
    Pair::limited(offer, TTY, sessions).await
}

fn frame(first: u8, payload: &[u8]) -> Frame {
    Frame { first, payload: payload.to_vec() }
}

#[tokio::test]
async fn a_ping_of_the_client_is_answered_here_and_does_not_go_on() {
    for offer in [V4, BASE64] {
        let Pair { mut page, mut server, gate: _gate, .. } = limited(offer, "{}").await;
        for payload in [&b""[..], b"5 s", &[0xa5; 125]] {
            page.frame(0x89, payload).await;
            assert_eq!(page.next().await, Some(frame(0x8a, payload)), "{offer}");
        }
        page.frame(0x8a, b"nobody asked").await;
        page.type_in("x").await;
        assert_eq!(server.next().await, Some(frame(0x82, b"\0x")), "{offer}");
    }
}

#[tokio::test]
async fn a_ping_of_the_server_is_answered_there_and_does_not_go_on() {
    let Pair { mut page, mut server, gate: _gate, .. } = limited(BASE64, "{}").await;
    server.frame(0x89, b"are you there").await;
    assert_eq!(server.next().await, Some(frame(0x8a, b"are you there")));
    server.frame(0x82, b"\x01x").await;
    assert_eq!(page.next().await, Some(frame(0x81, b"1eA==")));
}

#[tokio::test]
async fn a_client_is_answered_while_its_command_reads_no_input() {
    let cluster = cluster().await;
    let gate = Gate::before(&cluster).await;
    let script = "while [ ! -e go ]; do sleep 0.02; done; wc -c";
    let mut session = Ask::script(&gate, script).offer("v5.channel.k8s.io").open().await;
    session.bytes(3).await;
    // More than the command's pipe holds: the server answers no ping from here on, and we do.
    session.type_in(vec![b'x'; 100_000]).await;
    for payload in [b"one", b"two"] {
        session.frame(0x89, payload).await;
        assert_eq!(session.next().await, Some(frame(0x8a, payload)));
    }
    session.send(&[255, 0]).await;
    Ask::script(&gate, "touch go").offer(V4).open().await.transcript().await;
    assert_eq!(session.transcript().await.text().trim(), "100000");
}

#[tokio::test]
async fn a_client_whose_input_is_stuck_still_hears_that_we_live() {
    let Pair { mut page, mut server, gate: _gate, .. } =
        limited(V4, "{pingPeriod: 50ms, stuckTimeout: 1m}").await;
    let message = [&[0_u8][..], &vec![b'x'; 60_000]].concat();
    let many: Vec<u8> = masked(0x82, &message).repeat(400);
    let sent = page.push(&many, Duration::from_millis(200)).await;
    assert!(sent < many.len(), "the input of a server that does not read is stuck in the end");
    // A pong that nobody asked for, because nobody would read the answer to a ping.
    while page.next().await.expect("the session lives").first != 0x8a {}
    // What was sent arrives once the server reads again.
    let whole = sent / (message.len() + 8);
    let mut seen = 0;
    while seen < whole * 60_000 {
        let frame = server.next().await.unwrap();
        seen += if frame.first == 0x82 { frame.payload.len() - 1 } else { 0 };
    }
}

#[tokio::test]
async fn both_legs_are_pinged_and_who_answers_stays() {
    let Pair { mut page, mut server, gate: _gate, .. } =
        limited(BASE64, "{pingPeriod: 400ms, stuckTimeout: 1m}").await;
    for _ in 0..3 {
        for leg in [&mut *page, &mut server] {
            let ping = leg.next().await.unwrap();
            assert_eq!(ping.first, 0x89);
            leg.frame(0x8a, &ping.payload).await;
        }
    }
    page.type_in("x").await;
    assert_eq!(server.next().await, Some(frame(0x82, b"\0x")));
}

#[tokio::test]
async fn a_client_that_answers_nothing_is_gone_after_two_periods() {
    let cluster = cluster().await;
    let setup = Setup::new().cluster(&cluster).sessions("{pingPeriod: 100ms, stuckTimeout: 1m, max: 1}");
    let gate = Gate::start(setup).await;
    let ask = || Ask::exec(&gate, &format!("command=cat&{PIPES}")).offer(V4);
    let mut silent = ask().open().await;
    let mut pings = 0;
    while let Some(frame) = silent.next().await {
        pings += usize::from(frame.first == 0x89);
    }
    assert!(pings >= 1);
    while ask().try_open(&[]).await.is_err() {}
}

#[tokio::test]
async fn a_server_that_answers_nothing_is_told_as_a_failure() {
    let Pair { mut page, server: _server, gate: _gate, .. } =
        limited(V4, "{pingPeriod: 100ms, stuckTimeout: 1m}").await;
    let mut status = None;
    while let Some(frame) = page.next().await {
        match frame.first {
            0x89 => page.frame(0x8a, &frame.payload).await,
            0x82 => status = Some(page.read(&frame)),
            _ => assert_eq!(frame.payload[..2], 1000_u16.to_be_bytes()),
        }
    }
    let (channel, status) = status.expect("a status");
    assert_eq!(channel, 3);
    assert!(String::from_utf8(status).unwrap().contains("the cluster stopped answering"));
}

#[tokio::test]
async fn no_ping_goes_to_a_server_whose_output_waits_unread() {
    let mut pair = limited(V4, "{pingPeriod: 300ms, stuckTimeout: 1m}").await;
    let block = framed(0x82, &[&[1_u8][..], &vec![b'x'; 60_000]].concat());
    let sent = pair.server.push(&block.repeat(400), Duration::from_millis(200)).await;
    assert!(sent < block.len() * 400, "a page that does not read stops the server in the end");
    // Another session's pings tell the time.
    let (mut clock, mut clock_server) = pair.another(V4).await;
    for _ in 0..3 {
        for leg in [&mut *clock, &mut clock_server] {
            let ping = leg.next().await.unwrap();
            leg.frame(0x8a, &ping.payload).await;
        }
    }
    // The gate's end, so that the server's stream has one.
    let Pair { page, mut server, gate, .. } = pair;
    drop(gate);
    assert_eq!(server.next().await, None, "a terminal is hung up, and nothing was said before");
    drop(page);
}
