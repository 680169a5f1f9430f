//! Bytes that cannot be mistaken for one another, and messages in pieces.

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

/// What POSIX `cksum` prints of these bytes on its standard input.
pub(crate) fn cksum(bytes: &[u8]) -> String {
    let mut length = bytes.len();
    let octets = std::iter::from_fn(|| {
        let octet = (length > 0).then_some((length & 0xff) as u8);
        length >>= 8;
        octet
    });
    let step = |crc: u32, octet: u8| {
        let folded = (0..8).fold(u32::from(octet) << 24 ^ crc & 0xff00_0000, |bits, _| {
            if bits & 0x8000_0000 == 0 { bits << 1 } else { bits << 1 ^ 0x04c1_1db7 }
        });
        crc << 8 ^ folded
    };
    let crc = bytes.iter().copied().chain(octets).fold(0, step);
    format!("{} {}", !crc, bytes.len())
}
