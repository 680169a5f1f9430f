//! Streams of equal frames, as a page and an API server send them, for the benches of `protocol`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use execgate::protocol::{Channel, Coding, Mask, Sender};
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// Data bytes per frame. A container runtime sends 32 KiB; a key press is less than 64 bytes.
pub(crate) const SIZES: [usize; 4] = [64, 1024, 8 * 1024, 32 * 1024];
/// Data bytes of a stream, a multiple of all sizes: several blocks of the relay, so that what happens at a block's end counts.
pub(crate) const STREAM_BYTES: usize = 256 * 1024;

/// Frames of `size` data bytes each.
pub(crate) fn of_frames(sender: Sender, coding: Coding, size: usize) -> Vec<u8> {
    let channel = match sender {
        Sender::Client => Channel::Stdin,
        Sender::Server => Channel::Stdout,
    };
    let frame = match coding {
        Coding::Raw => frame(sender, Data::Binary, [&[channel.byte()][..], &text(size)].concat()),
        Coding::Base64 => {
            let encoded = STANDARD.encode(text(size)).into_bytes();
            frame(sender, Data::Text, [&[channel.digit()][..], &encoded].concat())
        }
    };
    frame.repeat(STREAM_BYTES / size)
}

#[allow(dead_code, reason = "the bench of the walker reads frames alone")]
/// A page's messages of `size` bytes of input each, in the words of a preset.
pub(crate) fn of_messages(preset: &str, size: usize) -> Vec<u8> {
    let text = String::from_utf8_lossy(&text(size)).into_owned();
    let message = match preset {
        "scow" => json!({"$case": "data", "data": {"data": text}}),
        "kubeutil" => json!({"operation": "stdin", "data": text}),
        other => panic!("nobody knows how a {other} page types"),
    };
    frame(Sender::Client, Data::Text, message.to_string().into_bytes()).repeat(STREAM_BYTES / size)
}

/// What terminals show most: ASCII, and some characters of three bytes.
fn text(size: usize) -> Vec<u8> {
    "the quick brown fox jumps over 13 lazy dogs ✓\r\n".bytes().cycle().take(size).collect()
}

fn frame(sender: Sender, kind: Data, mut payload: Vec<u8>) -> Vec<u8> {
    let header = FrameHeader {
        opcode: OpCode::Data(kind),
        mask: (sender == Sender::Client).then_some([0x37, 0xfa, 0x21, 0x3d]),
        ..FrameHeader::default()
    };
    let mut frame = Vec::new();
    header.format(payload.len() as u64, &mut frame).expect("a Vec takes every byte");
    if let Some(key) = header.mask {
        Mask::new(key).apply(&mut payload);
    }
    frame.append(&mut payload);
    frame
}
