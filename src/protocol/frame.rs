//! Walks RFC 6455 frames over any cut of the byte stream, without holding a payload.

use std::io::Cursor;

use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::Mask;

/// The longest payload of a control frame, in bytes (RFC 6455 section 5.5).
pub const CONTROL_LIMIT: usize = 125;
/// The longest frame header: two bytes, a 64-bit length, a mask.
const HEADER_LIMIT: usize = 14;

/// Who sends the frames that are walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// A client: every frame is masked (RFC 6455 section 5.1).
    Client,
    /// A server: no frame is.
    Server,
}

/// What a peer did that RFC 6455 forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Section 5.2: no extension was agreed on.
    #[error("a frame has a reserved bit set")]
    ReservedBit,
    /// Section 5.2.
    #[error("a frame has the reserved opcode {0:#x}")]
    ReservedOpcode(u8),
    /// Section 5.1.
    #[error("a client's frame is not masked")]
    Unmasked,
    /// Section 5.1.
    #[error("a server's frame is masked")]
    Masked,
    /// Section 5.5.
    #[error("a control frame is fragmented")]
    FragmentedControl,
    /// Section 5.5.
    #[error("a control frame is longer than 125 bytes")]
    LongControl,
    /// Section 5.2: the minimal number of bytes must be used, and the top bit of a 64-bit length is 0.
    #[error("a frame's length is not written in its shortest form")]
    LengthForm,
    /// Section 5.4.
    #[error("a continuation frame continues nothing")]
    NothingToContinue,
    /// Section 5.4.
    #[error("a message starts inside another message")]
    Interleaved,
    /// Section 5.5.1 and 7.4.
    #[error("a close frame carries a code or reason that may not be sent")]
    CloseFrame,
}

/// A part of the stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Payload of a message, text or binary alike.
    Data {
        /// The bytes as they came: masked, if a client sent them.
        payload: &'a [u8],
        /// The key, turned for these bytes; zero for a server's.
        mask: Mask,
        /// Where in its message the piece stands.
        place: Place,
    },
    /// A whole control frame, unmasked.
    Control(Box<ControlFrame>),
}

/// Where in its message a piece stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The first piece of its message.
    pub starts: bool,
    /// The last piece of its message.
    pub ends: bool,
}

/// A control frame's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlKind {
    /// 0x8.
    Close,
    /// 0x9.
    Ping,
    /// 0xA.
    Pong,
}

/// A control frame, whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlFrame {
    /// Which.
    pub kind: ControlKind,
    payload: [u8; CONTROL_LIMIT],
    len: u8,
}

impl ControlFrame {
    /// The payload, unmasked.
    pub fn payload(&self) -> &[u8] {
        self.payload.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// Walks one direction of one leg.
///
/// `header[..header_len]` holds a header that was cut; outside of it the walker holds nothing but a control frame under way.
#[derive(Debug, Clone)]
pub struct FrameWalker {
    sender: Sender,
    header: [u8; HEADER_LIMIT],
    header_len: u8,
    frame: Frame,
    in_message: bool,
    /// What the last message is.
    kind: Data,
    /// How many bytes of payload the last data frame has.
    data_len: u64,
}

/// What was read already of what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Under {
    /// So many bytes of a header, or nothing at all.
    Header(usize),
    /// A data frame's header, and perhaps some of its payload.
    Data {
        /// Nothing has come of its message.
        starts: bool,
    },
    /// A control frame's.
    Control,
}

/// The frame whose payload comes next.
#[derive(Debug, Clone)]
enum Frame {
    /// None: a header comes next.
    Between,
    /// A data frame.
    Data { remaining: u64, mask: Mask, starts: bool, last: bool },
    /// A control frame; `frame.len` bytes of `len` have come.
    Control { frame: Box<ControlFrame>, len: u8, mask: Mask },
}

impl FrameWalker {
    /// A walker at the start of a stream.
    pub fn new(sender: Sender) -> Self {
        Self {
            sender,
            header: [0; HEADER_LIMIT],
            header_len: 0,
            frame: Frame::Between,
            in_message: false,
            kind: Data::Binary,
            data_len: 0,
        }
    }

