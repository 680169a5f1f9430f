//! What is known of one leg: what waits for it, when it was last heard, how far its end has come.

use std::time::Instant;

use super::super::{ControlFrame, Outbox};

/// How far a leg's end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// Both directions flow.
    Open,
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
    /// Since when the outbox waits without a byte taken; `None` while it is empty.
    pub(super) waiting_since: Option<Instant>,
    /// True once its socket can't be written any more.
    deaf: bool,
    /// True once the outbox waited across more than one write.
    blocked: bool,
    /// The last ping that was not answered yet.
    pub(super) pong_due: Option<Box<ControlFrame>>,
    /// Counts writes of data; what a pong acknowledges is compared with it.
    data_written: u32,
    data_pinged: u32,
    pub(super) data_answered: u32,
    /// Bytes that were read from the other leg and could not be written here.
    pub(super) lost_bytes: u64,
}

impl LegState {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            outbox: Outbox::default(),
            flow: Flow::Open,
            heard_at: now,
            written_at: now,
            pinged_at: None,
            waiting_since: None,
            deaf: false,
            blocked: false,
            pong_due: None,
            data_written: 0,
            data_pinged: 0,
            data_answered: 0,
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
        self.waiting_since = (!self.outbox.is_empty()).then_some(now);
        if self.blocked {
            self.heard(now);
        }
        self.outbox.is_empty() && std::mem::take(&mut self.blocked)
    }

    /// Data was written to it.
    pub(super) fn written(&mut self, now: Instant) {
        self.written_at = now;
        self.data_written = self.data_written.wrapping_add(1);
    }

    /// It is pinged now; gives the ping's payload.
    pub(super) fn pinged(&mut self, now: Instant) -> [u8; 4] {
        self.pinged_at = Some(now);
        self.data_pinged = self.data_written;
        self.data_pinged.to_be_bytes()
    }

    /// A pong came.
    pub(super) fn answered(&mut self, payload: &[u8]) {
        if payload == self.data_pinged.to_be_bytes() {
            self.data_answered = self.data_pinged;
        }
    }

    /// True when all data written is known to have been read: a pong came to a ping behind it.
    pub(super) fn is_acknowledged(&self) -> bool {
        self.data_answered == self.data_written
    }

    /// Starts to count how long the outbox waits, if it does.
    pub(super) fn waits_since(&mut self, now: Instant) {
        if self.outbox.is_empty() {
            self.waiting_since = None;
        } else if self.waiting_since.is_none() {
            self.waiting_since = Some(now);
        }
    }

    /// Its socket can't be written any more: what waits for it is lost.
    pub(super) fn deafen(&mut self) {
        self.deaf = true;
        self.drop_if_deaf();
    }

    /// Loses what was written since, if it can't be heard.
    pub(super) fn drop_if_deaf(&mut self) {
        if self.deaf {
            let lost = self.outbox.discard();
            self.undelivered(lost);
            self.waiting_since = None;
        }
    }

    pub(super) fn undelivered(&mut self, count: u64) {
        self.lost_bytes = self.lost_bytes.saturating_add(count);
    }
}
