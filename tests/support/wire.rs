//! One end of a WebSocket connection that hides nothing: it writes the bytes it is given and shows the bytes it gets.

use std::io::ErrorKind;
use std::pin::pin;
use std::time::Duration;

use bytes::BytesMut;
use execgate::net::Transport;
use execgate::protocol::Mask;
use socket2::SockRef;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// The mask of the reference's vectors.
pub(crate) const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
/// A test that waits longer than this has failed: long, because machines that run tests do other things too.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// What one read takes, if nothing else is said.
const READ: usize = 64 * 1024;

/// Which end this is: a client masks and a server does not (RFC 6455 section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Client,
    Server,
}

/// One frame from the other end, unmasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) first: u8,
    pub(crate) payload: Vec<u8>,
}

pub(crate) struct Wire {
    transport: Transport,
    buffer: BytesMut,
    end: End,
    /// What one read takes at most.
    pub(crate) sip: usize,
    /// How the connection broke, if it did: a connection that ends in order does not.
    pub(crate) broken: Option<ErrorKind>,
}

impl Wire {
    pub(crate) fn new(transport: Transport, end: End) -> Self {
        Self { transport, buffer: BytesMut::new(), end, sip: READ, broken: None }
    }

    /// Sends a frame, masked if this end is a client.
    pub(crate) async fn frame(&mut self, first: u8, payload: &[u8]) {
        let frame = match self.end {
            End::Client => masked(first, payload),
            End::Server => framed(first, payload),
        };
        self.raw(&frame).await;
    }

    /// Sends these very bytes.
    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        let write = async {
            self.transport.write_all(bytes).await?;
            self.transport.flush().await
        };
        tokio::time::timeout(PATIENCE, write).await.expect("the other end takes no bytes").unwrap();
    }

    /// Sends as many of these bytes as are taken before nothing is taken for `pause`; says how many.
    pub(crate) async fn push(&mut self, bytes: &[u8], pause: Duration) -> usize {
        let mut sent = 0;
        while sent < bytes.len() {
            match tokio::time::timeout(pause, self.transport.write(&bytes[sent..])).await {
                Ok(count) => sent += count.unwrap(),
                Err(_) => break,
            }
        }
        sent
    }

    /// Sends these very bytes, and reads what comes meanwhile.
    pub(crate) async fn raw_while_reading(&mut self, bytes: &[u8]) {
        let (mut reader, mut writer) = tokio::io::split(&mut self.transport);
        let mut write = pin!(async {
            writer.write_all(bytes).await?;
            writer.flush().await
        });
        loop {
            let turn = async {
                tokio::select! {
                    written = &mut write => {
                        written.unwrap();
                        true
                    }
                    read = reader.read_buf(&mut self.buffer) => {
                        assert!(read.unwrap() > 0, "ended in the middle of writing");
                        false
                    }
                }
            };
            if tokio::time::timeout(PATIENCE, turn).await.expect("nothing moves") {
                return;
            }
        }
    }

    /// Sends a frame if the connection still takes one.
    pub(crate) async fn try_frame(&mut self, first: u8, payload: &[u8]) {
        let frame = masked(first, payload);
        let write = async {
            self.transport.write_all(&frame).await?;
            self.transport.flush().await
        };
        // A connection that was reset says so when it is read.
        let _ = tokio::time::timeout(PATIENCE, write).await.expect("the other end takes no bytes");
    }

    /// The next frame; `None` at the end of the connection, however it comes.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        let frame = self.next_whole().await;
        assert!(frame.is_some() || self.buffer.is_empty(), "cut frame {:?}", self.buffer);
        frame
    }

    /// The next frame; `None` at the end of the connection, even in the middle of a frame.
    pub(crate) async fn next_whole(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, length)) = parse(&self.buffer, self.end) {
                let _ = self.buffer.split_to(length);
                return Some(frame);
            }
            if !self.fill().await {
                return None;
            }
        }
    }

    /// The payload of the next frame.
    pub(crate) async fn payload(&mut self) -> Vec<u8> {
        self.next().await.expect("the connection has ended").payload
    }

    /// Everything to the end of the connection, byte for byte.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.fill().await {}
        self.buffer.split().to_vec()
    }

    /// The next `count` bytes as they stand on the wire.
    pub(crate) async fn bytes(&mut self, count: usize) -> Vec<u8> {
        while self.buffer.len() < count {
            assert!(self.fill().await, "ended after {:?}", self.buffer);
        }
        self.buffer.split_to(count).to_vec()
    }

    /// This end's half of the connection ends.
    pub(crate) async fn shut_down(&mut self) {
        self.transport.shutdown().await.unwrap();
    }

    /// Ends the connection with a TCP reset.
    pub(crate) fn reset(self) {
        SockRef::from(self.transport.tcp()).set_linger(Some(Duration::ZERO)).unwrap();
    }

    /// A request's or answer's head.
    pub(crate) async fn head(&mut self) -> String {
        loop {
            let end = self.buffer.windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                let head = self.buffer.split_to(end + 4).to_vec();
                return String::from_utf8(head).unwrap();
            }
            assert!(self.fill().await, "no head: {:?}", self.buffer);
        }
    }

    /// What was read and not taken yet.
    pub(crate) fn waiting(&self) -> &[u8] {
        &self.buffer
    }

    /// False at the end: closed or reset.
    pub(crate) async fn fill(&mut self) -> bool {
        self.buffer.reserve(self.sip);
        let mut sip = (&mut self.transport).take(self.sip as u64);
        let read = tokio::time::timeout(PATIENCE, sip.read_buf(&mut self.buffer));
        let read = read.await.expect("the other end says nothing");
        self.broken = read.as_ref().err().map(std::io::Error::kind);
        read.unwrap_or(0) > 0
    }
}

/// A masked frame with that first byte.
pub(crate) fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(first, 0x80, payload.len());
    frame.extend(MASK);
    let start = frame.len();
    frame.extend(payload);
    Mask::new(MASK).apply(&mut frame[start..]);
    frame
}

/// The same without a mask.
pub(crate) fn framed(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(first, 0, payload.len());
    frame.extend(payload);
    frame
}

/// Bytes from `82 01 01`.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn header(first: u8, mask: u8, length: usize) -> Vec<u8> {
    let mut header = vec![first];
    match length {
        0..=125 => header.push(mask | u8::try_from(length).unwrap()),
        126..=0xffff => {
            header.push(mask | 0x7e);
            header.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        _ => {
            header.push(mask | 0x7f);
            header.extend((length as u64).to_be_bytes());
        }
    }
    header
}

fn parse(bytes: &[u8], end: End) -> Option<(Frame, usize)> {
    let [first, second, rest @ ..] = bytes else {
        return None;
    };
    let is_masked = second & 0x80 != 0;
    assert_eq!(is_masked, end == End::Server, "clients mask and servers do not");
    let (length, start) = match second & 0x7f {
        126 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
        127 => (usize::try_from(u64::from_be_bytes(*rest.first_chunk()?)).unwrap(), 10),
        length => (usize::from(length), 2),
    };
    let (start, mask) = if is_masked {
        (start + 4, Mask::new(*bytes.get(start..)?.first_chunk()?))
    } else {
        (start, Mask::default())
    };
    let mut payload = bytes.get(start..start + length)?.to_vec();
    mask.apply(&mut payload);
    Some((Frame { first: *first, payload }, start + length))
}
