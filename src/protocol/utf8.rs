//! Where a text may be cut so that no character is broken: pages decode message by message.

/// How many bytes at the end of `bytes` begin a character that is not whole: 0 to 3. Bytes that are no UTF-8 count as whole.
pub(super) fn unfinished(bytes: &[u8]) -> usize {
    for (back, byte) in bytes.iter().rev().take(3).enumerate() {
        let have = back.saturating_add(1);
        match character_length(*byte) {
            // A continuation byte: its first byte stands further left.
            None => {}
            Some(length) => return if length > have { have } else { 0 },
        }
    }
    0
}

/// The length of the character that starts with `byte`; `None` for a continuation byte.
pub(super) fn character_length(byte: u8) -> Option<usize> {
    match byte {
        0x80..=0xbf => None,
        0xc2..=0xdf => Some(2),
        0xe0..=0xef => Some(3),
        0xf0..=0xf4 => Some(4),
        _ => Some(1),
    }
}

/// The beginning of a character, kept back until its rest comes: at most three bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Held {
    bytes: [u8; 3],
    len: usize,
}

impl Held {
    /// Keeps `bytes`, at most three.
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut held = Self::default();
        for (slot, byte) in held.bytes.iter_mut().zip(bytes) {
            *slot = *byte;
            held.len = held.len.saturating_add(1);
        }
        held
    }

    /// What is kept.
    pub(super) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// True when nothing is kept.
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Goes on with `data`: what can be sent now of the kept bytes with those that complete them, and the rest of `data`.
    /// `None` when `data` does not complete the character: all of it is kept then.
    pub(super) fn complete<'a>(&mut self, data: &'a [u8]) -> Option<([u8; 4], usize, &'a [u8])> {
        let length = self.bytes.first().and_then(|first| character_length(*first)).unwrap_or(1);
        let missing = length.saturating_sub(self.len);
        let continuing =
            data.iter().take(missing).take_while(|byte| character_length(**byte).is_none()).count();
        let (more, rest) = data.split_at(continuing);
        let mut whole = [0; 4];
        let mut count = 0_usize;
        for (slot, byte) in whole.iter_mut().zip(self.as_slice().iter().chain(more)) {
            *slot = *byte;
            count = count.saturating_add(1);
        }
        // More may come only if every byte so far continues the character.
        if continuing < missing && rest.is_empty() {
            *self = Self::new(whole.get(..count).unwrap_or_default());
            return None;
        }
        *self = Self::default();
        Some((whole, count, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_begun_character_is_unfinished() {
        assert_eq!(unfinished("✓".as_bytes()), 0);
        assert_eq!(unfinished(&"✓".as_bytes()[..2]), 2);
        assert_eq!(unfinished(&"a😀".as_bytes()[..4]), 3);
        assert_eq!(unfinished(&"é".as_bytes()[..1]), 1);
        assert_eq!(unfinished(b"abc"), 0);
        assert_eq!(unfinished(b""), 0);
        assert_eq!(unfinished(&[0x80, 0x80, 0x80, 0x80]), 0);
        assert_eq!(unfinished(&[0xff]), 0);
    }

    #[test]
    fn a_held_beginning_is_completed_or_given_up() {
        let check = "✓".as_bytes();
        let mut held = Held::new(&check[..1]);
        assert!(held.complete(&check[1..2]).is_none());
        assert_eq!(held.as_slice(), &check[..2]);
        let rest = [check[2], b'x'];
        let (whole, count, rest) = held.complete(&rest).unwrap();
        assert_eq!((&whole[..count], rest), (check, &b"x"[..]));
        assert!(held.is_empty());

        let mut held = Held::new(&check[..2]);
        let (whole, count, rest) = held.complete(b"x").unwrap();
        assert_eq!((&whole[..count], rest), (&check[..2], &b"x"[..]));
    }
}
