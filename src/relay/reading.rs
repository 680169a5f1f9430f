//! Reads one leg and gives the bridge what came.

use std::io;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use super::BlockPool;
use super::block::AheadLoan;
use super::leg::LegIo;
use super::segment::SEGMENT;
use crate::protocol::bridge::{BlockNeed, Bridge, Leg};

/// What reading brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// Bytes.
    Some,
    /// Bytes that a slow page does not take yet: it may take something meanwhile.
    Ahead,
    /// The end of the stream.
    End,
}

/// Whether a leg's outbox got the block that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lent {
    /// It needs none, or got its only one.
    Enough,
    /// One more, for reading ahead.
    Ahead,
    /// All sessions together read enough ahead.
    Refused,
}

/// A leg to read, and what takes its bytes.
pub(super) struct Source<'a, 'pool> {
    pub(super) bridge: &'a mut Bridge,
    pub(super) leg: Leg,
    pub(super) io: &'a mut LegIo,
    pub(super) blocks: &'a BlockPool,
    pub(super) ahead: &'a mut AheadLoan<'pool>,
    pub(super) now: Instant,
}

impl Source<'_, '_> {
    /// Reads once, without a copy where the bridge only writes headers anew.
    pub(super) fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Read>> {
        if self.bridge.reads_in_place(self.leg) && self.io.reads_anywhere() {
            self.poll_in_place(context)
        } else {
            self.poll_copy(context)
        }
    }

    /// Reads straight into the block that waits for the other side.
    fn poll_in_place(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Read>> {
        let Self { bridge, leg, io, blocks, ahead, now } = self;
        // An idle session waits here and holds no block.
        ready!(io.poll_ready(context))?;
        if lend(bridge, leg.other(), blocks, ahead) == Lent::Refused {
            return Poll::Pending;
        }
        let count = ready!(io.poll_read(context, bridge.place(*leg, SEGMENT)))?;
        if count == 0 {
            return Poll::Ready(Ok(Read::End));
        }
        let rest = bridge.handle_in_place(*leg, count, *now);
        if !rest.is_empty() {
            io.keep(rest, blocks);
        }
        Poll::Ready(Ok(Read::Some))
    }

    /// Reads into a block of the leg's own, from which the bridge takes what has somewhere to go.
    fn poll_copy(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Read>> {
        let Self { bridge, leg, io, blocks, ahead, now } = self;
        let bytes = ready!(io.poll_fill(context, blocks))?;
        if bytes.is_empty() {
            return Poll::Ready(Ok(Read::End));
        }
        let lent = lend(bridge, leg.other(), blocks, ahead);
        if lent == Lent::Refused {
            return Poll::Pending;
        }
        let taken = bridge.handle_bytes(*leg, bytes, *now);
        io.consume(taken, blocks);
        Poll::Ready(Ok(if lent == Lent::Ahead { Read::Ahead } else { Read::Some }))
    }
}

fn lend(bridge: &mut Bridge, leg: Leg, blocks: &BlockPool, ahead: &mut AheadLoan<'_>) -> Lent {
    match bridge.needs_block(leg) {
        None => Lent::Enough,
        Some(BlockNeed::First) => {
            bridge.lend_block(leg, blocks.take());
            Lent::Enough
        }
        Some(BlockNeed::Ahead) => {
            let Some(block) = ahead.take() else {
                bridge.stop_reading_ahead();
                return Lent::Refused;
            };
            bridge.lend_block(leg, block);
            Lent::Ahead
        }
    }
}
