//! Both legs of a session as one machine: bytes, ends, deadlines and commands in; bytes, the next deadline and an outcome out.
//!
//! Call `handle_*` with what happened, then [`flush`](Bridge::flush), then write [`unsent`](Bridge::unsent) of each leg and say so
//! with [`mark_sent`](Bridge::mark_sent). Read a leg only while [`wants_bytes`](Bridge::wants_bytes) says so: that is how a slow
//! reader on one side stops the writer on the other. Every timing rule stands in `deadlines.rs`, every closing rule in
//! `closing.rs`.

mod ahead;
mod closing;
mod deadlines;
mod in_place;
mod input;
mod leaving;
mod leg;
mod output;
mod recent;
mod summary;

use std::time::{Duration, Instant};

use self::ahead::Ahead;
pub use self::ahead::BlockNeed;
pub use self::closing::EndedBy;
use self::closing::{Farewell, Last};
pub use self::deadlines::Times;
pub use self::input::InputCounts;
use self::input::{Flushed, Input};
pub use self::leaving::{LastInput, OnDisconnect, Then};
use self::leg::{Flow, LegState};
use self::output::{Characters, Output};
use self::summary::Ended;
pub use self::summary::{LostBytes, Summary};
use super::farewell::line_of_words;
use super::outbox::COMPACT_AT;
use super::reader::ReadError;
use super::{ControlFrame, ControlKind, KeySource, Pairing, TerminalSize};
use crate::target::Streams;

/// Bytes that may wait for a leg before nothing more is read for it: enough that a system call is worth its price.
pub const HIGH_WATER: usize = 64 * 1024;
/// The longest piece of payload that is taken at once, so that an outbox exceeds the high-water mark by one encoded piece at most.
const PIECE: usize = 16 * 1024;
/// The size of a block that holds what a bridge writes before it stops reading: the high-water mark, an encoded piece, and what
/// was sent but not moved out of the way yet.
pub const BLOCK_SIZE: usize = HIGH_WATER + PIECE / 2 * 3 + COMPACT_AT;

/// One side of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leg {
    /// The page's, or program's.
    Downstream,
    /// The API server's.
    Upstream,
}

impl Leg {
    /// The other side.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Downstream => Self::Upstream,
            Self::Upstream => Self::Downstream,
        }
    }
}

/// How a leg's byte stream ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEnd {
    /// Orderly.
    Eof,
    /// By an error of the transport, in its words.
    Failed(String),
}

/// Who reads at the far end of the downstream leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// A person at a page: internal failures are told in our words.
    Page,
    /// A program: it gets the API server's status as it is.
    Program,
}

/// What a session is made of.
#[derive(Debug, Clone)]
pub struct BridgeSettings {
    /// What each leg speaks.
    pub pairing: Pairing,
    /// Which streams were asked for.
    pub streams: Streams,
    /// The terminal's size to begin with, if the request said it.
    pub size: Option<TerminalSize>,
    /// Who reads.
    pub audience: Audience,
    /// Whether the command is one that looks for a shell: a runtime tells it with its exit code, and nobody asked for its words.
    pub finds_shell: bool,
    /// How long it may be silent, stuck or open.
    pub times: Times,
    /// What becomes of its terminal when we leave first.
    pub on_disconnect: OnDisconnect,
    /// How many bytes of blocks may hold output that was read ahead of a slow page; zero reads none ahead.
    pub read_ahead: usize,
    /// Where masking keys come from.
    pub keys: KeySource,
}

/// The machine. It owns no socket and reads no clock.
#[derive(Debug)]
pub struct Bridge {
    settings: BridgeSettings,
    input: Input,
    output: Output,
    down: LegState,
    up: LegState,
    ahead: Ahead,
    opened_at: Instant,
    /// When terminal data last passed, either way.
    data_at: Instant,
    /// When a begun character was first kept back.
    held_since: Option<Instant>,
    ended: Option<Ended>,
    /// The transport error that came before the end, if one did.
    failure: Option<String>,
}

impl Bridge {
    /// A session that begins now.
    pub fn new(settings: BridgeSettings, now: Instant) -> Self {
        let whole = settings.times.utf8_hold > Duration::ZERO;
        let characters = if whole { Characters::WholeForAMoment } else { Characters::AsTheyCome };
        Self {
            input: Input::new(&settings.pairing, settings.streams, settings.size, settings.keys),
            output: Output::new(&settings.pairing, characters),
            down: LegState::new(now),
            up: LegState::new(now),
            ahead: Ahead::new(settings.read_ahead),
            settings,
            opened_at: now,
            data_at: now,
            held_since: None,
            ended: None,
            failure: None,
        }
    }

