//! Reads one direction of one leg: frames to channels and their data, whatever the cut.

use std::cell::RefCell;
use std::ops::Range;

use super::base64::Decoder;
use super::frame::Under;
use super::in_place::LEAST_FRAME;
use super::writer::RAW_LIMIT;
use super::{
    CLOSE_SIGNAL, Channel, Coding, ControlFrame, DialectError, FrameError, FrameWalker, InvalidBase64, Mask,
    Piece, Place, Sender, Subprotocol,
};

/// Text is decoded in steps of this many bytes, within the first-level cache.
const STEP: usize = 4096;

thread_local! {
    /// Where it stands then: on the stack it would have to be cleared each time.
    static DECODED: RefCell<[u8; STEP]> = const { RefCell::new([0; STEP]) };
}

/// What a peer sent that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// RFC 6455 is broken.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A base64 subprotocol's payload is none.
    #[error(transparent)]
    Base64(#[from] InvalidBase64),
    /// A v5 close signal that would end the API server's side without a word.
    #[error("a v5 close signal is not the byte 255 and one channel from 0 to 4")]
    CloseSignal,
    /// A page's message is not of its dialect.
    #[error(transparent)]
    Dialect(Box<DialectError>),
}

impl From<DialectError> for ReadError {
    fn from(error: DialectError) -> Self {
        Self::Dialect(error.into())
    }
}

/// Takes what is read. Data of one message comes in any number of parts.
pub(super) trait Visitor {
    /// Data of a message on `channel`, with this mask still on; never empty. A server's has none.
    fn data(&mut self, channel: Channel, data: &[u8], mask: Mask);
    /// A message on `channel` is over; it carried `len` bytes of data, none for a message of a channel byte alone.
    fn end(&mut self, channel: Channel, len: u64);
    /// v5: the peer will send no more on `channel`.
    fn close_signal(&mut self, channel: Channel);
    /// A control frame.
    fn control(&mut self, frame: Box<ControlFrame>);
}

/// Reads the frames of one peer.
#[derive(Debug)]
pub(super) struct Reader {
    walker: FrameWalker,
    coding: Coding,
    close_signals: bool,
    message: Message,
    decoder: Decoder,
    len: u64,
}

/// Data that can be handed on where it stands, and what the reader is once it was.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) channel: Channel,
    /// Where it stands, without its channel.
    pub(super) data: Range<usize>,
    /// What it has on.
    pub(super) mask: Mask,
    starts: bool,
    walker: FrameWalker,
}

/// What the first byte of the message under way said.
#[derive(Debug, Clone, Copy)]
enum Message {
    /// It has not come.
    Unread,
    /// A channel.
    On(Channel),
    /// 255, on v5; then perhaps the channel.
    Signal(Option<Channel>),
    /// A channel that does not exist: dropped, as servers do.
    Ignored,
}

/// What is still to come of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// These are its last bytes.
    Nothing,
    /// More.
    More,
}

impl From<bool> for Rest {
    fn from(ends: bool) -> Self {
        if ends { Self::Nothing } else { Self::More }
    }
}

impl Reader {
    pub(super) fn new(sender: Sender, subprotocol: Subprotocol) -> Self {
        Self {
            walker: FrameWalker::new(sender),
            coding: subprotocol.coding(),
            close_signals: subprotocol.has_close_signal() && sender == Sender::Client,
            message: Message::Unread,
            decoder: Decoder::default(),
            len: 0,
        }
    }

    /// Reads one piece of at most `limit` bytes from the front of `input`; false when more bytes are needed.
    pub(super) fn read(
        &mut self,
        input: &mut &[u8],
        limit: usize,
        visitor: &mut impl Visitor,
    ) -> Result<bool, ReadError> {
        match self.walker.next(input, limit)? {
            None => Ok(false),
            Some(Piece::Control(frame)) => {
                visitor.control(frame);
                Ok(true)
            }
            Some(Piece::Data { payload, mask, place }) => {
                self.piece(payload, mask, place, visitor).map(|()| true)
            }
        }
    }

    /// True if what comes next is likely to be handed on where it stands: nothing of it has to be decoded, and frames are long.
    pub(super) fn reads_standing(&self) -> bool {
        self.coding == Coding::Raw
            && self.walker.data_len() >= LEAST_FRAME
            && self.walker.under() != Under::Control
    }

    /// How many bytes would have to stand before what is read next for it to be handed on: what came already of its header; or,
    /// within a frame, a header of `header` bytes, and the channel unless that is still to come.
    pub(super) fn missing(&self, header: usize) -> usize {
        match self.walker.under() {
            Under::Header(came) => came,
            Under::Data { starts: true } => header,
            Under::Data { starts: false } => header.saturating_add(1),
            Under::Control => 0,
        }
    }

    /// Looks at the data that comes next, at `bytes[at..]`: a whole message in one frame, or as much of one as there is. `None` if it
    /// is something else, or short.
    pub(super) fn standing(&self, bytes: &[u8], at: usize) -> Option<Standing> {
        if !self.reads_standing() {
            return None;
        }
        let mut walker = self.walker.clone();
        let mut rest = bytes.get(at..)?;
        let Ok(Some(Piece::Data { payload, mask, place })) = walker.next(&mut rest, RAW_LIMIT) else {
            return None;
        };
        let end = bytes.len().checked_sub(rest.len())?;
        let begin = end.checked_sub(payload.len())?;
        let (channel, begin, mask) = match self.message {
            _ if place.starts => {
                let first = mask.apply_to_first(*payload.first()?);
                (Channel::from_byte(first)?, begin.checked_add(1)?, mask.advanced(1))
            }
            Message::On(channel) => (channel, begin, mask),
            _ => return None,
        };
        let is_long = begin < end && walker.data_len() >= LEAST_FRAME;
        is_long.then_some(Standing { channel, data: begin..end, mask, starts: place.starts, walker })
    }

