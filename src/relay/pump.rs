//! Read, feed the bridge, write: one task drives both legs of a session.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::task::yield_now;
use tokio::time::{Sleep, sleep_until};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::BlockPool;
use super::block::AheadLoan;
use super::leg::LegIo;
use super::reading::{Read, Source};
use super::segment::{Rest, next_segment};
use crate::protocol::bridge::{Bridge, Leg, StreamEnd, Summary};

/// Rounds of reading and writing before other sessions get their turn: a quarter of a megabyte at most.
const ROUNDS: usize = 4;

/// Drives one session to its end.
pub(super) struct Pump<'a> {
    bridge: Bridge,
    legs: Legs,
    blocks: &'a BlockPool,
    ahead: AheadLoan<'a>,
    timer: Pin<Box<Sleep>>,
    /// `None` once the session was told.
    drained: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

/// Both connections, apart from the bridge so that one of each can be borrowed at once.
struct Legs {
    downstream: LegIo,
    upstream: LegIo,
}

impl Legs {
    fn of(&mut self, leg: Leg) -> &mut LegIo {
        match leg {
            Leg::Downstream => &mut self.downstream,
            Leg::Upstream => &mut self.upstream,
        }
    }
}

/// Whether a step moved anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Some,
    None,
}

impl Progress {
    fn or(self, other: Self) -> Self {
        if self == Self::Some { self } else { other }
    }
}

impl<'a> Pump<'a> {
    pub(super) fn new(
        bridge: Bridge,
        downstream: LegIo,
        upstream: LegIo,
        blocks: &'a BlockPool,
        drain: &CancellationToken,
    ) -> Self {
        let first = bridge.next_deadline().unwrap_or_else(now);
        // A token of its own: every wake-up locks it, and all sessions share their parent.
        let drained = Some(Box::pin(drain.child_token().cancelled_owned()));
        let timer = Box::pin(sleep_until(first.into()));
        let ahead = AheadLoan::new(blocks);
        Self { bridge, legs: Legs { downstream, upstream }, blocks, ahead, timer, drained }
    }

    /// Takes from `leg` what has come, as far as it has somewhere to go.
    fn read(&mut self, leg: Leg, context: &mut Context<'_>, now: Instant) -> Progress {
        let Self { bridge, legs, blocks, ahead, .. } = self;
        let io = legs.of(leg);
        let mut progress = Progress::None;
        while bridge.wants_bytes(leg) {
            let mut source = Source { bridge, leg, io, blocks, ahead, now };
            match source.poll_read(context) {
                Poll::Pending => break,
                Poll::Ready(Ok(Read::End)) => {
                    bridge.handle_end(leg, &StreamEnd::Eof, now);
                    return Progress::Some;
                }
                Poll::Ready(Ok(Read::Some)) => progress = Progress::Some,
                Poll::Ready(Ok(Read::Ahead)) => return Progress::Some,
                Poll::Ready(Err(error)) => {
                    bridge.handle_end(leg, &ended(&error), now);
                    return Progress::Some;
                }
            }
        }
        progress
    }

    /// Gives `leg` what waits for it, as far as it takes it.
    fn write(&mut self, leg: Leg, context: &mut Context<'_>, now: Instant) -> Progress {
        let Self { bridge, legs, blocks, ahead, .. } = self;
        let io = legs.of(leg);
        let mut progress = Progress::None;
        let rest = Rest::behind(bridge.unsent(leg));
        while let Some(segment) = next_segment(bridge.unsent(leg), rest) {
            match io.poll_write(context, segment) {
                Poll::Pending => {
                    if leg == Leg::Downstream && begins_to_read_ahead(bridge, now) {
                        progress = Progress::Some;
                    }
                    break;
                }
                Poll::Ready(Ok(count)) => bridge.mark_sent(leg, count, now),
                Poll::Ready(Err(error)) => bridge.handle_write_failure(leg, &ended(&error), now),
            }
            progress = Progress::Some;
            if let Some(block) = bridge.take_block(leg) {
                blocks.give_back(block);
            }
        }
        if let Poll::Ready(Err(error)) = io.poll_flush(context) {
            bridge.handle_write_failure(leg, &ended(&error), now);
        }
        if let Some(block) = bridge.take_block(leg) {
            blocks.give_back(block);
        }
        ahead.settle(bridge.blocks_ahead());
        progress.or(self.finish(leg, context, now))
    }

