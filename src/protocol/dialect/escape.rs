//! Terminal bytes as the inside of a JSON string or list, written where they are sent from.

use crate::protocol::Outbox;

/// The most bytes that one byte of terminal data becomes: `\u001b`.
pub(in crate::protocol) const GROWTH: usize = 6;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Bytes that are looked at together.
const LINE: usize = 32;

/// What is written instead of `byte` (RFC 8259 section 7): a backslash and a letter, or `\u00` and two digits.
fn escape(byte: u8) -> ([u8; GROWTH], usize) {
    let letter = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
            return ([b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 0x0f)], GROWTH);
        }
    };
    ([b'\\', letter, 0, 0, 0, 0], 2)
}

/// Appends `text` escaped, and says how many bytes that took.
pub(in crate::protocol) fn write_text(text: &str, outbox: &mut Outbox) -> usize {
    let mut place = Place { room: outbox.room(text.len().saturating_mul(GROWTH)), written: 0 };
    let (lines, rest) = text.as_bytes().as_chunks::<LINE>();
    for line in lines {
        match specials(line) {
            0 => place.push(line),
            specials => place.push_escaped(line, specials),
        }
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
fn specials(line: &[u8; LINE]) -> u32 {
    // Eight bytes that are 0 or 1 become eight bits, each moved to a place of its own in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let flags = line.map(|byte| u8::from(byte < 0x20) | u8::from(byte == b'"') | u8::from(byte == b'\\'));
    let (words, _) = flags.as_chunks::<8>();
    let bits = words.iter().map(|word| u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56);
    let all = bits.rev().fold(0, |all, bits| all << 8 | bits);
    u32::try_from(all).unwrap_or(u32::MAX)
}

/// Room that is filled from its front.
struct Place<'a> {
    room: &'a mut [u8],
    written: usize,
}

impl Place<'_> {
    fn push(&mut self, bytes: &[u8]) {
        let end = self.written.saturating_add(bytes.len());
        if let Some(slot) = self.room.get_mut(self.written..end) {
            slot.copy_from_slice(bytes);
            self.written = end;
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
        let mut outbox = Outbox::default();
        outbox.push(b"\"");
        let count = write_text(&every, &mut outbox);
        outbox.push(b"\"");
        assert_eq!(count.saturating_add(2), outbox.unsent().len());
        assert_eq!(serde_json::from_slice::<String>(outbox.unsent()).unwrap(), every);
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