    /// Takes as read what was handed on. That its message is over needs no telling: it was not empty.
    pub(super) fn pass(&mut self, standing: Standing) {
        let Standing { channel, data, starts, walker, .. } = standing;
        let before = if starts { 0 } else { self.len };
        self.len = before.saturating_add(data.len() as u64);
        self.message = Message::On(channel);
        self.walker = walker;
    }

    fn piece(
        &mut self,
        payload: &[u8],
        mask: Mask,
        place: Place,
        visitor: &mut impl Visitor,
    ) -> Result<(), ReadError> {
        if place.starts {
            self.message = Message::Unread;
            self.len = 0;
        }
        if mask == Mask::default() {
            self.payload(payload, place.ends.into(), visitor)?;
        } else {
            self.masked(payload, mask, place, visitor)?;
        }
        if place.ends { self.end(visitor) } else { Ok(()) }
    }

    /// Raw data keeps its mask; whatever has to be understood here loses it first.
    fn masked(
        &mut self,
        mut payload: &[u8],
        mut mask: Mask,
        place: Place,
        visitor: &mut impl Visitor,
    ) -> Result<(), ReadError> {
        if self.coding == Coding::Raw
            && matches!(self.message, Message::Unread)
            && let Some((first, rest)) = payload.split_first()
        {
            let mut first = [*first];
            mask.apply(&mut first);
            mask = mask.advanced(1);
            payload = rest;
            self.payload(&first, Rest::More, visitor)?;
        }
        match self.message {
            Message::On(channel) if self.coding == Coding::Raw => {
                self.data(channel, payload, mask, visitor);
                Ok(())
            }
            _ => mask.steps(payload, |plain, is_last| {
                self.payload(plain, Rest::from(place.ends && is_last), visitor)
            }),
        }
    }

    fn payload(&mut self, payload: &[u8], rest: Rest, visitor: &mut impl Visitor) -> Result<(), ReadError> {
        let Some((first, data)) = payload.split_first() else { return Ok(()) };
        let data = if matches!(self.message, Message::Unread) {
            self.message = self.begin(*first);
            data
        } else {
            payload
        };
        match self.message {
            Message::Unread | Message::Ignored => Ok(()),
            Message::Signal(seen) => self.signal(seen, data),
            Message::On(channel) => match self.coding {
                Coding::Raw => {
                    self.data(channel, data, Mask::default(), visitor);
                    Ok(())
                }
                Coding::Base64 => self.decode(channel, data, rest, visitor),
            },
        }
    }

    fn begin(&self, first: u8) -> Message {
        let channel = match self.coding {
            Coding::Raw if first == CLOSE_SIGNAL && self.close_signals => return Message::Signal(None),
            Coding::Raw => Channel::from_byte(first),
            Coding::Base64 => Channel::from_digit(first),
        };
        channel.map_or(Message::Ignored, Message::On)
    }

    /// The last part of a message is passed on only if the message ends well: one that is garbage at its end, as long as it is short,
    /// reaches nobody, as on the API server.
    fn decode(
        &mut self,
        channel: Channel,
        text: &[u8],
        rest: Rest,
        visitor: &mut impl Visitor,
    ) -> Result<(), ReadError> {
        DECODED.with_borrow_mut(|data| {
            let mut parts = text.chunks(STEP).peekable();
            while let Some(part) = parts.next() {
                let count = self.decoder.decode(part, data)?;
                if rest == Rest::Nothing && parts.peek().is_none() {
                    self.decoder.finish()?;
                }
                self.data(channel, data.get(..count).unwrap_or_default(), Mask::default(), visitor);
            }
            Ok(())
        })
    }

    fn data(&mut self, channel: Channel, data: &[u8], mask: Mask, visitor: &mut impl Visitor) {
        if !data.is_empty() {
            self.len = self.len.saturating_add(data.len() as u64);
            visitor.data(channel, data, mask);
        }
    }

    fn signal(&mut self, seen: Option<Channel>, data: &[u8]) -> Result<(), ReadError> {
        match (seen, data) {
            (_, []) => Ok(()),
            (None, [byte]) => {
                let channel = Channel::from_byte(*byte).ok_or(ReadError::CloseSignal)?;
                self.message = Message::Signal(Some(channel));
                Ok(())
            }
            _ => Err(ReadError::CloseSignal),
        }
    }

    fn end(&mut self, visitor: &mut impl Visitor) -> Result<(), ReadError> {
        match self.message {
            Message::Unread | Message::Ignored => {}
            Message::Signal(None) => return Err(ReadError::CloseSignal),
            Message::Signal(Some(channel)) => visitor.close_signal(channel),
            Message::On(channel) => {
                self.decoder.finish()?;
                visitor.end(channel, self.len);
            }
        }
        Ok(())
    }
}
