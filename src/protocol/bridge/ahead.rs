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
use super::{BLOCK_SIZE, Bridge, HIGH_WATER, Leg, PIECE};

/// Where in a block the next one is begun: a piece may not fit any more.
const FULL_AT: usize = BLOCK_SIZE - PIECE / 2 * 3;
/// An API server that sent nothing for this long has nothing more on the way: hops copy at once, but may wait for their turn.
const SILENCE: Duration = Duration::from_millis(50);
/// A page that kept up for this long has let us read what waited on the way, even if output flows without a pause.
const KEPT_UP: Duration = Duration::from_millis(200);
/// The longest that input is held.
const HELD: Duration = Duration::from_secs(1);
/// The longest that a size waits for the output to pass before it counts as input.
const SIZE_HELD: Duration = Duration::from_secs(2);
/// What is typed reaches the API server's reader in this time, across an ocean too.
const FRESH: Duration = Duration::from_millis(250);
/// More input than this may stand unread for ever, behind a command that does not read it: a pipe holds no more. Only the pong to a
/// ping behind it tells then that it was read, and there is nothing to win by holding more of it.
const PIPE: u64 = 64 * 1024;

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
    /// When the page was last slow.
    slow_at: Option<Instant>,
    /// When the API server was last left unread because the page was slow.
    stopped_at: Option<Instant>,
    /// Until when what was last written to the API server may be on its way.
    fresh_until: Option<Instant>,
    /// Since when a size waits.
    size_since: Option<Instant>,
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
    Since(Instant),
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
            slow_at: None,
            stopped_at: None,
            fresh_until: None,
            size_since: None,
        }
    }

    /// True while nothing may be written to the API server.
    pub(super) fn holds_input(&self) -> bool {
        matches!(self.hold, Hold::Since(_))
    }

    /// What is held is let go.
    pub(super) fn let_go(&mut self) {
        self.hold = Hold::Over;
    }

    /// Something was written to the API server.
    pub(super) fn spoke(&mut self, now: Instant) {
        self.fresh_until = Some(after(now, FRESH));
    }
}

impl Bridge {
    /// Says that the page's socket takes no more for now.
    pub fn handle_full(&mut self, now: Instant) {
        if self.down.outbox.len() >= HIGH_WATER {
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

    /// True while another piece fits `leg`'s present block. Below the high-water mark it always does.
    pub(super) fn has_room(&self, leg: Leg) -> bool {
        self.leg(leg).outbox.mark() < FULL_AT
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
        if self.down.outbox.len() < HIGH_WATER {
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

    fn note_slowness(&mut self, now: Instant) {
        self.ahead.slow_at = Some(now);
        if !self.wants_bytes(Leg::Upstream) {
            self.ahead.stopped_at = Some(now);
        }
    }

    /// Holds input while output waits on the way.
    pub(super) fn hold_input(&mut self, now: Instant) {
        self.ahead.hold = match self.ahead.hold {
            _ if self.up.outbox.is_empty() => Hold::Open,
            Hold::Over => Hold::Over,
            _ if !self.should_hold(now) => Hold::Over,
            Hold::Open => Hold::Since(now),
            Hold::Since(since) => Hold::Since(since),
        };
        self.ahead.size_since = self.input.has_size().then(|| self.ahead.size_since.unwrap_or(now));
    }

    fn should_hold(&self, now: Instant) -> bool {
        self.is_behind(now) && self.may_read_ahead() && self.up.unread_at_most() <= PIPE
    }

    /// Whether a size goes out. While output waits it stays, and the next one takes its place: the size of a window that is drawn
    /// larger is no reason to read ahead.
    pub(super) fn sizes_now(&self, now: Instant) -> Sizes {
        let waited = self.ahead.size_since.is_some_and(|since| after(since, SIZE_HELD) <= now);
        if waited || !self.is_behind(now) { Sizes::Go } else { Sizes::Stay }
    }

    /// When what is held is let go.
    pub(super) fn held_until(&self) -> Option<Instant> {
        let Hold::Since(since) = self.ahead.hold else {
            return None;
        };
        let longest = after(since, HELD);
        Some(self.behind_until().map_or(longest, |until| until.min(longest)))
    }

    /// When a size that waits is looked at again.
    pub(super) fn size_held_until(&self) -> Option<Instant> {
        let patience = after(self.ahead.size_since?, SIZE_HELD);
        let is_read = self.wants_bytes(Leg::Upstream);
        let until = self.behind_until().filter(|_| is_read);
        Some(until.map_or(patience, |until| until.min(patience)))
    }

    /// True while output may wait on the way because the page is slow, or was until now.
    fn is_behind(&self, now: Instant) -> bool {
        self.behind_until().is_some_and(|until| now < until)
    }

    fn behind_until(&self) -> Option<Instant> {
        let kept_up = after(self.ahead.slow_at?, KEPT_UP);
        let read_since = self.ahead.stopped_at.map_or(self.up.heard_at, |at| at.max(self.up.heard_at));
        Some(kept_up.min(after(read_since, SILENCE)))
    }
}

/// A time that is near enough to be told.
fn after(at: Instant, time: Duration) -> Instant {
    at.checked_add(time).unwrap_or(at)
}
