//! TCP written a segment at a time.
//!
//! A window of 64 KiB, which is where connections begin, takes half of itself in one segment (Linux, `tcp_bound_to_half_wnd`). Where the
//! kernel paces, as with BBR, each further segment of the same write waits for a timer of its own, and its interrupt costs more than a
//! write.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What is written at once, in bytes.
const SEGMENT: usize = 32 * 1024;
/// Slices that are written at once: as many TLS records of 16 KiB, or as many small ones.
const SLICES: usize = 8;

/// A TCP connection for TLS to write to.
#[derive(Debug)]
pub struct SegmentedTcp(TcpStream);

impl SegmentedTcp {
    /// Writes `tcp` in segments.
    pub fn new(tcp: TcpStream) -> Self {
        Self(tcp)
    }

    /// The connection, for its addresses and options.
    pub(super) fn tcp(&self) -> &TcpStream {
        &self.0
    }
}

impl AsyncRead for SegmentedTcp {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for SegmentedTcp {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        poll_write_segments(&mut self.0, context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut some = [IoSlice::new(&[]); SLICES];
        let mut room = SEGMENT;
        for (place, slice) in some.iter_mut().zip(slices) {
            let part = slice.get(..room).unwrap_or(slice);
            *place = IoSlice::new(part);
            room = room.saturating_sub(part.len());
        }
        Pin::new(&mut self.0).poll_write_vectored(context, &some)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// Writes a segment at a time, and as many of them as the socket takes.
pub(super) fn poll_write_segments(
    tcp: &mut TcpStream,
    context: &mut Context<'_>,
    bytes: &[u8],
) -> Poll<io::Result<usize>> {
    let mut written = 0_usize;
    for segment in bytes.chunks(SEGMENT) {
        match Pin::new(&mut *tcp).poll_write(context, segment) {
            Poll::Ready(Ok(count)) => {
                written = written.saturating_add(count);
                if count < segment.len() {
                    break;
                }
            }
            // An error is met again by whoever writes the rest.
            Poll::Pending | Poll::Ready(Err(_)) if written > 0 => break,
            other => return other,
        }
    }
    Poll::Ready(Ok(written))
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::net::Ipv4Addr;

    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    use super::*;

    async fn connected() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let dialled = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (listener.accept().await.unwrap().0, dialled)
    }

    async fn received(mut from: TcpStream, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        from.read_exact(&mut bytes).await.unwrap();
        bytes
    }

    #[tokio::test]
    async fn slices_are_written_up_to_a_segment_in_order() {
        let (ours, theirs) = connected().await;
        let mut ours = SegmentedTcp::new(ours);
        ours.tcp().writable().await.unwrap();
        for (lengths, written) in [
            (vec![5, 0, 7], 12),
            (vec![20_000, 20_000], SEGMENT),
            (vec![SEGMENT, 1], SEGMENT),
            (vec![1; 20], 8),
        ] {
            let all: Vec<Vec<u8>> = lengths.iter().zip(1..).map(|(len, byte)| vec![byte; *len]).collect();
            let slices: Vec<IoSlice<'_>> = all.iter().map(|slice| IoSlice::new(slice)).collect();
            let count = poll_fn(|context| Pin::new(&mut ours).poll_write_vectored(context, &slices)).await;
            assert_eq!(count.unwrap(), written, "{lengths:?}");
        }
        let all = received(theirs, 12 + SEGMENT + SEGMENT + 8).await;
        assert_eq!(all[..12], [1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3]);
        assert_eq!((all[12], all[12 + 20_000], all[12 + SEGMENT]), (1, 2, 1));
        assert_eq!(all[12 + 2 * SEGMENT..], [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[tokio::test]
    async fn a_socket_takes_as_many_segments_as_it_has_room_for() {
        let (mut ours, theirs) = connected().await;
        ours.writable().await.unwrap();
        let bytes: Vec<u8> = (0..4 * SEGMENT).map(|at| at.to_le_bytes()[1]).collect();
        let count = poll_fn(|context| poll_write_segments(&mut ours, context, &bytes)).await.unwrap();
        assert!(count > SEGMENT, "only {count} bytes");
        assert!(received(theirs, count).await == bytes[..count]);
    }
}
