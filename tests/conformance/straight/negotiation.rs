//! Which subprotocol is spoken, for everything that may be offered.

use super::{BASE64, CHANNEL, V4, V4_BASE64, V5};
use crate::subject::cluster;
use crate::support::ask::{Ask, PIPES};
use crate::support::wire::hex;

/// What is offered, line by line, and what is answered.
const ROWS: [(&[&str], &str); 19] = [
    (&[], ""),
    (&[""], ""),
    (&[CHANNEL], CHANNEL),
    (&[BASE64], BASE64),
    (&[V4], V4),
    (&[V4_BASE64], V4_BASE64),
    (&[V5], V5),
    (&["v5.channel.k8s.io, v4.channel.k8s.io"], V5),
    (&["v4.channel.k8s.io, v5.channel.k8s.io"], V5),
    (&["base64.channel.k8s.io,v5.channel.k8s.io"], V5),
    (&["chat,v5.channel.k8s.io"], V5),
    (&["v5.channel.k8s.io, v5.channel.k8s.io"], V5),
    // Without v5, the client's order.
    (&["base64.channel.k8s.io, v4.channel.k8s.io"], BASE64),
    (&["v4.channel.k8s.io, base64.channel.k8s.io"], V4),
    (&["v3.channel.k8s.io, v4.base64.channel.k8s.io"], V4_BASE64),
    (&[",v4.channel.k8s.io"], ""),
    // Only the first line counts.
    (&[V4, V5], V4),
    (&[V5, V4], V5),
    (&[BASE64, "chat"], BASE64),
];

#[tokio::test]
async fn v5_wins_in_any_place_of_the_first_line_and_else_the_clients_order_decides() {
    let cluster = cluster().await;
    for (lines, expected) in ROWS {
        let ask = Ask::exec(&cluster, &format!("command=true&{PIPES}"));
        let mut session = lines.iter().fold(ask, |ask, line| ask.offer(line)).open().await;
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: {expected}\r\n\r\n"
        );
        assert_eq!(session.head, head, "{lines:?}");
        let told = if expected.contains("base64") { "81 01 31" } else { "82 01 01" };
        assert_eq!(session.bytes(3).await, hex(told), "{lines:?}");
        let transcript = session.transcript().await;
        assert_eq!(transcript.closes, [[3, 0xe8]], "{lines:?}");
        assert_eq!(transcript.statuses.len(), usize::from(expected.starts_with('v')), "{lines:?}");
    }
}

#[tokio::test]
async fn extensions_are_not_agreed_to() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let ask = Ask::exec(&cluster, &format!("command=true&{PIPES}")).offer(offer);
        let session = ask.header("Sec-WebSocket-Extensions", "permessage-deflate").open().await;
        assert!(!session.head.to_ascii_lowercase().contains("extensions"), "{}", session.head);
    }
}

#[tokio::test]
async fn the_first_frame_is_an_empty_message_of_what_was_asked_for() {
    let cluster = cluster().await;
    let rows = [
        ("stdin=1&stdout=1&stderr=1", 1),
        ("stdin=1&stdout=1&tty=1", 1),
        ("stdout=1", 1),
        ("stderr=1", 2),
        ("stdin=1&stderr=1", 2),
        ("stdin=1", 3),
        ("stdin=1&tty=1", 3),
    ];
    for (streams, channel) in rows {
        for offer in super::OFFERS {
            let ask = Ask::exec(&cluster, &format!("command=true&{streams}")).offer(offer);
            let frame = ask.open().await.next().await.unwrap();
            let expected = if offer.contains("base64") { (0x81, channel + b'0') } else { (0x82, channel) };
            assert_eq!((frame.first, frame.payload), (expected.0, vec![expected.1]), "{offer} {streams}");
        }
    }
}

#[tokio::test]
async fn a_parameter_with_a_bare_semicolon_or_a_broken_escape_is_not_there() {
    let cluster = cluster().await;
    let asked = "command=echo&command=a;b&command=%zz&command=c%3bd&stdout=1&stderr=1;";
    let transcript = Ask::exec(&cluster, asked).offer(V4).open().await.transcript().await;
    assert_eq!(transcript.text(), "c;d\n");
}

#[tokio::test]
async fn a_switch_is_off_for_0_and_false_and_on_for_everything_else() {
    let cluster = cluster().await;
    for (value, is_on) in [
        ("=1", true),
        ("=true", true),
        ("=no", true),
        ("=f", true),
        ("=", true),
        ("", true),
        ("=0", false),
        ("=false", false),
        ("=FALSE", false),
        // The first value counts.
        ("=0&stdout=1", false),
        ("=1&stdout=0", true),
    ] {
        let ask = Ask::exec(&cluster, &format!("command=echo&command=out&stderr=1&stdout{value}"));
        let transcript = ask.offer(V4).open().await.transcript().await;
        assert_eq!(transcript.text(), if is_on { "out\n" } else { "" }, "stdout{value}");
    }
}
