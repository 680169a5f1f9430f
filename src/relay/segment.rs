//! How much is written at once.
//!
//! What a write leaves over after its last full segment goes out as a small segment of its own, and wakes its reader for a few bytes.
//! So nothing longer is written than what a network takes in full segments, and what is left over waits for what was read with it.

use crate::protocol::bridge::HIGH_WATER;

/// What is written at once, in bytes: under TLS 1.3 four records, which with their 22 bytes each (RFC 8446 section 5.2) are 65,160: as
/// much as 45 segments carry on Ethernet (1,448 bytes), and less than the loopback device takes in one (65,483).
pub(super) const SEGMENT: usize = 65_160 - 4 * 22;

// Else what is full would have nothing to write, and nobody would come back for it.
const _: () = assert!(SEGMENT <= HIGH_WATER);

/// What becomes of bytes that make no whole segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// They are written too.
    Goes,
    /// They stay: more was read and is about to stand behind them, or it turns out at the next reading that there is nothing.
    Stays,
}

impl Rest {
    /// Of `unsent`, before anything of it is written. So much waits only if reading stopped for it.
    pub(super) fn behind(unsent: &[u8]) -> Self {
        if unsent.len() < HIGH_WATER { Self::Goes } else { Self::Stays }
    }
}

/// What is to be written next of what waits, if anything is.
pub(super) fn next_segment(unsent: &[u8], rest: Rest) -> Option<&[u8]> {
    match (unsent.get(..SEGMENT), rest) {
        (Some(segment), _) => Some(segment),
        (None, Rest::Goes) if !unsent.is_empty() => Some(unsent),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_segments_go_first_and_the_rest_only_once_nothing_is_to_come() {
        let waits = vec![0; 2 * SEGMENT + 1];
        for (count, rest, expected) in [
            (0, Rest::Goes, None),
            (0, Rest::Stays, None),
            (1, Rest::Goes, Some(1)),
            (1, Rest::Stays, None),
            (SEGMENT - 1, Rest::Stays, None),
            (SEGMENT, Rest::Stays, Some(SEGMENT)),
            (2 * SEGMENT + 1, Rest::Goes, Some(SEGMENT)),
        ] {
            assert_eq!(next_segment(&waits[..count], rest).map(<[u8]>::len), expected, "{count} {rest:?}");
        }
    }
}
