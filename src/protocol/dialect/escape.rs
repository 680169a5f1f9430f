//! Terminal bytes as the inside of a JSON string or list, written where they are sent from.

use crate::protocol::Outbox;

/// The most bytes that one byte of terminal data becomes: `\u001b`.
pub(in crate::protocol) const GROWTH: usize = 6;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Bytes that are looked at together.
pub(super) const LINE: usize = 32;

const ESCAPE: usize = 8;

/// What is written instead of a byte, and in the last place how much of it.
type Escape = [u8; ESCAPE];

/// For each byte a backslash and a letter, or `\u00` and two digits (RFC 8259 section 7).
#[allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::arithmetic_side_effects,
    reason = "it is made when this is compiled, and would not be if it failed"
)]
static ESCAPES: [Escape; 256] = {
    let mut escapes = [[0; ESCAPE]; 256];
    let mut byte = 0;
    while byte < escapes.len() {
        let letter = match byte as u8 {
            byte @ (b'"' | b'\\') => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            _ => 0,
        };
        escapes[byte] = match letter {
            0 => [b'\\', b'u', b'0', b'0', HEX[byte >> 4], HEX[byte & 0x0f], 0, 6],
            letter => [b'\\', letter, 0, 0, 0, 0, 0, 2],
        };
        byte += 1;
    }
    escapes
};

fn escape(byte: u8) -> (&'static Escape, usize) {
    const NONE: &Escape = &[0; ESCAPE];
    let escape = ESCAPES.get(usize::from(byte)).unwrap_or(NONE);
    let [.., length] = escape;
    (escape, usize::from(*length))
}

/// Appends `text` escaped, and says how many bytes that took.
pub(in crate::protocol) fn write_text(text: &str, outbox: &mut Outbox) -> usize {
    let mut place = Place::new(outbox.room(text.len().saturating_mul(GROWTH)));
    let mut rest = text.as_bytes();
    while let Some(window) = rest.first_chunk() {
        place.push_line(window);
        rest = rest.get(LINE..).unwrap_or_default();
    }
    let (lines, rest) = rest.as_chunks::<LINE>();
    for line in lines {
        place.push_escaped(line, specials(line));
    }
    let mut last = [b' '; LINE];
    if let Some(slot) = last.get_mut(..rest.len()) {
        slot.copy_from_slice(rest);
    }
    place.push_escaped(rest, specials(&last));
    let written = place.written;
    outbox.commit(written);
    written
}

/// Which bytes may not stand as they are, the first in the lowest bit. The compiler makes vector code of the comparisons.
pub(super) fn specials(line: &[u8; LINE]) -> u32 {
    // Eight bytes that are 0 or 1 become eight bits, each moved to a place of its own in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let flags = line.map(|byte| u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\'));
    let (words, _) = flags.as_chunks::<8>();
    let bits = words.iter().map(|word| u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56);
    let all = bits.rev().fold(0, |all, bits| all << 8 | bits);
    u32::try_from(all).unwrap_or(u32::MAX)
}

/// Room that is filled from its front.
pub(super) struct Place<'a> {
    room: &'a mut [u8],
    written: usize,
}

impl<'a> Place<'a> {
    pub(super) fn new(room: &'a mut [u8]) -> Self {
        Self { room, written: 0 }
    }

    pub(super) fn written(&self) -> usize {
        self.written
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let end = self.written.saturating_add(bytes.len());
        if let Some(slot) = self.room.get_mut(self.written..end) {
            slot.copy_from_slice(bytes);
            self.written = end;
        }
    }

    /// Appends the first line of a window. Each copy is of one length, whatever belongs there, and what is too much is written over:
    /// there is room, because all of the window may have to be escaped.
    fn push_line(&mut self, window: &[u8; 2 * LINE]) {
        let (line, _) = window.split_first_chunk().unwrap_or((&[0; LINE], &[]));
        let mut specials = specials(line);
        let mut from = 0_usize;
        while specials != 0 {
            let at = usize::try_from(specials.trailing_zeros()).unwrap_or_default();
            let (escaped, length) = escape(line.get(at).copied().unwrap_or_default());
            self.put::<LINE>(window, from, at.wrapping_sub(from));
            self.put::<ESCAPE>(escaped, 0, length);
            from = at.wrapping_add(1);
            specials &= specials.wrapping_sub(1);
        }
        self.put::<LINE>(window, from, LINE.wrapping_sub(from));
    }

