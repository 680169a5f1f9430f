//! What a server makes of frames that a friendlier one would refuse or join.

use super::{CLOSE, V4, V5, connected};
use crate::subject::cluster;
use crate::support::ask::{Ask, shell};
use crate::support::wire::{MASK, hex};

#[tokio::test]
async fn every_fragment_is_a_message_of_its_own() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let mut session = connected(&cluster, "command=head&command=-c6", offer).await;
        session.frame(0x02, b"\0aaa").await;
        session.frame(0x00, b"bbb").await;
        session.frame(0x80, b"\0ccc").await;
        assert_eq!(session.transcript().await.text(), "aaaccc", "{offer}");
    }
}

#[tokio::test]
async fn text_reserved_opcodes_and_reserved_bits_are_data() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let mut session = connected(&cluster, "command=head&command=-c7", offer).await;
        let frames = [
            (0x81, b"\0a"),
            (0x82, b"\0b"),
            (0x83, b"\0c"),
            (0xc2, b"\0d"),
            (0xf1, b"\0e"),
            (0x8b, b"\0f"),
            (0x0f, b"\0g"),
        ];
        for (first, payload) in frames {
            session.frame(first, payload).await;
        }
        assert_eq!(session.transcript().await.text(), "abcdefg", "{offer}");
    }
}

#[tokio::test]
async fn unknown_channels_and_the_servers_own_are_dropped() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let mut session = connected(&cluster, "command=head&command=-c1", offer).await;
        for channel in [1, 2, 3, 5, 9, 254] {
            session.send(&[channel, b'x']).await;
        }
        session.send(b"\0y").await;
        assert_eq!(session.transcript().await.text(), "y", "{offer}");
    }
}

#[tokio::test]
async fn messages_without_content_are_no_input() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let mut session = connected(&cluster, "command=head&command=-c1", offer).await;
        session.raw(&hex("82 80 37 fa 21 3d")).await;
        session.frame(0x81, b"").await;
        session.send(b"\0").await;
        session.send(b"\0x").await;
        assert_eq!(session.transcript().await.text(), "x", "{offer}");
    }
}

#[tokio::test]
async fn what_is_typed_where_no_input_was_asked_for_is_dropped() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let ask = Ask::exec(&cluster, &format!("{}&stdout=1", shell("cat; echo end"))).offer(offer);
        let mut session = ask.open().await;
        session.send(b"\0dropped").await;
        assert_eq!(session.transcript().await.text(), "end\n", "{offer}");
    }
}

#[tokio::test]
async fn a_ping_is_answered_with_up_to_125_of_its_bytes() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let mut session = connected(&cluster, "command=cat", offer).await;
        session.frame(0x8a, b"a pong that nobody asked for").await;
        for length in [0, 4, 125, 200] {
            session.frame(0x89, &vec![b'p'; length]).await;
            let pong = session.next().await.unwrap();
            assert_eq!((pong.first, pong.payload), (0x8a, vec![b'p'; length.min(125)]), "{offer}");
        }
    }
}

#[tokio::test]
async fn an_unmasked_frame_gets_1002_then_1000() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        for frame in ["82 02 00 78", "89 00", "88 00"] {
            let mut session = connected(&cluster, "command=cat", offer).await;
            session.raw(&hex(frame)).await;
            assert_eq!(session.rest().await, hex("88 02 03 ea 88 02 03 e8"), "{offer} {frame}");
        }
    }
}

const LIMIT: usize = 32 << 20;

#[tokio::test]
async fn a_frame_of_32_mib_is_taken() {
    let cluster = cluster().await;
    for offer in [V4, V5] {
        let count = shell(&format!("head -c {} | wc -c", LIMIT - 1));
        let mut session = connected(&cluster, &count, offer).await;
        session.send(&vec![0; LIMIT]).await;
        assert_eq!(session.transcript().await.text().trim(), (LIMIT - 1).to_string(), "{offer}");
    }
}

#[tokio::test]
async fn a_frame_over_32_mib_gets_1000_without_a_status_whatever_it_holds() {
    let cluster = cluster().await;
    for offer in super::OFFERS {
        let mut session = connected(&cluster, "command=cat", offer).await;
        let header = [&[0x82, 0xff][..], &(LIMIT as u64 + 1).to_be_bytes(), &MASK].concat();
        session.raw(&header).await;
        assert_eq!(session.rest().await, CLOSE, "{offer}");
    }
}

#[tokio::test]
async fn the_top_bit_of_a_long_length_is_ignored() {
    let cluster = cluster().await;
    let mut session = connected(&cluster, "command=head&command=-c1", V4).await;
    session.raw(&hex("82 ff 80 00 00 00 00 00 00 02 37 fa 21 3d 37 82")).await;
    assert_eq!(session.transcript().await.text(), "x");
}

#[tokio::test]
async fn frames_from_the_server_are_whole_unmasked_and_of_the_subprotocols_kind() {
    let cluster = cluster().await;
    for offer in super::OFFERS {
        let script = "head -c 300000 /dev/zero; exit 7";
        let mut session = Ask::script(&cluster, script).offer(offer).open().await;
        let expected = if offer.contains("base64") { 0x81 } else { 0x82 };
        // The wire panics at a masked one.
        while let Some(frame) = session.next().await {
            assert!(frame.first == expected || frame.first == 0x88, "{offer}: {:02x}", frame.first);
            assert!(!frame.payload.is_empty());
        }
    }
}
