//! The bytes that wait to be written to one leg.

use std::mem;

/// Bytes sent from the front of a block that is never quite empty before the rest moves up: a slow reader must not make it grow.
pub(super) const COMPACT_AT: usize = 16 * 1024;

/// Bytes that wait for a socket. Holds no memory once they are gone and its block was taken back.
///
/// `block[sent..filled]` waits; `block[filled..]` is room, kept initialised so that encoders write into it without clearing it.
#[derive(Debug, Default)]
pub struct Outbox {
    block: Vec<u8>,
    filled: usize,
    sent: usize,
}

impl Outbox {
    /// What waits.
    pub fn unsent(&self) -> &[u8] {
        self.block.get(self.sent..self.filled).unwrap_or_default()
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.filled.saturating_sub(self.sent)
    }

    /// True when nothing waits.
    pub fn is_empty(&self) -> bool {
        self.sent == self.filled
    }

    /// Says that the socket took `count` bytes. Not while a message is open: marks would not hold.
    pub fn mark_sent(&mut self, count: usize) {
        self.sent = self.sent.saturating_add(count).min(self.filled);
        if self.is_empty() {
            self.sent = 0;
            self.filled = 0;
        } else if self.sent >= COMPACT_AT {
            self.block.copy_within(self.sent..self.filled, 0);
            self.filled = self.filled.saturating_sub(self.sent);
            self.sent = 0;
        }
    }

    /// True when it has no block to write into.
    pub fn needs_block(&self) -> bool {
        self.block.is_empty()
    }

    /// Lends a block; its length is its room.
    pub fn lend_block(&mut self, block: Vec<u8>) {
        debug_assert!(self.is_empty(), "a block is lent only while nothing waits");
        self.block = block;
    }

    /// Takes the block back if nothing waits in it.
    pub fn take_block(&mut self) -> Option<Vec<u8>> {
        (self.is_empty() && !self.block.is_empty()).then(|| mem::take(&mut self.block))
    }

    /// Drops what waits and says how many bytes that were.
    pub fn discard(&mut self) -> u64 {
        let count = self.len() as u64;
        self.sent = 0;
        self.filled = 0;
        count
    }

    /// Appends `bytes`.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
        self.commit(bytes.len());
    }

    /// Room for `count` bytes behind what waits; write there, then [`commit`](Self::commit).
    pub(super) fn room(&mut self, count: usize) -> &mut [u8] {
        let end = self.filled.saturating_add(count);
        if end > self.block.len() {
            self.block.resize(end, 0);
        }
        self.block.get_mut(self.filled..end).expect("the block was just made long enough")
    }

    /// Counts `count` bytes of the room as written.
    pub(super) fn commit(&mut self, count: usize) {
        self.filled = self.filled.saturating_add(count).min(self.block.len());
    }

    /// Where the next byte will stand; a mark for [`since`](Self::since) while nothing is sent in between.
    pub(super) fn mark(&self) -> usize {
        self.filled
    }

    /// All bytes written since `mark`.
    pub(super) fn since(&mut self, mark: usize) -> &mut [u8] {
        self.block.get_mut(mark..self.filled).unwrap_or_default()
    }

    /// Forgets the last `count` bytes written.
    pub(super) fn shorten(&mut self, count: usize) {
        self.filled = self.filled.saturating_sub(count).max(self.sent);
    }
}