    /// Takes the next piece from the front of `input`, at most `limit` bytes of payload; `None` when more bytes are needed.
    ///
    /// A message without payload gives one empty piece; otherwise pieces are empty only to tell that a message ended.
    pub fn next<'a>(&mut self, input: &mut &'a [u8], limit: usize) -> Result<Option<Piece<'a>>, FrameError> {
        if matches!(self.frame, Frame::Between) && !self.read_header(input)? {
            return Ok(None);
        }
        match &mut self.frame {
            Frame::Between => Ok(None),
            Frame::Data { remaining, .. } if input.is_empty() && *remaining > 0 => Ok(None),
            Frame::Data { remaining, mask, starts, last } => {
                let wanted = usize::try_from(*remaining).unwrap_or(usize::MAX).min(limit);
                let payload = take(input, wanted);
                let used = payload.len() as u64;
                let finished = used == *remaining;
                let piece_mask = *mask;
                let place = Place { starts: *starts, ends: finished && *last };
                *remaining = remaining.saturating_sub(used);
                *mask = mask.advanced(payload.len());
                *starts = false;
                if finished {
                    self.in_message = !*last;
                    self.frame = Frame::Between;
                }
                Ok(Some(Piece::Data { payload, mask: piece_mask, place }))
            }
            Frame::Control { frame, len, mask } => {
                let wanted = usize::from(len.saturating_sub(frame.len));
                let part = take(input, wanted);
                let start = usize::from(frame.len);
                let room = frame.payload.get_mut(start..start.saturating_add(part.len())).unwrap_or_default();
                room.copy_from_slice(part);
                mask.advanced(start).apply(room);
                frame.len = frame.len.saturating_add(u8::try_from(part.len()).unwrap_or(u8::MAX));
                if frame.len < *len {
                    return Ok(None);
                }
                let frame = frame.clone();
                self.frame = Frame::Between;
                Ok(Some(Piece::Control(frame)))
            }
        }
    }

    /// True between two messages, where a stream may end or a message of ours may be put in.
    pub fn is_between_messages(&self) -> bool {
        matches!(self.frame, Frame::Between) && self.header_len == 0 && !self.in_message
    }

    /// Where in the stream it stands.
    pub(super) fn under(&self) -> Under {
        match &self.frame {
            Frame::Between => Under::Header(usize::from(self.header_len)),
            Frame::Data { starts, .. } => Under::Data { starts: *starts },
            Frame::Control { .. } => Under::Control,
        }
    }

    /// True if the last message is, or will be, text.
    pub(super) fn is_text(&self) -> bool {
        self.kind == Data::Text
    }

    /// How many bytes of payload the last data frame has, or will have.
    pub(super) fn data_len(&self) -> u64 {
        self.data_len
    }

    /// Reads a header from `input`, behind what was kept of it; false when it is not whole yet.
    fn read_header(&mut self, input: &mut &[u8]) -> Result<bool, FrameError> {
        let parsed = if self.header_len == 0 {
            parse_header(input)?.inspect(|parsed| *input = input.get(parsed.size..).unwrap_or_default())
        } else {
            self.complete_header(input)?
        };
        let Some(parsed) = parsed else {
            self.keep_header(input);
            return Ok(false);
        };
        self.header_len = 0;
        self.frame = self.begin(&parsed)?;
        Ok(true)
    }

    /// Adds bytes to a header that was cut before, one at a time: there are at most thirteen.
    fn complete_header(&mut self, input: &mut &[u8]) -> Result<Option<Header>, FrameError> {
        while let Some((byte, rest)) = input.split_first() {
            *input = rest;
            if let Some(slot) = self.header.get_mut(usize::from(self.header_len)) {
                *slot = *byte;
                self.header_len = self.header_len.saturating_add(1);
            }
            let parsed = parse_header(self.header.get(..usize::from(self.header_len)).unwrap_or_default())?;
            if parsed.is_some() {
                return Ok(parsed);
            }
        }
        Ok(None)
    }

    /// Keeps what came of a header. What was kept before has already taken all of `input`.
    fn keep_header(&mut self, input: &mut &[u8]) {
        if self.header_len == 0 {
            let kept = take(input, HEADER_LIMIT);
            if let Some(room) = self.header.get_mut(..kept.len()) {
                room.copy_from_slice(kept);
            }
            self.header_len = u8::try_from(kept.len()).unwrap_or(0);
        }
    }

    fn begin(&mut self, parsed: &Header) -> Result<Frame, FrameError> {
        let Header { fields: header, length, .. } = parsed;
        let mask = match (self.sender, header.mask) {
            (Sender::Client, Some(key)) => Mask::new(key),
            (Sender::Server, None) => Mask::default(),
            (Sender::Client, None) => return Err(FrameError::Unmasked),
            (Sender::Server, Some(_)) => return Err(FrameError::Masked),
        };
        let kind = match header.opcode {
            OpCode::Data(Data::Continue) if !self.in_message => return Err(FrameError::NothingToContinue),
            OpCode::Data(Data::Text | Data::Binary) if self.in_message => {
                return Err(FrameError::Interleaved);
            }
            OpCode::Data(kind) => {
                let starts = !self.in_message;
                if starts {
                    self.kind = kind;
                }
                self.in_message = true;
                self.data_len = *length;
                return Ok(Frame::Data { remaining: *length, mask, starts, last: header.is_final });
            }
            OpCode::Control(Control::Close) => ControlKind::Close,
            OpCode::Control(Control::Ping) => ControlKind::Ping,
            OpCode::Control(_) => ControlKind::Pong,
        };
        if !header.is_final {
            return Err(FrameError::FragmentedControl);
        }
        let len = u8::try_from(*length).ok().filter(|len| usize::from(*len) <= CONTROL_LIMIT);
        let len = len.ok_or(FrameError::LongControl)?;
        Ok(Frame::Control {
            frame: Box::new(ControlFrame { kind, payload: [0; CONTROL_LIMIT], len: 0 }),
            len,
            mask,
        })
    }
}

