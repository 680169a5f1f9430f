//! What the server makes of frames that a friendlier one would refuse or join.

use crate::support::ask::{Ask, PIPES, TTY};
use crate::support::clusters::cluster;
use crate::support::session::Session;
use crate::support::wire::{hex, masked};
use execgate::demo::DemoCluster;

const CLOSE: [u8; 4] = [0x88, 2, 3, 0xe8];

async fn open(cluster: &DemoCluster, query: &str, offer: &str) -> Session {
    let mut session = Ask::exec(cluster, query).offer(offer).open().await;
    assert_eq!(session.payload().await, [1]);
    session
}

#[tokio::test]
async fn every_fragment_is_a_message_of_its_own() {
    let cluster = cluster().await;
    let mut session = open(&cluster, &format!("command=head&command=-c6&{PIPES}"), "v4.channel.k8s.io").await;
    session.frame(0x02, b"\0aaa").await;
    session.frame(0x00, b"bbb").await;
    session.frame(0x80, b"\0ccc").await;
    assert_eq!(session.transcript().await.stdout, b"aaaccc");
}

#[tokio::test]
async fn text_reserved_opcodes_and_reserved_bits_are_data() {
    let cluster = cluster().await;
    let mut session = open(&cluster, &format!("command=head&command=-c4&{PIPES}"), "v4.channel.k8s.io").await;
    for (first, payload) in [(0x81, b"\0a"), (0x82, b"\0b"), (0x83, b"\0c"), (0xc2, b"\0d")] {
        session.frame(first, payload).await;
    }
    assert_eq!(session.transcript().await.stdout, b"abcd");
}

#[tokio::test]
async fn unknown_channels_and_the_servers_own_are_dropped() {
    let cluster = cluster().await;
    let mut session = open(&cluster, &format!("command=head&command=-c1&{PIPES}"), "v4.channel.k8s.io").await;
    for channel in [1, 2, 3, 5, 254, 255] {
        session.send(&[channel, b'x']).await;
    }
    session.send(&[255, 0]).await;
    session.send(b"\0y").await;
    assert_eq!(session.transcript().await.stdout, b"y");
}

#[tokio::test]
async fn an_unmasked_frame_gets_1002_then_1000() {
    let cluster = cluster().await;
    let mut session = open(&cluster, &format!("command=cat&{PIPES}"), "v4.channel.k8s.io").await;
    session.raw(&hex("82 02 00 78")).await;
    assert_eq!(session.rest().await, hex("88 02 03 ea 88 02 03 e8"));
}

#[tokio::test]
async fn a_frame_over_32_mib_gets_1000_without_a_status_and_one_of_32_mib_is_taken() {
    let cluster = cluster().await;
    let sink = format!("command=execgate-sink&command={}&{PIPES}", (32 << 20) - 1);
    let mut session = open(&cluster, &sink, "v4.channel.k8s.io").await;
    session.send(&vec![0; 32 << 20]).await;
    assert_eq!(session.transcript().await.statuses.len(), 1);
    let mut session = open(&cluster, &sink, "v4.channel.k8s.io").await;
    session.raw(&hex("82 ff 00 00 00 00 02 00 00 01 37 fa 21 3d")).await;
    assert_eq!(session.rest().await, CLOSE);
}

#[tokio::test]
async fn frames_in_the_segment_of_the_request_are_not_lost() {
    let cluster = cluster().await;
    let early = [masked(0x82, b"\0early\n"), masked(0x82, &[255, 0])].concat();
    let mut session = Ask::exec(&cluster, &format!("command=cat&{PIPES}"))
        .offer("v5.channel.k8s.io")
        .open_with(&early)
        .await;
    assert_eq!(session.transcript().await.stdout, b"early\n");
}

#[tokio::test]
async fn the_end_of_the_clients_bytes_ends_both_directions() {
    let cluster = cluster().await;
    let mut session = open(&cluster, &format!("command=cat&{PIPES}"), "v4.channel.k8s.io").await;
    session.shut_down().await;
    assert_eq!(session.rest().await, CLOSE);
}

#[tokio::test]
async fn a_command_that_does_not_read_blocks_pings_but_not_output() {
    let cluster = cluster().await;
    let script = "while [ ! -e go ]; do echo tick; sleep 0.05; done; wc -c";
    let mut session = Ask::script(&cluster, script).offer("v5.channel.k8s.io").open().await;
    let more_than_a_pipe = [&[0][..], &vec![b'x'; 200_000]].concat();
    session.send(&more_than_a_pipe).await;
    session.frame(0x89, b"late").await;
    session.send(&[255, 0]).await;
    // Any frame but stdout fails this.
    for _ in 0..8 {
        session.until("tick\n").await;
    }
    let mut other = Ask::script(&cluster, "touch go").offer("v4.channel.k8s.io").open().await;
    assert_eq!(other.transcript().await.statuses.len(), 1);
    let (mut ponged, mut counted) = (false, Vec::new());
    while let Some(frame) = session.next().await {
        match (frame.first, frame.payload.first()) {
            (0x8a, _) => ponged = frame.payload == b"late",
            (_, Some(1)) => counted.extend_from_slice(&frame.payload[1..]),
            _ => {}
        }
    }
    assert!(ponged);
    assert!(String::from_utf8(counted).unwrap().ends_with("200000\n"));
}

#[tokio::test]
async fn a_malformed_size_kills_the_input_at_the_next_size() {
    let cluster = cluster().await;
    let script = "command=sh&command=-c&command=read+x;echo+got+$x;sleep+0.3;echo+end";
    let mut session = open(&cluster, &format!("{script}&{TTY}"), "v4.channel.k8s.io").await;
    session.send(br#"{"Width":70000,"Height":24}"#).await;
    session.send(b"\x04{\"Width\":70000,\"Height\":24}").await;
    session.send(b"\0one\n").await;
    session.send(b"\x04{\"Width\":80,\"Height\":24}").await;
    session.frame(0x89, b"never").await;
    let transcript = session.transcript().await;
    assert_eq!(transcript.stdout, b"one\r\ngot one\r\nend\r\n");
    assert!(transcript.pongs.is_empty());
    assert_eq!(transcript.last, 0x88);
}
