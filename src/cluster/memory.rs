//! What a cluster was found to speak, so that the next session need not find out again.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

use crate::protocol::{Subprotocol, Wanted};

/// What one `Sec-WebSocket-Protocol` line offers an API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offered {
    /// v4 alone.
    V4,
    /// v5 alone.
    V5,
    /// v5, and v4 for those that do not know it.
    V5ThenV4,
    /// What servers older than v4 know, and v4 in base64.
    Older,
}

impl Offered {
    const ALL: [Self; 4] = [Self::V4, Self::V5, Self::V5ThenV4, Self::Older];

    /// The names, in the order in which they are sent.
    pub fn subprotocols(self) -> &'static [Subprotocol] {
        match self {
            Self::V4 => &[Subprotocol::V4],
            Self::V5 => &[Subprotocol::V5],
            Self::V5ThenV4 => &[Subprotocol::V5, Subprotocol::V4],
            Self::Older => &[Subprotocol::V4Base64, Subprotocol::Channel, Subprotocol::Base64Channel],
        }
    }
}

/// What worked, for each kind of need. A word each: the second of learning in the high bits, the offer in the low eight.
#[derive(Debug)]
pub(super) struct Memory {
    born: Instant,
    plain: AtomicU64,
    half_close: AtomicU64,
    half_close_only: AtomicU64,
}

impl Memory {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            born: now,
            plain: AtomicU64::new(NOTHING),
            half_close: AtomicU64::new(NOTHING),
            half_close_only: AtomicU64::new(NOTHING),
        }
    }

    pub(super) fn recall(&self, wanted: Wanted, now: Instant) -> Option<Offered> {
        let word = self.slot(wanted).load(Ordering::Relaxed);
        let learnt = self.born + Duration::from_secs(word >> CODE_BITS);
        let code = word & CODE_MASK;
        let fresh = now.saturating_duration_since(learnt) < KEPT_FOR;
        Offered::ALL.into_iter().find(|offered| fresh && offered.code() == code)
    }

    pub(super) fn remember(&self, wanted: Wanted, offered: Option<Offered>, now: Instant) {
        let second = now.saturating_duration_since(self.born).as_secs();
        let word = offered.map_or(NOTHING, |offered| (second << CODE_BITS) | offered.code());
        self.slot(wanted).store(word, Ordering::Relaxed);
    }

    fn slot(&self, wanted: Wanted) -> &AtomicU64 {
        match wanted {
            Wanted::V4 => &self.plain,
            // The same offers in the same order.
            Wanted::HalfClose | Wanted::NoInput => &self.half_close,
            Wanted::HalfCloseOnly => &self.half_close_only,
        }
    }
}

impl Offered {
    fn code(self) -> u64 {
        match self {
            Self::V4 => 1,
            Self::V5 => 2,
            Self::V5ThenV4 => 3,
            Self::Older => 4,
        }
    }
}

/// No offer has this code.
const NOTHING: u64 = 0;
const CODE_BITS: u32 = 8;
const CODE_MASK: u64 = 0xff;
/// An upgraded cluster is found out within this time; a cluster that must be asked twice pays for it once in as long.
const KEPT_FOR: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_worked_is_known_for_ten_minutes_and_for_its_own_need_only() {
        let start = Instant::now();
        let memory = Memory::new(start);
        let later = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(memory.recall(Wanted::V4, start), None);
        memory.remember(Wanted::HalfClose, Some(Offered::V4), later(100));
        assert_eq!(memory.recall(Wanted::HalfClose, later(699)), Some(Offered::V4));
        assert_eq!(memory.recall(Wanted::HalfClose, later(700)), None);
        assert_eq!(memory.recall(Wanted::V4, later(100)), None);
        memory.remember(Wanted::HalfClose, None, later(101));
        assert_eq!(memory.recall(Wanted::HalfClose, later(102)), None);
    }
}
