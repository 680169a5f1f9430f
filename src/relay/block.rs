//! Blocks of memory, lent to sessions only while bytes are in flight.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Settings;
use crate::protocol::bridge::BLOCK_SIZE;

/// Free blocks kept for the next borrower; more are given back to the allocator. Enough for the sessions that are in the middle of
/// a read or write at the same instant, which is about the number of cores; slow readers keep theirs.
const KEPT: usize = 64;

/// A pool of blocks of [`BLOCK_SIZE`] bytes, shared by all sessions.
#[derive(Debug, Clone)]
pub struct BlockPool {
    free: Arc<Mutex<Vec<Vec<u8>>>>,
    /// Blocks that may still be borrowed for reading ahead.
    ahead: Arc<AtomicUsize>,
}

impl BlockPool {
    /// A pool that lends at most so many bytes, of all sessions together, for reading ahead of slow pages.
    pub fn new(read_ahead_total: usize) -> Self {
        Self { free: Arc::default(), ahead: Arc::new(AtomicUsize::new(read_ahead_total / BLOCK_SIZE)) }
    }

    /// A block whose every byte is initialised.
    pub(super) fn take(&self) -> Vec<u8> {
        let kept = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.unwrap_or_else(|| vec![0; BLOCK_SIZE])
    }

    /// Takes a block back; one of another size is dropped.
    pub(super) fn give_back(&self, block: Vec<u8>) {
        if block.len() == BLOCK_SIZE {
            let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            if free.len() < KEPT {
                free.push(block);
            }
        }
    }
}

impl Default for BlockPool {
    fn default() -> Self {
        Self::new(Settings::default().read_ahead_total)
    }
}

/// The blocks that one session holds for reading ahead, counted against the bound of all. Wherever they end, dropping it gives their
/// places back.
#[derive(Debug)]
pub(super) struct AheadLoan<'a> {
    pool: &'a BlockPool,
    blocks: usize,
}

impl<'a> AheadLoan<'a> {
    pub(super) fn new(pool: &'a BlockPool) -> Self {
        Self { pool, blocks: 0 }
    }

    /// One more block, if the bound allows it.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let one_less = |left: usize| left.checked_sub(1);
        self.pool.ahead.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).ok()?;
        self.blocks += 1;
        Some(self.pool.take())
    }

    /// Gives back the places of all blocks but `held`.
    pub(super) fn settle(&mut self, held: usize) {
        let returned = self.blocks.saturating_sub(held);
        if returned > 0 {
            self.blocks -= returned;
            self.pool.ahead.fetch_add(returned, Ordering::Relaxed);
        }
    }
}

impl Drop for AheadLoan<'_> {
    fn drop(&mut self) {
        self.settle(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sessions_together_borrow_no_more_than_the_bound_and_give_it_back() {
        let pool = BlockPool::new(3 * BLOCK_SIZE + 1);
        let (mut one, mut other) = (AheadLoan::new(&pool), AheadLoan::new(&pool));
        assert!(one.take().is_some() && one.take().is_some() && other.take().is_some());
        assert!(one.take().is_none() && other.take().is_none());
        one.settle(1);
        assert!(other.take().is_some() && other.take().is_none());
        drop(other);
        assert!(one.take().is_some() && one.take().is_some() && one.take().is_none());
    }
}
