//! What is said to an API server whose output waits behind a slow page, and how far that output is read ahead for it.
//!
//! The API server closes its connection right after its status. If input stands unread in its socket then, or reaches it later, its
//! kernel resets the connection and drops the output that it could not send yet; so does every hop before it. That does no harm
//! while nothing waits there, hence two rules for a page that is slow:
//!
//! - Input is **held** until the output that waits on the way has been read.
//! - As long as input is held, or may stand unread, output is **read ahead** of the page, so that nothing waits on the way.
//!
//! Both have a bound, and then input passes and the page's pace is the command's again: Ctrl-C must reach a flood.

use std::time::{Duration, Instant};

use super::input::Sizes;
use super::leg::Flow;
use super::recent::Recent;
use super::{BLOCK_SIZE, Bridge, Leg, PIECE};

/// A block with less room than this is full.
const LEAST_ROOM: usize = 2 * 1024;
/// What a piece may need beside its data: headers, the end of a message before it, a character kept back.
const OVERHEAD: usize = 64;
/// How often the way is looked at while something waits for it to be empty. Time is counted in looks: a machine that is busy, or a
/// container that has used up its share, must not take its own standstill for the cluster's silence.
const LOOK: Duration = Duration::from_millis(20);
/// How long input is held behind a page that is slow, or was.
const BEHIND_SLOW_PAGE: Patience = Patience { silent: 30, flowing: 50, all: 100 };
/// And while output floods a page that keeps up: hardly felt, and enough to read what waits on the way of a gate that has fallen behind.
const IN_FLOOD: Patience = Patience { silent: 15, flowing: 25, all: 60 };
/// So often a size that waits is looked at before it counts as input.
const SIZE_LOOKS: u32 = 50;
/// A page that kept up for this long has let us read what waited on the way.
const KEPT_UP: Duration = Duration::from_secs(1);
/// What is typed reaches the API server's reader in this time, across an ocean too.
const FRESH: Duration = Duration::from_millis(250);
/// More input than this may stand unread for ever, behind a command that does not read it: a pipe holds no more. Only the pong to a
/// ping behind it tells then that it was read, and there is nothing to win by holding more of it.
const PIPE: u64 = 64 * 1024;

/// In looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Patience {
    /// So many in a row at which nothing had come mean that nothing is on the way. Hops copy at once, but a hop whose receiver was full
    /// sends on only when Linux probes it: after 200 ms, then after 400 (`TCP_RTO_MIN`; measured, with megabytes waiting meanwhile).
    silent: u32,
    /// So many at which something had come are enough: the rest is the command's own pace.
    flowing: u32,
    /// The longest.
    all: u32,
}

/// A block that an outbox needs before more is read for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockNeed {
    /// Its only one.
    First,
    /// One more, for output that is read ahead. If there is none, call [`Bridge::stop_reading_ahead`].
    Ahead,
}

/// How far a session has come with reading ahead.
#[derive(Debug)]
pub(super) struct Ahead {
    /// Blocks that may be set aside.
    limit: usize,
    page: Page,
    bound: Bound,
    hold: Hold,
    /// A size that waits for the way to be empty: how often it was looked at. `None` if there is none, or it may go.
    size_looks: Option<u32>,
    /// How often in a row nothing had come.
    silent_looks: u32,
    next_look: Option<Instant>,
    /// When the page was last slow.
    slow_at: Option<Instant>,
    /// Until when what was last written to the API server may be on its way.
    fresh_until: Option<Instant>,
    recent: Recent,
}

/// Whether the page takes what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    KeepsUp,
    /// Its socket took no more, with so much left that nothing more would be read for it.
    IsSlow,
}

/// Whether more may be read ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// It may.
    Away,
    /// The session's own bound is reached: not before the page has taken half of what was.
    Reached,
    /// There is no memory: not before the page has taken what was.
    Refused,
}

/// Whether input may be written to the API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    /// It may.
    Open,
    /// It waits.
    Closed {
        /// So often the way was looked at since.
        looks: u32,
        /// So often of these something had come.
        flowing: u32,
        /// So much output had come before.
        output_bytes: u64,
    },
    /// All that waits may: it has waited enough.
    Over,
}

