//! Blocks of memory, lent to sessions only while bytes are in flight.

use std::sync::{Arc, Mutex, PoisonError};

use crate::protocol::bridge::BLOCK_SIZE;

/// Free blocks kept for the next borrower; more are given back to the allocator. Enough for the sessions that are in the middle of
/// a read or write at the same instant, which is about the number of cores; slow readers keep theirs.
const KEPT: usize = 64;

/// A pool of blocks of [`BLOCK_SIZE`] bytes, shared by all sessions.
#[derive(Debug, Clone, Default)]
pub struct BlockPool {
    free: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl BlockPool {
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