    /// Takes bytes that `leg` sent and says how many of them; fewer than given when the other side must be written first.
    pub fn handle_bytes(&mut self, leg: Leg, bytes: &[u8], now: Instant) -> usize {
        self.heard(leg, now);
        let mut rest = bytes;
        while !rest.is_empty() && self.wants_bytes(leg) {
            if self.leg(leg).flow != Flow::Open {
                self.discard(leg, rest);
                return bytes.len();
            }
            if !self.has_room(leg.other()) {
                break;
            }
            let more = match leg {
                Leg::Downstream => self.read_input(&mut rest, now),
                Leg::Upstream => self.read_output(&mut rest, now),
            };
            match more {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => self.violated(leg, error, now),
            }
        }
        bytes.len().saturating_sub(rest.len())
    }

    /// Takes the end of `leg`'s byte stream.
    pub fn handle_end(&mut self, leg: Leg, end: &StreamEnd, now: Instant) {
        self.note(end);
        match (self.leg(leg).flow, leg) {
            (Flow::Open, Leg::Downstream) => {
                self.down.flow = Flow::Done;
                self.client_vanished(now);
            }
            (Flow::Open, Leg::Upstream) => self.upstream_ended(end, now),
            _ => {}
        }
        self.give_up(leg);
    }

    /// Takes that `leg`'s socket can't be written any more. The API server may have closed with output and a status still unread on
    /// our side, so it is read to its end; a client that can't be written is gone.
    pub fn handle_write_failure(&mut self, leg: Leg, end: &StreamEnd, now: Instant) {
        self.note(end);
        match leg {
            Leg::Downstream => self.handle_end(leg, end, now),
            Leg::Upstream => self.up.deafen(),
        }
        if self.up.flow == Flow::Closing && leg == Leg::Upstream {
            self.up.shut(now);
        }
    }

    /// Ends the session because execgate is going away.
    pub fn handle_drain(&mut self, now: Instant) {
        if self.ended.is_none() {
            self.end(EndedBy::Drain, None, now);
        }
    }

    /// Makes what was read ready to be written. Call it when there is nothing more to read for now, or before writing.
    pub fn flush(&mut self, now: Instant) {
        if self.ended.is_none() {
            self.output.flush(&mut self.down.outbox);
            self.look_at_page(now);
            let sizes = self.sizes_now(now);
            if self.input.flush(sizes, &mut self.up.outbox) == Flushed::Sent {
                self.up.written(now);
            }
            self.answer_pings(now);
            self.hold_input(now);
            self.held_since = self.output.holds_characters().then(|| self.held_since.unwrap_or(now));
        }
        self.down.waits_since(now);
        self.up.drop_if_deaf();
        self.up.waits_since(now);
    }

    /// What waits to be written to `leg` and may be.
    pub fn unsent(&self, leg: Leg) -> &[u8] {
        if leg == Leg::Upstream && self.ahead.holds_input() {
            return &[];
        }
        self.leg(leg).outbox.unsent()
    }

    /// Says that `leg`'s socket took `count` bytes.
    pub fn mark_sent(&mut self, leg: Leg, count: usize, now: Instant) {
        match leg {
            Leg::Upstream => self.ahead.spoke(now),
            Leg::Downstream => self.note_slowness(now),
        }
        let state = self.leg_mut(leg);
        let unblocked = state.sent(count, now);
        let says_goodbye = leg == Leg::Upstream && !state.hangs_up;
        if says_goodbye && state.outbox.is_empty() && state.flow == Flow::Closing {
            // Nothing of its output is wanted any more, so there is nothing to half-close for: it ends when the server does.
            state.shut(now);
        }
        if leg == Leg::Downstream && self.down.outbox.blocks_aside() > 0 {
            // Data that was read ahead long ago passes only now.
            self.data_at = now;
        }
        if unblocked {
            // The other side was perhaps not read while this one was full: its silence meant nothing.
            self.leg_mut(leg.other()).heard(now);
        }
    }

    /// Whether `leg` may be read: what comes from it has somewhere to go.
    pub fn wants_bytes(&self, leg: Leg) -> bool {
        match self.leg(leg).flow {
            Flow::Open => !self.is_full(leg.other()) || (leg == Leg::Upstream && self.reads_ahead()),
            Flow::Leaving { .. } | Flow::Closing | Flow::Shut { .. } => true,
            Flow::Done => false,
        }
    }

    /// True while so much waits for `leg` that nothing more is read for it.
    fn is_full(&self, leg: Leg) -> bool {
        self.leg(leg).outbox.len() >= HIGH_WATER
    }

    /// True when all was written to `leg` and its write side is to be shut down.
    pub fn wants_shutdown(&self, leg: Leg) -> bool {
        let state = self.leg(leg);
        let ends_stream = leg == Leg::Downstream || state.hangs_up;
        ends_stream && state.flow == Flow::Closing && state.outbox.is_empty()
    }