impl Ahead {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            limit: bytes / BLOCK_SIZE,
            page: Page::KeepsUp,
            bound: Bound::Away,
            hold: Hold::Open,
            size_looks: None,
            silent_looks: 0,
            next_look: None,
            slow_at: None,
            fresh_until: None,
            recent: Recent::default(),
        }
    }

    /// True while nothing may be written to the API server.
    pub(super) fn holds_input(&self) -> bool {
        matches!(self.hold, Hold::Closed { .. })
    }

    /// What is held is let go.
    pub(super) fn let_go(&mut self) {
        self.hold = Hold::Over;
    }

    /// Something came from the API server, after so much output.
    pub(super) fn heard(&mut self, output_bytes: u64, now: Instant) {
        self.silent_looks = 0;
        self.recent.note(output_bytes, now);
    }

    /// Something was written to the API server.
    pub(super) fn spoke(&mut self, now: Instant) {
        self.fresh_until = now.checked_add(FRESH);
    }
}

impl Bridge {
    /// Says that the page's socket takes no more for now.
    pub fn handle_full(&mut self, now: Instant) {
        if self.is_full(Leg::Downstream) {
            self.ahead.page = Page::IsSlow;
            self.note_slowness(now);
        }
    }

    /// Says that there is no memory for reading ahead.
    pub fn stop_reading_ahead(&mut self) {
        self.ahead.bound = Bound::Refused;
    }

    /// The block that `leg`'s outbox needs before more is read for it, if it needs one.
    pub fn needs_block(&self, leg: Leg) -> Option<BlockNeed> {
        if self.leg(leg.other()).flow != Flow::Open {
            // What comes now is discarded.
            return None;
        }
        if self.leg(leg).outbox.needs_block() {
            return Some(BlockNeed::First);
        }
        (!self.has_room(leg)).then_some(BlockNeed::Ahead)
    }

    /// Lends `leg`'s outbox a block.
    pub fn lend_block(&mut self, leg: Leg, block: Vec<u8>) {
        if leg == Leg::Downstream {
            self.output.flush(&mut self.down.outbox);
        }
        self.leg_mut(leg).outbox.lend_block(block);
    }

    /// Takes a block back in which nothing waits for `leg`, if there is one.
    pub fn take_block(&mut self, leg: Leg) -> Option<Vec<u8>> {
        self.leg_mut(leg).outbox.take_block()
    }

    /// How many blocks hold output that was read ahead.
    pub fn blocks_ahead(&self) -> usize {
        self.down.outbox.blocks_aside()
    }

    /// True while `leg`'s present block has room. Below the high-water mark it has, for the longest piece.
    pub(super) fn has_room(&self, leg: Leg) -> bool {
        self.leg(leg).outbox.mark() < BLOCK_SIZE - LEAST_ROOM
    }

    /// The longest piece of output that fits the page's present block, in its own form too.
    pub(super) fn piece_for_page(&self) -> usize {
        let room = BLOCK_SIZE.saturating_sub(self.down.outbox.mark()).saturating_sub(OVERHEAD);
        PIECE.min((room / self.output.growth_of_three()).saturating_mul(3))
    }

    /// True while output is read although the page does not take it.
    pub(super) fn reads_ahead(&self) -> bool {
        self.ahead.page == Page::IsSlow && self.may_read_ahead() && self.input_may_be_unread()
    }

    /// True unless that is off, or a bound is reached.
    fn may_read_ahead(&self) -> bool {
        let has_place = self.has_room(Leg::Downstream) || self.blocks_ahead() < self.ahead.limit;
        self.ahead.limit > 0 && self.ahead.bound == Bound::Away && has_place
    }

    /// True while the API server may close with input unread.
    fn input_may_be_unread(&self) -> bool {
        self.ahead.holds_input() || self.ahead.fresh_until.is_some() || self.up.unread_at_most() > PIPE
    }

    /// Notes how the page does, and how far it has taken what was read ahead.
    pub(super) fn look_at_page(&mut self, now: Instant) {
        self.ahead.fresh_until = self.ahead.fresh_until.filter(|until| now < *until);
        if !self.is_full(Leg::Downstream) {
            self.ahead.page = Page::KeepsUp;
            self.ahead.bound = Bound::Away;
        } else if self.ahead.page == Page::IsSlow {
            let is_half = self.blocks_ahead() <= self.ahead.limit / 2;
            self.ahead.bound = match self.ahead.bound {
                Bound::Away if !self.may_read_ahead() => Bound::Reached,
                Bound::Reached if is_half => Bound::Away,
                bound => bound,
            };
            self.note_slowness(now);
        }
    }

