//! Frames as golang.org/x/net/websocket reads and writes them, which is laxer than RFC 6455: no reassembly, reserved bits ignored,
//! reserved opcodes taken for data.

use std::io;

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The largest frame that is taken (x/net `DefaultMaxPayloadBytes`).
const FRAME_LIMIT: u64 = 32 << 20;
/// What x/net keeps of a ping (`maxControlFramePayloadLength`).
const PING_LIMIT: usize = 125;
/// One read from the socket.
const READ_SIZE: usize = 64 * 1024;

const OPCODE_CLOSE: u8 = 8;
const OPCODE_PING: u8 = 9;
const OPCODE_PONG: u8 = 10;

/// What the reader makes of one frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    /// A data frame, continuation or not: a message of its own.
    Message(Bytes),
    /// A ping's payload, cut at 125 bytes.
    Ping(Bytes),
    /// A pong, read and forgotten.
    Pong,
    /// A frame without a mask.
    Unmasked,
    /// The client is done: a close frame, or a frame over 32 MiB.
    End,
    /// The end of its bytes.
    Gone,
}

/// Reads one frame at a time.
pub(super) struct FrameReader<R> {
    source: R,
    buffer: BytesMut,
}

/// The parts of a frame's header that matter.
struct Header {
    opcode: u8,
    mask: Option<[u8; 4]>,
    length: u64,
    /// Bytes that the header takes.
    size: usize,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// A reader of `source`; `early` was read before it.
    pub(super) fn new(source: R, early: Bytes) -> Self {
        Self { source, buffer: BytesMut::from(early) }
    }

    /// The next frame. A connection that breaks is an end like any other.
    pub(super) async fn next(&mut self) -> Incoming {
        self.read().await.unwrap_or(Incoming::Gone)
    }

    /// Reads ahead until the client's bytes end; for ever, if more comes than an API server has room for on its way to the node.
    pub(super) async fn until_gone(&mut self) {
        while self.buffer.len() < READ_SIZE {
            // An error is an end too.
            if self.fill().await.unwrap_or(0) == 0 {
                return;
            }
        }
        std::future::pending::<()>().await;
    }

    async fn read(&mut self) -> io::Result<Incoming> {
        let header = loop {
            if let Some(header) = Header::parse(&self.buffer) {
                break header;
            }
            if self.fill().await? == 0 {
                return Ok(Incoming::Gone);
            }
        };
        self.buffer.advance(header.size);
        let Some(mask) = header.mask else {
            return Ok(Incoming::Unmasked);
        };
        match header.opcode {
            OPCODE_CLOSE => Ok(Incoming::End),
            OPCODE_PING | OPCODE_PONG => self.control(header.opcode, header.length, mask).await,
            _ if header.length > FRAME_LIMIT => Ok(Incoming::End),
            _ => {
                let length = usize::try_from(header.length).map_err(io::Error::other)?;
                Ok(Incoming::Message(self.payload(length, mask).await?))
            }
        }
    }

    async fn control(&mut self, opcode: u8, length: u64, mask: [u8; 4]) -> io::Result<Incoming> {
        let kept = usize::try_from(length).unwrap_or(PING_LIMIT).min(PING_LIMIT);
        let payload = self.payload(kept, mask).await?;
        self.skip(length - kept as u64).await?;
        Ok(if opcode == OPCODE_PING { Incoming::Ping(payload) } else { Incoming::Pong })
    }

    /// `length` bytes, unmasked; fewer if the connection ends before, as Go's limited reader gives.
    async fn payload(&mut self, length: usize, mask: [u8; 4]) -> io::Result<Bytes> {
        while self.buffer.len() < length {
            if self.fill().await? == 0 {
                break;
            }
        }
        let available = length.min(self.buffer.len());
        let mut payload = self.buffer.split_to(available);
        unmask(&mut payload, mask);
        Ok(payload.freeze())
    }

    async fn skip(&mut self, mut left: u64) -> io::Result<()> {
        while left > 0 {
            if self.buffer.is_empty() && self.fill().await? == 0 {
                break;
            }
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
            self.buffer.advance(step);
            left -= step as u64;
        }
        Ok(())
    }

    async fn fill(&mut self) -> io::Result<usize> {
        self.buffer.reserve(READ_SIZE);
        self.source.read_buf(&mut self.buffer).await
    }
}

impl Header {
    /// `None` while bytes are missing.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (&[first, second], rest) = bytes.split_first_chunk::<2>()?;
        let (length, rest, extended) = match second & 0x7f {
            126 => {
                let (length, rest) = rest.split_first_chunk::<2>()?;
                (u64::from(u16::from_be_bytes(*length)), rest, 2)
            }
            127 => {
                let (length, rest) = rest.split_first_chunk::<8>()?;
                (u64::from_be_bytes(*length) & !(1 << 63), rest, 8)
            }
            length => (u64::from(length), rest, 0),
        };
        let mask = if second & 0x80 == 0 { None } else { Some(*rest.first_chunk::<4>()?) };
        let size = 2 + extended + mask.map_or(0, |mask| mask.len());
        Some(Self { opcode: first & 0x0f, mask, length, size })
    }
}

/// XORs in words of eight, which the compiler makes into vector code.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Vec<Incoming> {
        let mut reader = FrameReader::new(bytes, Bytes::new());
        let mut frames = Vec::new();
        loop {
            frames.push(reader.next().await);
            if matches!(frames.last(), Some(Incoming::End | Incoming::Gone)) {
                return frames;
            }
        }
    }

    #[tokio::test]
    async fn a_continuation_is_a_message_and_reserved_bits_and_opcodes_do_not_matter() {
        for first in [0x80, 0x00, 0x81, 0x82, 0x83, 0xc2, 0x02, 0xf2] {
            let frame = [first, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x37, 0x9c, 0x4e, 0x52, 0x3d];
            let expected = Incoming::Message(Bytes::from_static(b"\0foo\n"));
            assert_eq!(read(&frame).await, [expected, Incoming::Gone], "{first:x}");
        }
    }

    #[tokio::test]
    async fn the_top_bit_of_a_long_length_is_ignored() {
        let mut frame = vec![0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        frame.push(0);
        assert_eq!(read(&frame).await, [Incoming::Message(Bytes::from_static(b"\0")), Incoming::Gone]);
    }

    #[tokio::test]
    async fn a_frame_over_32_mib_ends_the_connection_and_one_of_32_mib_does_not() {
        let header = |length: u64| {
            let mut bytes = vec![0x82, 0xff];
            bytes.extend(length.to_be_bytes());
            bytes.extend([0; 4]);
            bytes
        };
        assert_eq!(read(&header(FRAME_LIMIT + 1)).await, [Incoming::End]);
        let cut = read(&[header(FRAME_LIMIT), vec![7]].concat()).await;
        assert_eq!(cut, [Incoming::Message(Bytes::from_static(&[7])), Incoming::Gone]);
    }

    #[tokio::test]
    async fn an_unmasked_frame_is_told_and_a_long_ping_is_cut() {
        assert_eq!(read(&[0x82, 0x00]).await[0], Incoming::Unmasked);
        let mut ping = vec![0x89, 0xfe, 0, 200, 0, 0, 0, 0];
        ping.extend([b'x'; 200]);
        let frames = read(&ping).await;
        assert_eq!(frames, [Incoming::Ping(Bytes::from(vec![b'x'; 125])), Incoming::Gone]);
    }
}
