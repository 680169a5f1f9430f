//! Terminal bytes as the inside of a JSON string or list, written where they are sent from.

use crate::protocol::Outbox;

/// The most bytes that one byte of terminal data becomes: `\u001b`.
pub(in crate::protocol) const GROWTH: usize = 6;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// What a character below 0x80 is written as (RFC 8259 section 7).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    /// Itself.
    None,
    /// A backslash and this.
    Short(u8),
    /// `\u00` and two digits.
    Unicode,
}

const ESCAPES: [Escape; 256] = escapes();

#[allow(clippy::indexing_slicing, reason = "constants, evaluated when this is compiled")]
const fn escapes() -> [Escape; 256] {
    let mut table = [Escape::None; 256];
    let mut control = 0;
    while control < 0x20 {
        table[control] = Escape::Unicode;
        control = control.saturating_add(1);
    }
    table[b'"' as usize] = Escape::Short(b'"');
    table[b'\\' as usize] = Escape::Short(b'\\');
    table[b'\n' as usize] = Escape::Short(b'n');
    table[b'\r' as usize] = Escape::Short(b'r');
    table[b'\t' as usize] = Escape::Short(b't');
    table[0x08] = Escape::Short(b'b');
    table
}

fn escape_of(byte: u8) -> Escape {
    ESCAPES.get(usize::from(byte)).copied().unwrap_or(Escape::None)
}

/// Appends `text` escaped, and says how many bytes that took.
pub(in crate::protocol) fn write_text(text: &str, outbox: &mut Outbox) -> usize {
    let before = outbox.mark();
    let mut rest = text.as_bytes();
    loop {
        let plain = rest.iter().position(|byte| escape_of(*byte) != Escape::None).unwrap_or(rest.len());
        let (front, behind) = rest.split_at(plain);
        outbox.push(front);
        let Some((byte, behind)) = behind.split_first() else {
            return outbox.mark().saturating_sub(before);
        };
        match escape_of(*byte) {
            Escape::None => {}
            Escape::Short(letter) => outbox.push(&[b'\\', letter]),
            Escape::Unicode => {
                let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
                outbox.push(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 0x0f)]);
            }
        }
        rest = behind;
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