    /// Shuts down and closes `leg` when its time has come.
    fn finish(&mut self, leg: Leg, context: &mut Context<'_>, now: Instant) -> Progress {
        if self.bridge.wants_shutdown(leg) {
            // An error means that the peer is gone: its end will be read next.
            if self.legs.of(leg).poll_shutdown(context).is_ready() {
                self.bridge.mark_shut(leg, now);
                return Progress::Some;
            }
        }
        if self.bridge.is_done(leg) {
            self.legs.of(leg).close(self.blocks);
        }
        Progress::None
    }

    fn round(&mut self, context: &mut Context<'_>, now: Instant) -> Progress {
        let read = self.read(Leg::Upstream, context, now).or(self.read(Leg::Downstream, context, now));
        let was_read = self.bridge.wants_bytes(Leg::Upstream);
        self.bridge.flush(now);
        // The page has taken enough for more to be read ahead: nobody else would wake this task for that.
        let read = if !was_read && self.bridge.wants_bytes(Leg::Upstream) { Progress::Some } else { read };
        let written = self.write(Leg::Downstream, context, now).or(self.write(Leg::Upstream, context, now));
        read.or(written)
    }

    fn check_drain(&mut self, context: &mut Context<'_>, now: Instant) {
        if let Some(drained) = &mut self.drained
            && drained.as_mut().poll(context).is_ready()
        {
            self.drained = None;
            self.bridge.handle_drain(now);
        }
    }

    /// Does what is due and sets the alarm for what is next; true when something was due.
    fn check_time(&mut self, context: &mut Context<'_>, now: Instant) -> Progress {
        let Some(deadline) = self.bridge.next_deadline() else {
            return Progress::None;
        };
        if deadline <= now {
            self.bridge.handle_timeout(now);
            return Progress::Some;
        }
        // An alarm that is too early is cheaper than setting it anew for every byte.
        if self.timer.is_elapsed() || self.timer.deadline() > deadline.into() {
            self.timer.as_mut().reset(deadline.into());
        }
        match self.timer.as_mut().poll(context) {
            Poll::Ready(()) => Progress::Some,
            Poll::Pending => Progress::None,
        }
    }
}

impl Future for Pump<'_> {
    type Output = Summary;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Summary> {
        let pump = &mut *self;
        let now = now();
        pump.check_drain(context, now);
        for _ in 0..ROUNDS {
            let progress = pump.round(context, now).or(pump.check_time(context, now));
            if pump.bridge.is_done(Leg::Downstream) && pump.bridge.is_done(Leg::Upstream) {
                return Poll::Ready(pump.bridge.summary());
            }
            if progress == Progress::None {
                return Poll::Pending;
            }
        }
        let_others_go_first(context);
        Poll::Pending
    }
}

/// Has this task polled again once the runtime has looked at all sockets. A task that only wakes itself is polled some sixty times before
/// it looks (`Builder::event_interval`): beside a flood, tens of milliseconds for whoever presses a key.
fn let_others_go_first(context: &mut Context<'_>) {
    let turn = pin!(yield_now());
    // Not ready the first time, and that is all that is wanted of it.
    let _ = turn.poll(context);
}

/// Says that the page takes no more; true if the API server, which was not read, is to be read all the same.
fn begins_to_read_ahead(bridge: &mut Bridge, now: Instant) -> bool {
    let was_read = bridge.wants_bytes(Leg::Upstream);
    bridge.handle_full(now);
    !was_read && bridge.wants_bytes(Leg::Upstream)
}

/// Tokio's clock, which tests can stop.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

fn ended(error: &io::Error) -> StreamEnd {
    match error.kind() {
        // A peer that leaves without close_notify has still ended its stream.
        io::ErrorKind::UnexpectedEof => StreamEnd::Eof,
        _ => StreamEnd::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
