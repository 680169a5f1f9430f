//! Masking of client frames (RFC 6455 section 5.3).

use std::cell::RefCell;

/// Payload that has to be understood loses its mask in steps of this many bytes, within the first-level cache.
const STEP: usize = 4096;

thread_local! {
    /// Where it stands then: on the stack it would have to be cleared each time.
    static PLAIN: RefCell<[u8; STEP]> = const { RefCell::new([0; STEP]) };
}

/// A masking key, turned to where the payload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mask([u8; 4]);

impl Mask {
    /// The key as it stands in the frame's header.
    pub fn new(key: [u8; 4]) -> Self {
        Self(key)
    }

    /// The key turned for a payload that goes on after `count` bytes.
    #[must_use]
    pub fn advanced(self, count: usize) -> Self {
        let mut key = self.0;
        key.rotate_left(count & 3);
        Self(key)
    }

    /// Takes this mask off and puts `other` on, in one go.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self((u32::from_ne_bytes(self.0) ^ u32::from_ne_bytes(other.0)).to_ne_bytes())
    }

    /// Masks or unmasks `bytes` in place. Eight bytes at a time, which the compiler turns into vector code.
    pub fn apply(self, bytes: &mut [u8]) {
        let wide = self.wide();
        let (blocks, rest) = bytes.as_chunks_mut::<8>();
        for block in blocks {
            *block = (u64::from_ne_bytes(*block) ^ wide).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(self.0.into_iter().cycle()) {
            *byte ^= key;
        }
    }

    /// Masks or unmasks the byte at which the payload stands.
    pub(super) fn apply_to_first(self, byte: u8) -> u8 {
        let [first, ..] = self.0;
        byte ^ first
    }

    /// Masks or unmasks `bytes` into `to`, which is as long as `bytes`.
    pub fn apply_into(self, bytes: &[u8], to: &mut [u8]) {
        let wide = self.wide();
        let (blocks, rest) = bytes.as_chunks::<8>();
        let (places, last) = to.as_chunks_mut::<8>();
        for (place, block) in places.iter_mut().zip(blocks) {
            *place = (u64::from_ne_bytes(*block) ^ wide).to_ne_bytes();
        }
        for ((place, byte), key) in last.iter_mut().zip(rest).zip(self.0.into_iter().cycle()) {
            *place = byte ^ key;
        }
    }

    /// Gives `bytes` without this mask, in steps; `take` must not ask for the same of others. The last step is told as such.
    pub(super) fn steps<E>(
        mut self,
        bytes: &[u8],
        mut take: impl FnMut(&[u8], bool) -> Result<(), E>,
    ) -> Result<(), E> {
        PLAIN.with_borrow_mut(|plain| {
            let mut parts = bytes.chunks(STEP).peekable();
            while let Some(part) = parts.next() {
                let plain = plain.get_mut(..part.len()).expect("a chunk is no longer than a step");
                self.apply_into(part, plain);
                self = self.advanced(part.len());
                take(plain, parts.peek().is_none())?;
            }
            Ok(())
        })
    }

    fn wide(self) -> u64 {
        let [a, b, c, d] = self.0;
        u64::from_ne_bytes([a, b, c, d, a, b, c, d])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mask_is_changed_for_another_at_once() {
        let (first, second) = (Mask::new([1, 2, 3, 4]), Mask::new([50, 60, 70, 80]));
        let (mut twice, mut once) = (*b"a payload", *b"a payload");
        first.apply(&mut twice);
        second.apply(&mut twice);
        first.and(second).apply(&mut once);
        assert_eq!(once, twice);
    }

    #[test]
    fn a_payload_cut_anywhere_unmasks_the_same() {
        let plain: Vec<u8> = (0..=255).collect();
        let mask = Mask::new([0x37, 0xfa, 0x21, 0x3d]);
        let mut whole = plain.clone();
        mask.apply(&mut whole);
        assert_eq!(whole[..5], [0x37, 0xfb, 0x23, 0x3e, 0x33]);
        for cut in 0..plain.len() {
            let mut pieces = whole.clone();
            let (first, second) = pieces.split_at_mut(cut);
            mask.apply(first);
            mask.advanced(cut).apply(second);
            assert_eq!(pieces, plain, "cut at {cut}");
            let (first, second) = whole.split_at(cut);
            let (to_first, to_second) = pieces.split_at_mut(cut);
            mask.apply_into(first, to_first);
            mask.advanced(cut).apply_into(second, to_second);
            assert_eq!(pieces, plain, "copied, cut at {cut}");
        }
    }
}
