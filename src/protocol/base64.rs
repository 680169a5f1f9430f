//! Base64 over any cut of the text or the bytes, with the SIMD engine of the `base64` crate.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::{GeneralPurposeConfig, Simd};

use super::Outbox;

/// Standard alphabet, padding required, trailing bits allowed: what Go's decoder on the API server takes, but for line breaks.
static ENGINE: LazyLock<Simd> =
    LazyLock::new(|| Simd::standard(GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true)));

/// Text that Go's `base64.StdEncoding` would refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the payload is not padded standard base64")]
pub struct InvalidBase64;

/// Encodes one message's bytes as they come.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    /// One or two bytes that wait for their group of three; `carry_len` says how many.
    carry: [u8; 3],
    carry_len: usize,
}

impl Encoder {
    /// Appends the text of all whole groups of three.
    pub(super) fn encode(&mut self, mut data: &[u8], outbox: &mut Outbox) {
        while self.carry_len > 0 && self.carry_len < 3 {
            let Some((byte, rest)) = data.split_first() else {
                return;
            };
            self.put(*byte);
            data = rest;
        }
        if self.carry_len == 3 {
            encode_into(&self.carry, outbox);
            self.carry_len = 0;
        }
        let (whole, rest) = data.split_at(data.len().saturating_sub(data.len() % 3));
        if !whole.is_empty() {
            encode_into(whole, outbox);
        }
        for byte in rest {
            self.put(*byte);
        }
    }

    /// Appends what was carried, padded.
    pub(super) fn finish(&mut self, outbox: &mut Outbox) {
        if let Some(carried) = self.carry.get(..self.carry_len).filter(|carried| !carried.is_empty()) {
            encode_into(carried, outbox);
        }
        self.carry_len = 0;
    }

    fn put(&mut self, byte: u8) {
        if let Some(slot) = self.carry.get_mut(self.carry_len) {
            *slot = byte;
            self.carry_len = self.carry_len.saturating_add(1);
        }
    }
}

fn encode_into(data: &[u8], outbox: &mut Outbox) {
    let room = outbox.room(data.len().div_ceil(3).saturating_mul(4));
    let written = ENGINE.encode_slice(data, room).expect("four characters fit for every three bytes begun");
    outbox.commit(written);
}

/// Decodes one message's text as it comes, taking exactly what Go's `base64.StdEncoding` takes: CR and LF are skipped.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    quad: [u8; 4],
    quad_len: usize,
    /// A group with padding came: only CR and LF may follow.
    padded: bool,
}

impl Decoder {
    /// Decodes `text` into `out`, which has room for three bytes of each four characters begun, and says how many bytes that gave.
    pub(super) fn decode(&mut self, mut text: &[u8], out: &mut [u8]) -> Result<usize, InvalidBase64> {
        let mut written = 0_usize;
        let mut fast = true;
        while !text.is_empty() {
            let (body, rest) = text.split_at(text.len() & !3);
            if fast && self.quad_len == 0 && !self.padded && !body.is_empty() {
                let room = out.get_mut(written..).unwrap_or_default();
                // A failure may only mean a line break: then the rest goes group by group, which tells.
                if let Ok(count) = ENGINE.decode_slice(body, room) {
                    written = written.saturating_add(count);
                    self.padded = body.ends_with(b"=");
                    text = rest;
                    continue;
                }
                fast = false;
            }
            let Some((byte, rest)) = text.split_first() else {
                break;
            };
            text = rest;
            written = written.saturating_add(self.put(*byte, out.get_mut(written..).unwrap_or_default())?);
        }
        Ok(written)
    }

    /// Ends the message: every group must be whole.
    pub(super) fn finish(&mut self) -> Result<(), InvalidBase64> {
        let whole = self.quad_len == 0;
        *self = Self::default();
        if whole { Ok(()) } else { Err(InvalidBase64) }
    }

    fn put(&mut self, byte: u8, out: &mut [u8]) -> Result<usize, InvalidBase64> {
        if matches!(byte, b'\r' | b'\n') {
            return Ok(0);
        }
        let slot = self.quad.get_mut(self.quad_len).filter(|_| !self.padded).ok_or(InvalidBase64)?;
        *slot = byte;
        self.quad_len = self.quad_len.saturating_add(1);
        if self.quad_len < 4 {
            return Ok(0);
        }
        self.quad_len = 0;
        self.padded = byte == b'=';
        ENGINE.decode_slice(self.quad, out).map_err(|_| InvalidBase64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &[u8], size: usize) -> Result<Vec<u8>, InvalidBase64> {
        let mut decoder = Decoder::default();
        let mut bytes = Vec::new();
        for piece in text.chunks(size) {
            let mut out = [0; 256];
            let count = decoder.decode(piece, &mut out)?;
            bytes.extend_from_slice(&out[..count]);
        }
        decoder.finish()?;
        Ok(bytes)
    }

    #[test]
    fn what_go_takes_is_taken_at_every_cut() {
        let cases: [(&str, &[u8]); 7] = [
            ("Zm9vCg==", b"foo\n"),
            ("", b""),
            ("aG\nk=", b"hi"),
            ("aGl=", b"hi"),
            ("\r\naGk=\r\n", b"hi"),
            ("aGlo\naGlo\naGlo\n", b"hihhihhih"),
            ("4pyT", "✓".as_bytes()),
        ];
        for (text, expected) in cases {
            for size in 1..=text.len().max(1) {
                assert_eq!(
                    decode(text.as_bytes(), size).as_deref(),
                    Ok(expected),
                    "{text:?} in cuts of {size}"
                );
            }
        }
    }

    #[test]
    fn what_go_refuses_is_refused_at_every_cut() {
        for text in ["aGk", "Zm9v*", "-_-_", "Zg==Zg==", "Zg=", "Z", "====", "Zg==x", "Zm9v Zm9v", "Zh=v"] {
            for size in 1..=text.len() {
                assert_eq!(decode(text.as_bytes(), size), Err(InvalidBase64), "{text:?} in cuts of {size}");
            }
        }
    }

    #[test]
    fn bytes_cut_anywhere_encode_to_the_same_text() {
        let data: Vec<u8> = (0..100).collect();
        let expected = base64::engine::general_purpose::STANDARD.encode(&data);
        for size in 1..=data.len() {
            let mut outbox = Outbox::default();
            let mut encoder = Encoder::default();
            data.chunks(size).for_each(|piece| encoder.encode(piece, &mut outbox));
            encoder.finish(&mut outbox);
            assert_eq!(outbox.unsent(), expected.as_bytes(), "cuts of {size}");
        }
    }
}
