//! UTF-8: every page decodes message by message, so what the server cuts inside a character arrives whole.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::ask::{PIPES, TTY};
use crate::support::pair::Pair;

const BASE64: &str = "base64.channel.k8s.io";
const TEXT: &str = "✓ 漢字 🦀 é";

/// A client, its API server, and how long a begun character is held.
async fn holding(offer: &str, streams: &str, hold: &str) -> Pair {
    Pair::limited(offer, streams, &format!("{{utf8Hold: {hold}}}")).await
}

#[tokio::test]
async fn text_that_comes_byte_by_byte_arrives_in_whole_characters() {
    for offer in [BASE64, "v4.base64.channel.k8s.io"] {
        // As long as it takes: on a busy machine two bytes may be far apart.
        let Pair { mut page, mut server, gate: _gate, .. } = holding(offer, TTY, "10s").await;
        for byte in TEXT.bytes() {
            server.frame(0x82, &[1, byte]).await;
        }
        let mut seen = String::new();
        while seen != TEXT {
            let (channel, data) = page.heard().await;
            assert_eq!(channel, 1);
            seen.push_str(std::str::from_utf8(&data).expect("whole characters"));
        }
    }
}

#[tokio::test]
async fn a_program_gets_bytes_as_they_come() {
    let Pair { page: mut program, mut server, gate: _gate, .. } =
        holding("v4.channel.k8s.io", TTY, "10s").await;
    server.frame(0x82, b"\x01\xe2").await;
    assert_eq!(program.heard().await, (1, vec![0xe2]));
    server.frame(0x82, b"\x01\x9c\x93").await;
    assert_eq!(program.heard().await, (1, vec![0x9c, 0x93]));
}

#[tokio::test]
async fn a_begun_character_goes_out_after_a_moment_and_before_anything_else() {
    let Pair { mut page, mut server, gate: _gate, .. } = holding(BASE64, PIPES, "1ms").await;
    server.frame(0x82, b"\x01a\xe2\x9c").await;
    assert_eq!(page.heard().await, (1, b"a".to_vec()));
    assert_eq!(page.heard().await, (1, b"\xe2\x9c".to_vec()));
    let Pair { mut page, mut server, gate: _gate, .. } = holding(BASE64, PIPES, "10s").await;
    server.frame(0x82, b"\x01a\xe2\x9c").await;
    assert_eq!(page.heard().await, (1, b"a".to_vec()));
    server.frame(0x82, b"\x02err").await;
    assert_eq!(page.heard().await, (1, b"\xe2\x9c".to_vec()));
    assert_eq!(page.heard().await, (2, b"err".to_vec()));
    server.frame(0x82, b"\x01\xe6").await;
    server.frame(0x82, b"\x03{\"status\":\"Success\"}").await;
    let transcript = page.transcript().await;
    assert_eq!((transcript.stdout.as_slice(), transcript.close().0), (&b"\xe6"[..], 1000));
}

#[tokio::test]
async fn held_back_or_not_every_byte_arrives() {
    for hold in ["0s", "1ms", "10s"] {
        let Pair { mut page, mut server, gate: _gate, .. } = holding(BASE64, TTY, hold).await;
        let bytes: Vec<u8> = (0..=255).cycle().take(5000).collect();
        for piece in bytes.chunks(7) {
            server.frame(0x82, &[&[1], piece].concat()).await;
        }
        server.frame(0x82, b"\x03{\"status\":\"Success\"}").await;
        assert_eq!(page.transcript().await.stdout, bytes, "{hold}");
    }
}

#[tokio::test]
async fn the_references_cut_check_mark_is_one_message() {
    let Pair { mut page, mut server, gate: _gate, .. } = holding(BASE64, TTY, "10s").await;
    server.frame(0x82, b"\x01\xe2\x9c").await;
    server.frame(0x82, b"\x01\x93").await;
    assert_eq!(page.payload().await, format!("1{}", STANDARD.encode("✓")).into_bytes());
}
