//! What a terminal shows, up to the end of the process it belongs to.

use std::fs::File;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::io::Errno;
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A terminal's master side, read. It ends with the process, whoever else still holds the terminal: Linux hangs up no
/// pseudo-terminal when its session's leader ends, and containerd waits for nobody else.
pub(super) struct Screen {
    reader: pty_process::OwnedReadPty,
    /// The same master, which does not block.
    master: File,
    process_ended: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Screen {
    pub(super) fn new(
        reader: pty_process::OwnedReadPty,
        master: File,
        process_ended: CancellationToken,
    ) -> Self {
        Self { reader, master, process_ended: Box::pin(process_ended.cancelled_owned()) }
    }
}

impl AsyncRead for Screen {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Poll::Ready(read) = Pin::new(&mut self.reader).poll_read(cx, buf) {
            return Poll::Ready(read);
        }
        ready!(self.process_ended.as_mut().poll(cx));
        // What it wrote last may have come after the look above; a read that finds nothing has waited for what was on its way.
        Poll::Ready(match rustix::io::read(&self.master, buf.initialize_unfilled()) {
            Ok(length) => {
                buf.advance(length);
                Ok(())
            }
            Err(Errno::AGAIN) => Ok(()),
            Err(error) => Err(error.into()),
        })
    }
}
