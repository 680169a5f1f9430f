//! The reading side of a session: one reader that takes the next frame only when the last one was consumed.

use std::ops::ControlFlow;
use std::pin::pin;

use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, Engine as _};
use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;

use super::frame::{FrameReader, Incoming};
use super::handshake::Passage;
use super::link::Link;
use super::process::Terminal;
use super::sizes::SizeDecoder;
use crate::protocol::{CLOSE_SIGNAL, Channel, Coding};

/// What containerd's fifo still takes after the process has closed its input.
const FIFO_SIZE: usize = 64 * 1024;

/// Where channel 0 goes.
pub(super) enum Input {
    /// Standard input was not asked for: its data is dropped.
    Unasked,
    /// To the process.
    Open(Box<dyn AsyncWrite + Send + Unpin>),
    /// The process no longer reads; so many bytes were swallowed since.
    Broken(usize),
    /// Nobody ever reads it: the container has no standard input, or the command could not start.
    Untaken,
    /// The client has closed it.
    Closed,
}

/// Whether `ff n` means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CloseSignal {
    /// v5.
    Known,
    /// Anything older: 255 is no channel.
    Unknown,
}

/// What messages from the client do.
pub(super) struct Intake {
    pub(super) close_signal: CloseSignal,
    pub(super) input: Input,
    /// `None` once the client has closed channel 4.
    pub(super) sizes: Option<SizeDecoder>,
    pub(super) terminal: Option<Terminal>,
    /// Cancelled when the client ends its input.
    pub(super) input_ended: CancellationToken,
}

/// How a client's bytes came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parting {
    /// It said so, or broke a rule that ends the session.
    Said,
    /// Its half of the connection ended.
    Gone,
}

impl Intake {
    /// Reads until the client is gone or breaks a rule that ends the session. While a message waits for its consumer nothing
    /// else is read: no ping, no size, no close frame.
    pub(super) async fn run<R: AsyncRead + Unpin>(
        &mut self,
        frames: &mut FrameReader<R>,
        link: &Link,
        passage: Passage,
    ) -> Parting {
        loop {
            match frames.next().await {
                Incoming::Message(message) => {
                    link.touch();
                    let mut taken = pin!(self.message(link.coding(), message));
                    let flow = tokio::select! {
                        biased;
                        flow = &mut taken => flow,
                        () = frames.until_gone(), if passage == Passage::Copied => {
                            // Who copies sees the end at once, even if nobody behind it reads.
                            link.drop_connection().await;
                            taken.await
                        }
                    };
                    if flow.is_break() {
                        return Parting::Said;
                    }
                }
                Incoming::Ping(payload) => {
                    if link.pong(&payload).await.is_err() {
                        return Parting::Gone;
                    }
                }
                Incoming::Pong => {}
                Incoming::Unmasked => {
                    // A connection that does not take it is closed all the same.
                    let _ = link.protocol_error().await;
                    return Parting::Said;
                }
                Incoming::End => return Parting::Said,
                Incoming::Gone => return Parting::Gone,
            }
        }
    }

    async fn message(&mut self, coding: Coding, message: Bytes) -> ControlFlow<()> {
        let Some(&first) = message.first() else {
            return ControlFlow::Continue(());
        };
        if first == CLOSE_SIGNAL && self.close_signal == CloseSignal::Known {
            return self.close_signal(&message);
        }
        let data = message.slice(1..);
        match coding {
            Coding::Raw => self.data(Channel::from_byte(first), &data).await,
            // A frame that does not decode is dropped.
            Coding::Base64 => {
                if let Some(data) = decode_as_go(&data) {
                    self.data(Channel::from_digit(first), &data).await;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn close_signal(&mut self, message: &[u8]) -> ControlFlow<()> {
        let &[_, channel] = message else {
            return ControlFlow::Break(());
        };
        match Channel::from_byte(channel) {
            None => return ControlFlow::Break(()),
            Some(Channel::Stdin) => {
                self.input = Input::Closed;
                self.input_ended.cancel();
            }
            Some(Channel::Resize) => self.sizes = None,
            Some(Channel::Stdout | Channel::Stderr | Channel::Error) => {}
        }
        ControlFlow::Continue(())
    }

    async fn data(&mut self, channel: Option<Channel>, data: &[u8]) {
        match channel {
            Some(Channel::Stdin) => self.input.write(data).await,
            Some(Channel::Resize) => self.resize(data).await,
            Some(Channel::Stdout | Channel::Stderr | Channel::Error) | None => {}
        }
    }

    async fn resize(&mut self, data: &[u8]) {
        let Some(sizes) = &mut self.sizes else {
            return;
        };
        let Ok(sizes) = sizes.take(data) else {
            return std::future::pending().await;
        };
        // containerd skips zeros.
        for size in sizes.into_iter().filter(|size| size.width > 0 && size.height > 0) {
            if let Some(terminal) = &self.terminal {
                terminal.resize(size);
            }
        }
    }
}

impl Input {
    /// Returns when the data was consumed, which may be never.
    pub(super) async fn write(&mut self, data: &[u8]) {
        match self {
            Self::Unasked | Self::Closed => {}
            Self::Open(writer) => {
                if writer.write_all(data).await.is_err() || writer.flush().await.is_err() {
                    *self = Self::Broken(0);
                }
            }
            Self::Broken(swallowed) => {
                *swallowed += data.len();
                if *swallowed > FIFO_SIZE {
                    std::future::pending::<()>().await;
                }
            }
            Self::Untaken => std::future::pending().await,
        }
    }
}

/// Go's `base64.StdEncoding`: line breaks skipped, trailing bits accepted, padding required, no other alphabet.
fn decode_as_go(text: &[u8]) -> Option<Vec<u8>> {
    const GO: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
    );
    if text.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
        let joined: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        return GO.decode(joined).ok();
    }
    GO.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_go_reads_it() {
        let good = ["aGk=", "aG\nk=", "aGk\r\n=", "aGl="];
        for text in good {
            assert_eq!(decode_as_go(text.as_bytes()).as_deref(), Some(&b"hi"[..]), "{text:?}");
        }
        assert_eq!(decode_as_go(b"").as_deref(), Some(&b""[..]));
        for text in ["aGk", "Zm9v*", "-_-_", "aGk=aGk=", "aGk= "] {
            assert_eq!(decode_as_go(text.as_bytes()), None, "{text:?}");
        }
    }
}
