//! Data that is read where it is written from.

use std::time::Instant;

use super::super::in_place::Span;
use super::{BLOCK_SIZE, Bridge, Flow, Leg};

/// There is room for so many bytes at least, however much waits, if the block has it.
const LEAST_READ: usize = 16 * 1024;

impl Bridge {
    /// True if what comes from `leg` may be read straight into the other side's block: likely, nothing of it has to be copied or coded.
    /// [`handle_bytes`](Self::handle_bytes) takes it all the same.
    pub fn reads_in_place(&self, leg: Leg) -> bool {
        let reads = match leg {
            Leg::Downstream => self.input.reads_in_place(),
            Leg::Upstream => self.output.reads_in_place(),
        };
        // Ahead of a slow page output is read the ordinary way.
        let keeps_up = !self.is_full(leg.other()) && self.leg(leg.other()).outbox.blocks_aside() == 0;
        reads && keeps_up && self.leg(leg).flow == Flow::Open && self.has_room(leg.other())
    }

    /// Where the next bytes of `leg` are to be read to, if it [reads in place](Self::reads_in_place) and a block was lent: room for as
    /// many as make `whole` with what waits there, or for 16 KiB where that is more, but no more than the block has. Then call
    /// [`handle_in_place`](Self::handle_in_place), and nothing in between.
    pub fn place(&mut self, leg: Leg, whole: usize) -> &mut [u8] {
        let gap = self.gap(leg);
        let outbox = &mut self.leg_mut(leg.other()).outbox;
        let wanted = whole.saturating_sub(outbox.len()).max(LEAST_READ);
        let end = gap.saturating_add(wanted).min(BLOCK_SIZE.saturating_sub(outbox.mark()));
        outbox.room(end).get_mut(gap..).unwrap_or_default()
    }

    /// Takes the `count` bytes that were read to the [`place`](Self::place) of `leg`, and gives those that are still to be taken, by
    /// [`handle_bytes`](Self::handle_bytes).
    pub fn handle_in_place(&mut self, leg: Leg, count: usize, now: Instant) -> &[u8] {
        self.heard(leg, now);
        let span = Span { gap: self.gap(leg), count };
        let before = self.data_bytes(leg);
        let Self { input, output, down, up, .. } = self;
        let left = match leg {
            Leg::Downstream => input.hand_on(&mut up.outbox, span),
            Leg::Upstream => output.hand_on(&mut down.outbox, span),
        };
        if self.data_bytes(leg) > before {
            self.data_passed(leg, now);
        }
        let outbox = &mut self.leg_mut(leg.other()).outbox;
        outbox.room(left.gap.saturating_add(left.count)).get(left.gap..).unwrap_or_default()
    }

    fn gap(&mut self, leg: Leg) -> usize {
        match leg {
            Leg::Downstream => self.input.gap(&mut self.up.outbox),
            Leg::Upstream => self.output.gap(&mut self.down.outbox),
        }
    }

    /// Bytes of standard input or output that were read from `leg` and passed on.
    fn data_bytes(&self, leg: Leg) -> u64 {
        match leg {
            Leg::Downstream => self.input.counts().bytes,
            Leg::Upstream => self.output.bytes(),
        }
    }
}
