//! UTF-8: every page decodes message by message, so what the server cuts inside a character arrives whole.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::api_server::ApiServer;
use crate::support::ask::{Ask, PIPES, TTY};
use crate::support::gate::Gate;
use crate::support::session::Session;
use crate::support::setup::Setup;
use crate::support::wire::Wire;

const BASE64: &str = "base64.channel.k8s.io";
const V4: &str = "v4.channel.k8s.io";
const TEXT: &str = "✓ 漢字 🦀 é";

async fn pair(offer: &str, streams: &str, hold: &str) -> (Session, Wire, Gate) {
    let server = ApiServer::start().await;
    let setup = Setup::new().plain("alpha", server.address()).sessions(&format!("{{utf8Hold: {hold}}}"));
    let gate = Gate::start(setup).await;
    let ask = Ask::exec(&gate, &format!("command=x&{streams}")).offer(offer);
    let (session, upstream) = tokio::join!(ask.open(), server.accept(V4));
    (session, upstream, gate)
}

#[tokio::test]
async fn text_that_comes_byte_by_byte_arrives_in_whole_characters() {
    for offer in [BASE64, "v4.base64.channel.k8s.io"] {
        // As long as it takes: on a busy machine two bytes may be far apart.
        let (mut page, mut server, _gate) = pair(offer, TTY, "10s").await;
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
    let (mut program, mut server, _gate) = pair(V4, TTY, "10s").await;
    server.frame(0x82, b"\x01\xe2").await;
    assert_eq!(program.heard().await, (1, vec![0xe2]));
    server.frame(0x82, b"\x01\x9c\x93").await;
    assert_eq!(program.heard().await, (1, vec![0x9c, 0x93]));
}

#[tokio::test]
async fn a_begun_character_goes_out_after_a_moment_and_before_anything_else() {
    let (mut page, mut server, _gate) = pair(BASE64, PIPES, "1ms").await;
    server.frame(0x82, b"\x01a\xe2\x9c").await;
    assert_eq!(page.heard().await, (1, b"a".to_vec()));
    assert_eq!(page.heard().await, (1, b"\xe2\x9c".to_vec()));
    let (mut page, mut server, _gate) = pair(BASE64, PIPES, "10s").await;
    server.frame(0x82, b"\x01a\xe2\x9c").await;
    assert_eq!(page.heard().await, (1, b"a".to_vec()));
    server.frame(0x82, b"\x02err").await;
    assert_eq!(page.heard().await, (1, b"\xe2\x9c".to_vec()));
    assert_eq!(page.heard().await, (2, b"err".to_vec()));
    server.frame(0x82, b"\x01\xe6").await;
    server.frame(0x82, b"3").await;
    server.frame(0x82, b"\x03{\"status\":\"Success\"}").await;
    let transcript = page.transcript().await;
    assert_eq!((transcript.stdout.as_slice(), transcript.close().0), (&b"\xe6"[..], 1000));
}

#[tokio::test]
async fn held_back_or_not_every_byte_arrives() {
    for hold in ["0s", "1ms", "10s"] {
        let (mut page, mut server, _gate) = pair(BASE64, TTY, hold).await;
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
    let (mut page, mut server, _gate) = pair(BASE64, TTY, "10s").await;
    server.frame(0x82, b"\x01\xe2\x9c").await;
    server.frame(0x82, b"\x01\x93").await;
    assert_eq!(page.payload().await, format!("1{}", STANDARD.encode("✓")).into_bytes());
}