/// A parsed header.
struct Header {
    fields: FrameHeader,
    length: u64,
    size: usize,
}

/// Parses the header at the front of `bytes` and holds it against section 5.2; `None` when it is not whole.
fn parse_header(bytes: &[u8]) -> Result<Option<Header>, FrameError> {
    let Some(first) = bytes.first() else {
        return Ok(None);
    };
    if first & 0x70 != 0 {
        return Err(FrameError::ReservedBit);
    }
    let parsed =
        FrameHeader::parse(&mut Cursor::new(bytes)).map_err(|_| FrameError::ReservedOpcode(first & 0x0f))?;
    let Some((header, length)) = parsed else {
        return Ok(None);
    };
    let written = match bytes.get(1).map(|second| second & 0x7f) {
        Some(127) => 10,
        Some(126) => 4,
        _ => 2,
    };
    let shortest: usize = match length {
        0..=125 => 2,
        126..=0xffff => 4,
        0x1_0000..=0x7fff_ffff_ffff_ffff => 10,
        _ => return Err(FrameError::LengthForm),
    };
    if written != shortest {
        return Err(FrameError::LengthForm);
    }
    let mask_size = if header.mask.is_some() { 4 } else { 0 };
    Ok(Some(Header { fields: header, length, size: shortest.saturating_add(mask_size) }))
}

/// Takes up to `count` bytes from the front of `input`.
fn take<'a>(input: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(count.min(input.len()));
    *input = rest;
    taken
}

#[cfg(test)]
mod tests;