    /// Notes that the page was slow until now.
    pub(super) fn note_slowness(&mut self, now: Instant) {
        if self.ahead.page == Page::IsSlow {
            self.ahead.slow_at = Some(now);
        }
    }

    /// Holds input while output waits on the way.
    pub(super) fn hold_input(&mut self, now: Instant) {
        self.ahead.hold = match self.ahead.hold {
            _ if self.up.outbox.is_empty() => Hold::Open,
            Hold::Over => Hold::Over,
            _ if !self.may_hold() => Hold::Over,
            Hold::Open if self.was_slow(now) || self.is_flooded(now) => {
                self.ahead.silent_looks = 0;
                Hold::Closed { looks: 0, flowing: 0, output_bytes: self.output.bytes() }
            }
            Hold::Open => Hold::Over,
            Hold::Closed { looks, flowing, output_bytes } => {
                let patience = self.patience(now);
                let is_over = !(self.was_slow(now) || self.has_flooded(now))
                    || self.ahead.silent_looks >= patience.silent
                    || flowing >= patience.flowing
                    || looks >= patience.all
                    || self.has_read_enough_since(output_bytes);
                if is_over { Hold::Over } else { self.ahead.hold }
            }
        };
        self.plan_look(now);
    }

    fn may_hold(&self) -> bool {
        self.may_read_ahead() && self.up.unread_at_most() <= PIPE
    }

    fn patience(&self, now: Instant) -> Patience {
        if self.was_slow(now) { BEHIND_SLOW_PAGE } else { IN_FLOOD }
    }

    fn has_flooded(&self, now: Instant) -> bool {
        self.ahead.recent.is_flood(self.output.bytes(), now)
    }

    /// True in the middle of much output, or where it has only just stood still.
    fn is_flooded(&self, now: Instant) -> bool {
        self.has_flooded(now) && self.ahead.recent.came_within(LOOK.saturating_mul(IN_FLOOD.silent), now)
    }

    /// True when as much came since then as may be read ahead: a page that keeps up with a flood does not let it wait anywhere.
    fn has_read_enough_since(&self, output_bytes: u64) -> bool {
        let limit = self.ahead.limit.saturating_mul(BLOCK_SIZE) as u64;
        self.output.bytes().saturating_sub(output_bytes) >= limit
    }

    /// Whether a size goes out. While output waits it stays, and the next one takes its place: the size of a window that is drawn
    /// larger is no reason to read ahead.
    pub(super) fn sizes_now(&mut self, now: Instant) -> Sizes {
        let looks = self.ahead.size_looks.unwrap_or(0);
        let is_silent = looks.min(self.ahead.silent_looks) >= BEHIND_SLOW_PAGE.silent;
        let may_wait = self.was_slow(now) || self.is_flooded(now);
        let waits = self.input.has_size() && may_wait && looks < SIZE_LOOKS && !is_silent;
        self.ahead.size_looks = waits.then_some(looks);
        if is_silent {
            self.ahead.let_go();
        }
        if waits { Sizes::Stay } else { Sizes::Go }
    }

    /// When the way is looked at next, if anything waits for it.
    pub(super) fn next_look(&self) -> Option<Instant> {
        self.ahead.next_look
    }

    /// Looks at the way. A flush follows.
    pub(super) fn look(&mut self) {
        self.ahead.next_look = None;
        let is_read = self.wants_bytes(Leg::Upstream);
        let is_flowing = is_read && self.ahead.silent_looks == 0;
        // Of one to whom nobody listens there is no telling whether it is silent.
        self.ahead.silent_looks = if is_read { self.ahead.silent_looks.saturating_add(1) } else { 0 };
        if let Hold::Closed { looks, flowing, .. } = &mut self.ahead.hold {
            *looks = looks.saturating_add(1);
            *flowing = flowing.saturating_add(is_flowing.into());
        }
        if let Some(looks) = &mut self.ahead.size_looks {
            *looks = looks.saturating_add(1);
        }
    }

    fn plan_look(&mut self, now: Instant) {
        let is_needed = self.ahead.holds_input() || self.ahead.size_looks.is_some();
        let next = self.ahead.next_look.or_else(|| now.checked_add(LOOK));
        self.ahead.next_look = next.filter(|_| is_needed);
    }

    /// True while output may wait on the way because the page is slow, or was.
    fn was_slow(&self, now: Instant) -> bool {
        self.ahead.slow_at.and_then(|at| at.checked_add(KEPT_UP)).is_some_and(|until| now < until)
    }
}
