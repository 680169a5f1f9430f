//! One leg's socket: reads without a buffer of its own while nothing comes, writes, flushes, shuts down.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

use super::{BlockPool, Connection};
use crate::net::Transport;

/// A connection and what was read from it but not taken yet.
#[derive(Debug)]
pub(super) struct LegIo {
    transport: Option<Transport>,
    early: Bytes,
    /// A block with bytes read from a plain socket; TLS has its own.
    block: Vec<u8>,
    /// `block[start..end]` was read and not taken.
    start: usize,
    end: usize,
    flush: Flush,
}

/// Whether the transport may keep bytes that it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flush {
    Clean,
    Due,
}

impl LegIo {
    pub(super) fn new(connection: Connection) -> Self {
        let Connection { transport, early } = connection;
        // It may be the end of the block that the head was read into, and hold all of it for as long as the session lasts.
        let early = Bytes::copy_from_slice(&early);
        Self { transport: Some(transport), early, block: Vec::new(), start: 0, end: 0, flush: Flush::Clean }
    }

    /// Bytes that came, none at the end of the stream. [`consume`](Self::consume) says how many were taken.
    pub(super) fn poll_fill(
        &mut self,
        context: &mut Context<'_>,
        blocks: &BlockPool,
    ) -> Poll<io::Result<&[u8]>> {
        if !self.early.is_empty() {
            return Poll::Ready(Ok(&self.early));
        }
        if self.start < self.end {
            return Poll::Ready(Ok(self.block.get(self.start..self.end).unwrap_or_default()));
        }
        match &mut self.transport {
            None => Poll::Ready(Ok(&[])),
            Some(Transport::ServerTls(tls)) => Pin::new(&mut **tls).poll_fill_buf(context),
            Some(Transport::ClientTls(tls)) => Pin::new(&mut **tls).poll_fill_buf(context),
            Some(Transport::Plain(tcp)) => {
                // An idle session waits here and holds no block.
                ready!(tcp.poll_read_ready(context))?;
                let mut block = blocks.take();
                let mut buffer = ReadBuf::new(&mut block);
                let read = Pin::new(tcp).poll_read(context, &mut buffer);
                let count = buffer.filled().len();
                if !matches!(read, Poll::Ready(Ok(()))) || count == 0 {
                    blocks.give_back(block);
                    return read.map_ok(|()| Default::default());
                }
                (self.block, self.start, self.end) = (block, 0, count);
                Poll::Ready(Ok(self.block.get(..count).unwrap_or_default()))
            }
        }
    }

    /// True if bytes can be read to anywhere: nothing was read already, and the transport has no buffer of its own.
    pub(super) fn reads_anywhere(&self) -> bool {
        self.early.is_empty() && self.start == self.end && matches!(self.transport, Some(Transport::Plain(_)))
    }

    /// Ready when something has come, or the stream has ended.
    pub(super) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.transport {
            Some(Transport::Plain(tcp)) => tcp.poll_read_ready(context),
            _ => Poll::Ready(Ok(())),
        }
    }

    /// Reads to `place` and says how many bytes; none at the end of the stream. Only where it [reads anywhere](Self::reads_anywhere).
    pub(super) fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        place: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(place);
        if let Some(transport) = &mut self.transport {
            ready!(Pin::new(transport).poll_read(context, &mut buffer))?;
        }
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Keeps what was read elsewhere and not taken.
    pub(super) fn keep(&mut self, bytes: &[u8], blocks: &BlockPool) {
        let mut block = blocks.take();
        let place = block.get_mut(..bytes.len()).expect("what was read into a block fits another");
        place.copy_from_slice(bytes);
        (self.block, self.start, self.end) = (block, 0, bytes.len());
    }

    /// Says that `count` of the bytes given were taken.
    pub(super) fn consume(&mut self, count: usize, blocks: &BlockPool) {
        if !self.early.is_empty() {
            drop(self.early.split_to(count.min(self.early.len())));
            return;
        }
        match &mut self.transport {
            Some(Transport::ServerTls(tls)) => Pin::new(&mut **tls).consume(count),
            Some(Transport::ClientTls(tls)) => Pin::new(&mut **tls).consume(count),
            Some(Transport::Plain(_)) | None => {
                self.start = self.start.saturating_add(count).min(self.end);
                if self.start == self.end {
                    blocks.give_back(std::mem::take(&mut self.block));
                    (self.start, self.end) = (0, 0);
                }
            }
        }
    }

    /// Writes some of `bytes`.
    pub(super) fn poll_write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let Some(transport) = &mut self.transport else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        let count = ready!(Pin::new(transport).poll_write(context, bytes))?;
        if count == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.flush = Flush::Due;
        Poll::Ready(Ok(count))
    }

    /// Makes the transport send what it took.
    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let (Flush::Due, Some(transport)) = (self.flush, &mut self.transport) {
            ready!(Pin::new(transport).poll_flush(context))?;
            self.flush = Flush::Clean;
        }
        Poll::Ready(Ok(()))
    }

    /// Ends the write side: `close_notify`, then FIN.
    pub(super) fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Some(transport) => Pin::new(transport).poll_shutdown(context),
            None => Poll::Ready(Ok(())),
        }
    }

    /// Closes the connection.
    pub(super) fn close(&mut self, blocks: &BlockPool) {
        self.transport = None;
        self.early.clear();
        blocks.give_back(std::mem::take(&mut self.block));
        (self.start, self.end) = (0, 0);
    }
}