    pub(super) fn push_one(&mut self, byte: u8) {
        if let Some(slot) = self.room.get_mut(self.written) {
            *slot = byte;
            self.written = self.written.wrapping_add(1);
        }
    }

    /// Copies `SIZE` bytes that begin at `from`, and appends the first `count` of them.
    pub(super) fn put<const SIZE: usize>(&mut self, bytes: &[u8], from: usize, count: usize) {
        let source = bytes.get(from..).and_then(<[u8]>::first_chunk::<SIZE>);
        let slot = self.room.get_mut(self.written..).and_then(<[u8]>::first_chunk_mut);
        if let Some((slot, source)) = slot.zip(source) {
            *slot = *source;
            self.written = self.written.wrapping_add(count);
        }
    }

    /// Appends bytes of which those are special.
    fn push_escaped(&mut self, mut bytes: &[u8], mut specials: u32) {
        while specials != 0 {
            let count = usize::try_from(specials.trailing_zeros()).unwrap_or(LINE);
            let (plain, behind) = bytes.split_at(count.min(bytes.len()));
            self.push(plain);
            let Some((special, behind)) = behind.split_first() else { return };
            let (escaped, length) = escape(*special);
            self.push(escaped.get(..length).unwrap_or_default());
            bytes = behind;
            specials = specials.unbounded_shr(specials.trailing_zeros().saturating_add(1));
        }
        self.push(bytes);
    }
}

/// Appends `bytes` as numbers with commas between, one before the first unless the list is still empty, and says how many bytes that
/// took.
pub(in crate::protocol) fn write_bytes(bytes: &[u8], is_first: bool, outbox: &mut Outbox) -> usize {
    let before = outbox.mark();
    let mut comma = !is_first;
    for byte in bytes {
        let digits = [byte / 100, byte / 10 % 10, byte % 10].map(|digit| b'0'.saturating_add(digit));
        let zeros = match byte {
            0..10 => 2,
            10..100 => 1,
            100.. => 0,
        };
        if comma {
            outbox.push(b",");
        }
        comma = true;
        outbox.push(digits.get(zeros..).unwrap_or_default());
    }
    outbox.mark().saturating_sub(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_a_json_parser_reads_back() {
        let every: String =
            (0..=0x2ff).filter_map(char::from_u32).chain("漢字 😀 \u{2028}".chars()).collect();
        for text in [every, "\u{1b}".repeat(333), "plain".repeat(33)] {
            let mut outbox = Outbox::default();
            outbox.push(b"\"");
            let count = write_text(&text, &mut outbox);
            outbox.push(b"\"");
            assert_eq!(count.saturating_add(2), outbox.unsent().len());
            assert_eq!(serde_json::from_slice::<String>(outbox.unsent()).unwrap(), text);
        }
    }

    #[test]
    fn a_special_byte_is_escaped_wherever_it_stands() {
        for length in 1..=130 {
            for at in 0..length {
                let mut text = vec![b'x'; length];
                text[at] = b'"';
                let mut outbox = Outbox::default();
                write_text(str::from_utf8(&text).unwrap(), &mut outbox);
                text.insert(at, b'\\');
                assert_eq!(outbox.unsent(), text);
            }
        }
    }

    #[test]
    fn bytes_are_numbers() {
        let every: Vec<u8> = (0..=255).collect();
        let mut outbox = Outbox::default();
        outbox.push(b"[");
        let (front, back) = every.split_at(7);
        let first = write_bytes(front, true, &mut outbox);
        let second = write_bytes(back, false, &mut outbox);
        outbox.push(b"]");
        assert_eq!(first + second + 2, outbox.unsent().len());
        assert_eq!(serde_json::from_slice::<Vec<u8>>(outbox.unsent()).unwrap(), every);
    }
}
