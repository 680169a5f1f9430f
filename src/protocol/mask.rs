//! Masking of client frames (RFC 6455 section 5.3).

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

    /// Masks or unmasks `bytes` in place. Eight bytes at a time, which the compiler turns into vector code.
    pub fn apply(self, bytes: &mut [u8]) {
        let [a, b, c, d] = self.0;
        let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
        let (blocks, rest) = bytes.as_chunks_mut::<8>();
        for block in blocks {
            *block = (u64::from_ne_bytes(*block) ^ wide).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip([a, b, c, d].into_iter().cycle()) {
            *byte ^= key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        }
    }
}