    /// Says that `leg`'s write side is shut down: now its peer's end is waited for.
    pub fn mark_shut(&mut self, leg: Leg, now: Instant) {
        self.leg_mut(leg).shut(now);
    }

    /// True when `leg`'s connection can be dropped.
    pub fn is_done(&self, leg: Leg) -> bool {
        self.leg(leg).flow == Flow::Done
    }

    fn read_input(&mut self, rest: &mut &[u8], now: Instant) -> Result<bool, ReadError> {
        let Some(read) = self.input.read(rest, PIECE, &mut self.up.outbox)? else {
            return Ok(false);
        };
        if read.data {
            self.data_passed(Leg::Downstream, now);
        }
        if let Some(frame) = read.control {
            self.control(Leg::Downstream, frame, now);
        }
        if read.leaves {
            self.client_left(now);
        }
        Ok(true)
    }

    fn read_output(&mut self, rest: &mut &[u8], now: Instant) -> Result<bool, ReadError> {
        let piece = self.piece_for_page();
        let Some(read) = self.output.read(rest, piece, &mut self.down.outbox)? else {
            return Ok(false);
        };
        if read.data {
            self.data_passed(Leg::Upstream, now);
        }
        if let Some(frame) = read.control {
            self.control(Leg::Upstream, frame, now);
        }
        if let Some(told) = read.told {
            let told = if self.settings.finds_shell { told.without_command() } else { told };
            self.end(EndedBy::Command, Some(told), now);
        }
        Ok(true)
    }

    /// Something came from `leg`.
    fn heard(&mut self, leg: Leg, now: Instant) {
        self.leg_mut(leg).heard(now);
        if leg == Leg::Upstream {
            self.ahead.heard(self.output.bytes(), now);
        }
    }

    /// Terminal data of `leg` was passed on.
    fn data_passed(&mut self, leg: Leg, now: Instant) {
        self.data_at = now;
        match leg {
            Leg::Downstream => self.up.written(now),
            // What is kept back from here on came now.
            Leg::Upstream => self.held_since = None,
        }
    }

    /// Keeps the first transport error of an open session, for the log.
    fn note(&mut self, end: &StreamEnd) {
        if let (StreamEnd::Failed(error), None, None) = (end, &self.ended, &self.failure) {
            self.failure = Some(error.clone());
        }
    }

    /// Counts output that comes after we have turned away from it as lost. What the page sends after its end was for nobody.
    fn discard(&mut self, leg: Leg, bytes: &[u8]) {
        if leg == Leg::Upstream {
            let lost = self.output.read_lost(bytes);
            self.down.undelivered(lost);
        }
    }

    fn control(&mut self, leg: Leg, frame: Box<ControlFrame>, now: Instant) {
        match (frame.kind, leg) {
            (ControlKind::Ping, _) => self.leg_mut(leg).pong_due = Some(frame),
            (ControlKind::Pong, _) => self.leg_mut(leg).answered(frame.payload()),
            (ControlKind::Close, Leg::Downstream) => self.client_closed(frame.payload(), now),
            (ControlKind::Close, Leg::Upstream) => self.upstream_closed(frame.payload(), now),
        }
    }

    /// Answers the last ping of each leg on that leg. One pong waits at a time, and only the last ping behind it is kept, as RFC 6455
    /// section 5.5.3 allows: nobody can make us hold an unbounded number of pongs.
    fn answer_pings(&mut self, now: Instant) {
        for (leg, writer) in [(&mut self.down, self.output.writer()), (&mut self.up, self.input.writer())] {
            if !leg.pong_waits()
                && let Some(ping) = leg.pong_due.take()
            {
                leg.pong(&ping, writer, now);
            }
        }
    }

    fn leg(&self, leg: Leg) -> &LegState {
        match leg {
            Leg::Downstream => &self.down,
            Leg::Upstream => &self.up,
        }
    }

    fn leg_mut(&mut self, leg: Leg) -> &mut LegState {
        match leg {
            Leg::Downstream => &mut self.down,
            Leg::Upstream => &mut self.up,
        }
    }

    /// Writes the page's last words: what was held, the status, the close frame.
    fn say_farewell(&mut self, farewell: &Farewell, now: Instant) {
        let Self { output, down, .. } = self;
        output.release(&mut down.outbox);
        match &farewell.last {
            Last::Nothing => {}
            Last::Status(payload) => {
                output.writer().message(super::Channel::Error, payload, &mut down.outbox);
            }
            Last::Words(words) => output.writer().words(&line_of_words(words), &mut down.outbox),
            Last::Exit(exit) => output.writer().exit(exit, &mut down.outbox),
        }
        output.writer().control(ControlKind::Close, &farewell.close.to_payload(), &mut down.outbox);
        down.flow = Flow::Closing;
        down.waits_since(now);
    }
}

#[cfg(test)]
mod tests;
