//! The bytes that wait to be written to one leg.

use std::collections::VecDeque;
use std::mem;

/// Bytes sent from the front of a block that is never quite empty before the rest moves up: a slow reader must not make it grow.
pub(super) const COMPACT_AT: usize = 16 * 1024;

/// Bytes that wait for a socket. Holds no memory once they are gone and its blocks were taken back.
///
/// `block[sent..filled]` waits; `block[filled..]` is room, kept initialised so that encoders write into it without clearing it.
/// Whatever was set aside, because another block was lent while bytes waited, goes first.
#[derive(Debug, Default)]
pub struct Outbox {
    block: Vec<u8>,
    filled: usize,
    sent: usize,
    /// Blocks that were full before the present one, oldest first; none is empty, and each ends where a frame ends.
    aside: VecDeque<Aside>,
    /// Bytes that wait in them.
    aside_len: usize,
    /// The last of them that was sent to its end.
    emptied: Vec<u8>,
}

/// A block to which nothing is added any more: `block[sent..filled]` waits.
#[derive(Debug)]
struct Aside {
    block: Vec<u8>,
    filled: usize,
    sent: usize,
}

impl Aside {
    fn unsent(&self) -> &[u8] {
        self.block.get(self.sent..self.filled).unwrap_or_default()
    }

    fn len(&self) -> usize {
        self.filled.saturating_sub(self.sent)
    }
}

impl Outbox {
    /// What waits; not all of it while blocks are set aside, but never nothing then.
    pub fn unsent(&self) -> &[u8] {
        match self.aside.front() {
            Some(first) => first.unsent(),
            None => self.block.get(self.sent..self.filled).unwrap_or_default(),
        }
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.filled.saturating_sub(self.sent).saturating_add(self.aside_len)
    }

    /// True when nothing waits.
    pub fn is_empty(&self) -> bool {
        self.sent == self.filled && self.aside.is_empty()
    }

    /// Says that the socket took `count` bytes. Not while a message is open: marks would not hold.
    pub fn mark_sent(&mut self, count: usize) {
        let count = if self.aside.is_empty() { count } else { self.mark_sent_aside(count) };
        self.sent = self.sent.saturating_add(count).min(self.filled);
        if self.sent == self.filled {
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

    /// Lends a block; its length is its room. What waits in the present one is set aside: a message must not be open.
    pub fn lend_block(&mut self, block: Vec<u8>) {
        let before = Aside {
            block: mem::replace(&mut self.block, block),
            filled: mem::take(&mut self.filled),
            sent: mem::take(&mut self.sent),
        };
        if before.len() > 0 {
            self.aside_len = self.aside_len.saturating_add(before.len());
            self.aside.push_back(before);
        }
    }

    /// Takes a block back in which nothing waits, if there is one.
    pub fn take_block(&mut self) -> Option<Vec<u8>> {
        if !self.emptied.is_empty() {
            return Some(mem::take(&mut self.emptied));
        }
        (self.is_empty() && !self.block.is_empty()).then(|| mem::take(&mut self.block))
    }

    /// How many blocks are set aside.
    pub fn blocks_aside(&self) -> usize {
        self.aside.len()
    }

    /// Drops what waits and says how many bytes that were.
    pub fn discard(&mut self) -> u64 {
        let count = self.len() as u64;
        self.sent = 0;
        self.filled = 0;
        self.aside = VecDeque::new();
        self.aside_len = 0;
        count
    }

    /// Puts a whole frame in front of all that waits but the first block, which may be sent in part, and says how many bytes wait up
    /// to its end.
    pub(super) fn insert_early(&mut self, frame: Self) -> usize {
        let frame = Aside { block: frame.block, filled: frame.filled, sent: frame.sent };
        let count = frame.len();
        let before = self.aside.front().map_or(0, Aside::len);
        self.aside_len = self.aside_len.saturating_add(count);
        self.aside.insert(self.aside.len().min(1), frame);
        before.saturating_add(count)
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

    /// Where in the present block the next byte will stand; a mark for [`since`](Self::since) while nothing is sent and no block lent
    /// in between.
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

    /// Counts bytes set aside as sent and says how many of `count` are left.
    fn mark_sent_aside(&mut self, mut count: usize) -> usize {
        while let Some(first) = self.aside.front_mut() {
            let sent = count.min(first.len());
            first.sent = first.sent.saturating_add(sent);
            self.aside_len = self.aside_len.saturating_sub(sent);
            count = count.saturating_sub(sent);
            if first.len() > 0 {
                break;
            }
            if let Some(first) = self.aside.pop_front() {
                self.emptied = first.block;
            }
        }
        if self.aside.is_empty() {
            self.aside = VecDeque::new();
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes all that waits, `step` bytes at a time.
    fn taken(outbox: &mut Outbox, step: usize) -> Vec<u8> {
        let mut all = Vec::new();
        while !outbox.is_empty() {
            let count = step.min(outbox.unsent().len());
            all.extend_from_slice(&outbox.unsent()[..count]);
            outbox.mark_sent(count);
        }
        all
    }

    #[test]
    fn what_was_set_aside_goes_first_and_its_blocks_come_back() {
        for step in [1, 3, 100] {
            let mut outbox = Outbox::default();
            for word in [&b"one "[..], b"two ", b"three"] {
                outbox.lend_block(vec![0; 8]);
                outbox.push(word);
            }
            assert_eq!((outbox.len(), outbox.blocks_aside()), (13, 2));
            outbox.mark_sent(2);
            assert!(outbox.take_block().is_none(), "the first block is not sent yet");
            assert_eq!(taken(&mut outbox, step), b"e two three");
            assert_eq!((outbox.len(), outbox.blocks_aside()), (0, 0));
            while let Some(block) = outbox.take_block() {
                assert_eq!(block.len(), 8);
            }
            assert!(outbox.needs_block());
        }
    }

    #[test]
    fn an_empty_block_is_not_set_aside() {
        let mut outbox = Outbox::default();
        outbox.lend_block(vec![0; 8]);
        outbox.lend_block(vec![0; 8]);
        assert_eq!(outbox.blocks_aside(), 0);
    }

    #[test]
    fn a_frame_that_is_in_a_hurry_waits_for_the_first_block_alone() {
        let mut outbox = Outbox::default();
        for word in [&b"one "[..], b"two ", b"three"] {
            outbox.lend_block(vec![0; 8]);
            outbox.push(word);
        }
        outbox.mark_sent(1);
        let mut frame = Outbox::default();
        frame.push(b"! ");
        assert_eq!(outbox.insert_early(frame), 5);
        assert_eq!(outbox.len(), 14);
        assert_eq!(taken(&mut outbox, 100), b"ne ! two three");
    }

    #[test]
    fn all_that_waits_is_counted_when_it_is_dropped() {
        let mut outbox = Outbox::default();
        outbox.lend_block(vec![0; 8]);
        outbox.push(b"one");
        outbox.lend_block(vec![0; 8]);
        outbox.push(b"two");
        outbox.mark_sent(1);
        assert_eq!(outbox.discard(), 5);
        assert!(outbox.is_empty() && outbox.unsent().is_empty());
    }
}
