//! Messages as the load reads and writes them: large reads, headers walked, payloads counted and not copied.

use std::io::{Cursor, Read};
use std::ops::Range;

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use execgate::protocol::{Channel, Coding, Mask};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// What an idle receiver holds.
const FIRST_SIZE: usize = 4 * 1024;
/// What one that is flooded holds: more than the longest message of the exec server.
const FULL_SIZE: usize = 1024 * 1024;
/// Less room than this at the end of the buffer is not worth a read.
const LEAST_READ: usize = 64 * 1024;

/// A message, or what ends them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// Standard output of so many bytes, before base64.
    Data { bytes: u64 },
    /// What the error channel says.
    Status(String),
    /// A ping or pong.
    Control,
    /// The close frame.
    Close { code: u16, reason: String },
}

/// Reads messages; `buffer[start..end]` was read and not taken.
pub(crate) struct Receiver {
    coding: Coding,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    payload: Range<usize>,
}

impl Receiver {
    pub(crate) fn new(coding: Coding) -> Self {
        Self { coding, buffer: vec![0; FIRST_SIZE], start: 0, end: 0, payload: 0..0 }
    }

    /// The head of an HTTP answer.
    pub(crate) fn head(&mut self, wire: &mut impl Read) -> anyhow::Result<String> {
        const END: &[u8] = b"\r\n\r\n";
        loop {
            let unread = &self.buffer[self.start..self.end];
            if let Some(at) = unread.windows(END.len()).position(|window| window == END) {
                let head = String::from_utf8_lossy(&unread[..at]).into_owned();
                self.start += at + END.len();
                return Ok(head);
            }
            self.fill(wire).context("no HTTP answer came")?;
        }
    }

    /// The next message, whole.
    pub(crate) fn next(&mut self, wire: &mut impl Read) -> anyhow::Result<Message> {
        let opcode = self.next_frame(wire)?;
        let payload = self.payload();
        Ok(match opcode {
            OpCode::Data(kind) => {
                ensure!(kind == kind_of(self.coding), "a message is {kind} in {:?}", self.coding);
                self.read_channel()?
            }
            OpCode::Control(Control::Close) => {
                let code = payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code));
                let reason = payload.get(2..).unwrap_or_default();
                Message::Close { code, reason: String::from_utf8_lossy(reason).into_owned() }
            }
            OpCode::Control(_) => Message::Control,
        })
    }

    /// The next message, whatever its payload is.
    pub(crate) fn next_frame(&mut self, wire: &mut impl Read) -> anyhow::Result<OpCode> {
        loop {
            let mut cursor = Cursor::new(&self.buffer[self.start..self.end]);
            if let Some((header, length)) = FrameHeader::parse(&mut cursor)? {
                ensure!(header.is_final && header.mask.is_none(), "a frame is fragmented or masked");
                let start = self.start + usize::try_from(cursor.position())?;
                let end = start + usize::try_from(length)?;
                if end <= self.end {
                    self.payload = start..end;
                    self.start = end;
                    return Ok(header.opcode);
                }
            }
            self.fill(wire)?;
        }
    }

    /// The last message's payload: a channel and data.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.buffer[self.payload.clone()]
    }

    /// The last message's data, decoded.
    pub(crate) fn data(&self) -> anyhow::Result<Vec<u8>> {
        let data = self.payload().get(1..).unwrap_or_default();
        Ok(match self.coding {
            Coding::Raw => data.to_vec(),
            Coding::Base64 => STANDARD.decode(data)?,
        })
    }

    /// What the last message is. Output is not decoded.
    fn read_channel(&self) -> anyhow::Result<Message> {
        let (&first, data) = self.payload().split_first().context("a message is empty")?;
        let channel = match self.coding {
            Coding::Raw => first,
            Coding::Base64 => first.wrapping_sub(b'0'),
        };
        if channel == Channel::Stdout.byte() {
            return Ok(Message::Data { bytes: data_bytes(self.coding, data)? });
        }
        let text = String::from_utf8_lossy(&self.data()?).into_owned();
        ensure!(channel == Channel::Error.byte(), "channel {channel} says {text:?}");
        Ok(Message::Status(text))
    }

    /// Reads as much as there is room for; what is incomplete moves to the front when room gets short.
    fn fill(&mut self, wire: &mut impl Read) -> anyhow::Result<()> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.buffer.len() - self.end < LEAST_READ.min(self.buffer.len() / 2) {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.end == self.buffer.len() {
            ensure!(self.buffer.len() < FULL_SIZE, "a message is longer than 1 MiB");
            self.grow();
        }
        let count = wire.read(&mut self.buffer[self.end..])?;
        ensure!(count > 0, "the connection ended without a close frame");
        self.end += count;
        if self.end == self.buffer.len() && self.buffer.len() < FULL_SIZE {
            self.grow();
        }
        Ok(())
    }

    /// In steps: a thousand receivers that get a message now and then need no MiB each.
    fn grow(&mut self) {
        self.buffer.resize((self.buffer.len() * 4).min(FULL_SIZE), 0);
    }
}

/// The kind of message that carries a coding.
fn kind_of(coding: Coding) -> Data {
    match coding {
        Coding::Raw => Data::Binary,
        Coding::Base64 => Data::Text,
    }
}

/// The data bytes of a message, by its length and padding.
fn data_bytes(coding: Coding, data: &[u8]) -> anyhow::Result<u64> {
    if coding == Coding::Raw {
        return Ok(data.len() as u64);
    }
    ensure!(data.len().is_multiple_of(4), "a message is not padded");
    let padding = data.iter().rev().take(2).filter(|byte| **byte == b'=').count();
    Ok((data.len() / 4 * 3 - padding) as u64)
}

/// A frame of standard input, masked.
pub(crate) fn stdin_frame(coding: Coding, data: &[u8]) -> Vec<u8> {
    let payload = match coding {
        Coding::Raw => [&[Channel::Stdin.byte()], data].concat(),
        Coding::Base64 => [&[Channel::Stdin.digit()], STANDARD.encode(data).as_bytes()].concat(),
    };
    frame(OpCode::Data(kind_of(coding)), payload)
}

/// A close frame with 1000, masked.
pub(crate) fn close_frame() -> Vec<u8> {
    frame(OpCode::Control(Control::Close), 1000_u16.to_be_bytes().to_vec())
}

/// A text message, masked.
pub(crate) fn text_frame(text: String) -> Vec<u8> {
    frame(OpCode::Data(Data::Text), text.into_bytes())
}

fn frame(opcode: OpCode, mut payload: Vec<u8>) -> Vec<u8> {
    const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let header = FrameHeader { opcode, mask: Some(KEY), ..FrameHeader::default() };
    let mut frame = Vec::new();
    header.format(payload.len() as u64, &mut frame).expect("a Vec takes every byte");
    Mask::new(KEY).apply(&mut payload);
    frame.append(&mut payload);
    frame
}
