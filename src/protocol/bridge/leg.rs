//! What is known of one leg: what waits for it, when it was last heard, how far its end has come.

use std::time::Instant;

use super::super::writer::Writer;
use super::super::{ControlFrame, ControlKind, Outbox};

/// How far a leg's end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// Both directions flow.
    Open,
    /// Its command has a while to end by what was typed last; what it sends is discarded.
    Leaving {
        /// Then it is hung up.
        until: Instant,
    },
    /// Its last bytes wait in the outbox; what it sends is discarded.
    Closing,
    /// All was written; what it sends is discarded until it ends or the linger deadline passes.
    Shut {
        /// Since when.
        at: Instant,
    },
    /// The connection can be dropped.
    Done,
}

/// One leg.
#[derive(Debug)]
pub(super) struct LegState {
    pub(super) outbox: Outbox,
    pub(super) flow: Flow,
    /// When it last gave a sign of life, or its silence was excused.
    pub(super) heard_at: Instant,
    /// When data or a ping was last written.
    pub(super) written_at: Instant,
    /// When it was last pinged.
    pub(super) pinged_at: Option<Instant>,
    /// When it was last told that we live: by a pong, asked for or not.
    pub(super) ponged_at: Instant,
    /// Since when the leg waits, for a byte to be taken from the outbox or for its shutdown; `None` while it waits for neither.
    pub(super) waiting_since: Option<Instant>,
    /// True if it is left without a close frame, by the end of the stream.
    pub(super) hangs_up: bool,
    /// True once its socket can't be written any more.
    deaf: bool,
    /// True once the outbox waited across more than one write.
    blocked: bool,
    /// The last ping that was not answered yet.
    pub(super) pong_due: Option<Box<ControlFrame>>,
    /// How many bytes its socket has to take until the last pong is gone.
    pong_gone_at: u64,
    /// What was written so far, what of it before the last ping, and what of it before the last ping that was answered.
    written: Written,
    pinged: Written,
    answered: Written,
    /// Counts pings, so that a pong is known to be the last one's.
    pings: u32,
    /// Bytes that were read from the other leg and could not be written here.
    pub(super) lost_bytes: u64,
}

/// How much was written.
#[derive(Debug, Clone, Copy, Default)]
struct Written {
    /// Writes of input or of a size.
    inputs: u32,
    /// Bytes that the socket took.
    bytes: u64,
}

impl LegState {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            outbox: Outbox::default(),
            flow: Flow::Open,
            heard_at: now,
            written_at: now,
            pinged_at: None,
            ponged_at: now,
            waiting_since: None,
            hangs_up: false,
            deaf: false,
            blocked: false,
            pong_due: None,
            pong_gone_at: 0,
            written: Written::default(),
            pinged: Written::default(),
            answered: Written::default(),
            pings: 0,
            lost_bytes: 0,
        }
    }

    /// It gave a sign of life.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard_at = now;
        self.pinged_at = None;
    }

    /// The socket took `count` bytes. True when that ends a time in which it took less than it was given: taking them was a sign of
    /// life.
    pub(super) fn sent(&mut self, count: usize, now: Instant) -> bool {
        self.outbox.mark_sent(count);
        self.blocked |= self.waiting_since.is_some_and(|since| since < now);
        self.waiting_since = self.waits().then_some(now);
        self.written.bytes = self.written.bytes.saturating_add(count as u64);
        if self.blocked {
            self.heard(now);
        }
        self.outbox.is_empty() && std::mem::take(&mut self.blocked)
    }

    /// Data was written to it.
    pub(super) fn written(&mut self, now: Instant) {
        self.written_at = now;
        self.written.inputs = self.written.inputs.wrapping_add(1);
    }

    /// It is pinged now; gives the ping's payload.
    pub(super) fn pinged(&mut self, now: Instant) -> [u8; 4] {
        self.pinged_at = Some(now);
        self.pinged = self.written;
        self.pings = self.pings.wrapping_add(1);
        self.pings.to_be_bytes()
    }

    /// Answers `ping`, ahead of what was read ahead: client-go gives up 61 s after the last pong.
    pub(super) fn pong(&mut self, ping: &ControlFrame, writer: &mut Writer, now: Instant) {
        let before = if self.outbox.blocks_aside() == 0 {
            writer.control(ControlKind::Pong, ping.payload(), &mut self.outbox);
            self.outbox.len()
        } else {
            let mut frame = Outbox::default();
            writer.control(ControlKind::Pong, ping.payload(), &mut frame);
            self.outbox.insert_early(frame)
        };
        self.pong_gone_at = self.written.bytes.saturating_add(before as u64);
        self.ponged_at = now;
    }

    /// True while the last pong waits in the outbox.
    pub(super) fn pong_waits(&self) -> bool {
        self.written.bytes < self.pong_gone_at
    }

    /// A pong came.
    pub(super) fn answered(&mut self, payload: &[u8]) {
        if payload == self.pings.to_be_bytes() {
            self.answered = self.pinged;
        }
    }

    /// True when all input written is known to have been read: a pong came to a ping behind it.
    pub(super) fn is_acknowledged(&self) -> bool {
        self.answered.inputs == self.written.inputs
    }

    /// Bytes that its socket took and that may still be on their way: no pong has come to a ping behind them.
    pub(super) fn unacknowledged_bytes(&self) -> u64 {
        self.written.bytes.saturating_sub(self.answered.bytes)
    }

    /// Bytes that it may not have read yet, whether they were sent or wait.
    pub(super) fn unread_at_most(&self) -> u64 {
        self.unacknowledged_bytes().saturating_add(self.outbox.len() as u64)
    }

    /// Starts to count how long the leg waits, if it does.
    pub(super) fn waits_since(&mut self, now: Instant) {
        self.waiting_since = self.waits().then(|| self.waiting_since.unwrap_or(now));
    }

    /// True while its socket owes us something. The outbox alone does not tell: TLS takes a block into a buffer of its own, and our
    /// shutdown stands behind them.
    fn waits(&self) -> bool {
        !self.outbox.is_empty() || self.flow == Flow::Closing
    }

    /// Nothing more is written to it: only its end is waited for.
    pub(super) fn shut(&mut self, now: Instant) {
        self.flow = Flow::Shut { at: now };
        self.waiting_since = None;
    }

    /// True once its socket can't be written any more.
    pub(super) fn is_deaf(&self) -> bool {
        self.deaf
    }

    /// Its socket can't be written any more: what waits for it is lost.
    pub(super) fn deafen(&mut self) {
        self.deaf = true;
        self.drop_if_deaf();
    }

    /// Loses what was written since, if it can't be heard.
    pub(super) fn drop_if_deaf(&mut self) {
        if self.deaf {
            self.lose_outbox();
            self.waiting_since = None;
        }
    }

    /// Drops what waits for it, and reports it.
    pub(super) fn lose_outbox(&mut self) {
        let lost = self.outbox.discard();
        self.undelivered(lost);
    }

    pub(super) fn undelivered(&mut self, count: u64) {
        self.lost_bytes = self.lost_bytes.saturating_add(count);
    }
}
