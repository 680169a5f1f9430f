//! Bytes that cannot be mistaken for one another, and messages in pieces.

use std::fmt::Write as _;

use super::wire::masked;

/// Bytes of every value, of which no stretch is like another.
pub(crate) fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()
    };
    std::iter::repeat_with(next).flatten().take(count).collect()
}

/// One message in frames of at most `size` bytes of payload, with a ping after each but the last.
pub(crate) fn fragmented(opcode: u8, payload: &[u8], size: usize) -> Vec<u8> {
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

/// What `sha256sum` prints of these bytes on its standard input, up to the file's name.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
