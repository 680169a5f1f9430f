//! Writes frames into an outbox: data that follows on the same channel joins the message that is still open.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::base64::Encoder;
use super::dialect::{GROWTH, JsonPart, OutputForm};
use super::{Bare, CONTROL_LIMIT, Channel, Coding, ControlKind, Dialect, Downstream, Mask, Outbox, utf8};

mod dialect;

/// The longest payload of a message that is written: the largest whose length takes two bytes, so that the place kept for a
/// header always does.
const PAYLOAD_LIMIT: usize = 0xffff;
/// Data bytes that fit such a message behind a channel byte.
pub(super) const RAW_LIMIT: usize = PAYLOAD_LIMIT - 1;
/// Data bytes that fit such a message as base64 behind a digit.
const BASE64_LIMIT: usize = RAW_LIMIT / 4 * 3;
/// The header that place is kept for, without a mask.
const HEADER: usize = 4;

/// Gives an unpredictable masking key (RFC 6455 section 5.3).
pub type KeySource = fn() -> [u8; 4];

/// Which end of the connection the frames are written for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Masking {
    /// A server's frames carry no mask.
    Server,
    /// A client's frames are masked with a fresh key each.
    Client(KeySource),
}

/// Where data may be cut when a message is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Between any two bytes.
    Anywhere,
    /// Between two characters.
    Characters,
}

/// Writes one direction of one leg. Every message is one frame with FIN set.
#[derive(Debug)]
pub(super) struct Writer {
    form: Form,
    masking: Masking,
    open: Option<Open>,
}

/// How data becomes messages.
#[derive(Debug, Clone)]
enum Form {
    /// A subprotocol's: behind its channel.
    Exec(Coding),
    /// A dialect's, which has no channels.
    Dialect(Arc<Dialect>),
}

/// A message that may still grow: its header is written when it is closed.
#[derive(Debug)]
struct Open {
    body: Body,
    frame: Frame,
    /// Bytes that still fit: of data, or of a JSON message's text.
    room: usize,
}

/// What an open message is.
#[derive(Debug)]
enum Body {
    /// Data of a channel as it is.
    Raw(Channel),
    /// Data of a channel as base64.
    Base64(Channel, Encoder),
    /// A dialect's bare output.
    Bare(Bare),
    /// A dialect's JSON, and whether nothing stands in it yet.
    Json { part: JsonPart, is_empty: bool },
}

impl Body {
    fn channel(&self) -> Option<Channel> {
        match self {
            Self::Raw(channel) | Self::Base64(channel, _) => Some(*channel),
            Self::Bare(_) | Self::Json { .. } => None,
        }
    }
}

/// A frame that was begun.
#[derive(Debug, Clone, Copy)]
struct Frame {
    /// Where the place for its header begins in the outbox.
    mark: usize,
    key: Option<[u8; 4]>,
    /// The key, turned for the next byte of the payload.
    mask: Mask,
}

impl Writer {
    pub(super) fn new(coding: Coding, masking: Masking) -> Self {
        Self { form: Form::Exec(coding), masking, open: None }
    }

    /// For a page or program that speaks this.
    pub(super) fn downstream(downstream: &Downstream) -> Self {
        let form = match downstream {
            Downstream::Exec(subprotocol) => Form::Exec(subprotocol.coding()),
            Downstream::Dialect(dialect) => Form::Dialect(Arc::clone(dialect)),
        };
        Self { form, masking: Masking::Server, open: None }
    }

    /// True if data is written as it is, behind its channel.
    pub(super) fn is_raw(&self) -> bool {
        matches!(self.form, Form::Exec(Coding::Raw))
    }

    /// True if messages have channels.
    pub(super) fn has_channels(&self) -> bool {
        matches!(self.form, Form::Exec(_))
    }

    /// Bytes of an outbox that each three bytes of data fill at most.
    pub(super) fn growth_of_three(&self) -> NonZeroUsize {
        const BASE64: NonZeroUsize = NonZeroUsize::new(4).unwrap();
        // U+FFFD for a byte that is no text.
        const BARE: NonZeroUsize = NonZeroUsize::new(9).unwrap();
        const JSON: NonZeroUsize = NonZeroUsize::new(3 * GROWTH).unwrap();
        match &self.form {
            Form::Exec(_) => BASE64,
            Form::Dialect(dialect) => match dialect.output() {
                OutputForm::Bare(_) => BARE,
                OutputForm::Json(_) => JSON,
            },
        }
    }

    /// Appends `data` on `channel`. Nothing is ready to be sent before [`close_message`](Self::close_message).
    pub(super) fn data(&mut self, channel: Channel, data: &[u8], cut: Cut, outbox: &mut Outbox) {
        self.append(channel, data, Mask::default(), cut, outbox);
    }

    /// The same for data that still has the mask with which it came. It is cut anywhere: characters can't be seen in it.
    pub(super) fn data_masked(&mut self, channel: Channel, data: &[u8], mask: Mask, outbox: &mut Outbox) {
        self.append(channel, data, mask, Cut::Anywhere, outbox);
    }

    /// Writes a message of its own, whatever is open. A dialect has none that is empty.
    pub(super) fn message(&mut self, channel: Channel, payload: &[u8], outbox: &mut Outbox) {
        self.close_message(outbox);
        if let Form::Exec(coding) = self.form {
            self.open_on(channel, coding, outbox);
        }
        if !payload.is_empty() {
            self.data(channel, payload, Cut::Characters, outbox);
        }
        self.close_message(outbox);
    }

    /// Writes v5's close signal for `channel` (raw subprotocols only).
    pub(super) fn close_signal(&mut self, channel: Channel, outbox: &mut Outbox) {
        self.close_message(outbox);
        let mut frame = self.begin_frame(outbox);
        frame.push(&[super::CLOSE_SIGNAL, channel.byte()], outbox);
        self.end_frame(frame, OpCode::Data(Data::Binary), outbox);
    }

    /// Writes an empty message: it means nothing and pushes a server's idle deadline.
    pub(super) fn empty_message(&mut self, outbox: &mut Outbox) {
        self.close_message(outbox);
        let frame = self.begin_frame(outbox);
        self.end_frame(frame, OpCode::Data(Data::Binary), outbox);
    }

    /// Writes a control frame; `payload` has at most 125 bytes.
    pub(super) fn control(&mut self, kind: ControlKind, payload: &[u8], outbox: &mut Outbox) {
        self.close_message(outbox);
        let opcode = match kind {
            ControlKind::Close => Control::Close,
            ControlKind::Ping => Control::Ping,
            ControlKind::Pong => Control::Pong,
        };
        let mut frame = self.begin_frame(outbox);
        frame.push(payload, outbox);
        self.end_frame(frame, OpCode::Control(opcode), outbox);
    }

    /// Ends the open message, if there is one: from now on its bytes may be sent.
    pub(super) fn close_message(&mut self, outbox: &mut Outbox) {
        if let Some(Open { body, mut frame, .. }) = self.open.take() {
            let opcode = match body {
                Body::Raw(_) | Body::Bare(Bare::Binary) => Data::Binary,
                Body::Bare(Bare::Text) => Data::Text,
                Body::Base64(_, mut encoder) => {
                    frame.write(outbox, |outbox| encoder.finish(outbox));
                    Data::Text
                }
                Body::Json { part, .. } => {
                    frame.push(self.behind(part), outbox);
                    Data::Text
                }
            };
            self.end_frame(frame, OpCode::Data(opcode), outbox);
        }
    }

    /// The open message of `channel`; one of another channel, or a full one, is closed first.
    fn open_on(&mut self, channel: Channel, coding: Coding, outbox: &mut Outbox) -> &mut Open {
        if self.open.as_ref().is_some_and(|open| open.body.channel() != Some(channel) || open.room == 0) {
            self.close_message(outbox);
        }
        if self.open.is_none() {
            let mut frame = self.begin_frame(outbox);
            let (first, room, body) = match coding {
                Coding::Raw => (channel.byte(), RAW_LIMIT, Body::Raw(channel)),
                Coding::Base64 => (channel.digit(), BASE64_LIMIT, Body::Base64(channel, Encoder::default())),
            };
            frame.push(&[first], outbox);
            self.open = Some(Open { body, frame, room });
        }
        self.open.as_mut().expect("a message was just opened")
    }

    fn append(&mut self, channel: Channel, mut data: &[u8], mut mask: Mask, cut: Cut, outbox: &mut Outbox) {
        let coding = match &self.form {
            Form::Exec(coding) => *coding,
            Form::Dialect(dialect) => return self.append_output(&Arc::clone(dialect), data, outbox),
        };
        while !data.is_empty() {
            let room = self.open_on(channel, coding, outbox).room;
            let mut count = room.min(data.len());
            if cut == Cut::Characters && count < data.len() {
                let (front, _) = data.split_at(count);
                count = count.saturating_sub(utf8::unfinished(front));
            }
            let (front, rest) = data.split_at(count);
            self.append_fitting(front, mask, outbox);
            mask = mask.advanced(front.len());
            data = rest;
            if !data.is_empty() {
                self.close_message(outbox);
            }
        }
    }

    /// Appends what the open message has room for.
    fn append_fitting(&mut self, data: &[u8], mask: Mask, outbox: &mut Outbox) {
        let open = self.open.as_mut().expect("data is appended only to an open message");
        open.room = open.room.saturating_sub(data.len());
        let Open { frame, body, .. } = open;
        match body {
            Body::Base64(_, encoder) if mask == Mask::default() => {
                frame.write(outbox, |outbox| encoder.encode(data, outbox));
            }
            Body::Base64(_, encoder) => {
                let Ok(()) = mask.steps::<Infallible>(data, |plain, _| {
                    frame.write(outbox, |outbox| encoder.encode(plain, outbox));
                    Ok(())
                });
            }
            Body::Raw(_) | Body::Bare(_) | Body::Json { .. } => frame.push_masked(data, mask, outbox),
        }
    }

    /// Keeps place for the longest header.
    fn begin_frame(&self, outbox: &mut Outbox) -> Frame {
        let mark = outbox.mark();
        let size = self.header_size();
        outbox.room(size);
        outbox.commit(size);
        let key = self.key();
        Frame { mark, key, mask: key.map(Mask::new).unwrap_or_default() }
    }

    /// A key for the next frame.
    fn key(&self) -> Option<[u8; 4]> {
        match self.masking {
            Masking::Server => None,
            Masking::Client(source) => Some(source()),
        }
    }

    /// How many bytes stand before `len` bytes of raw data in a frame of their own: its header and the channel.
    pub(super) fn overhead(&self, len: usize) -> usize {
        let spare = if len < CONTROL_LIMIT { 2 } else { 0 };
        self.header_size().saturating_add(1).saturating_sub(spare)
    }

    /// Makes `place` a frame of the `len` bytes of raw data at its end, which have `mask` on. What stands before them is overwritten.
    pub(super) fn frame_data(&self, channel: Channel, mask: Mask, len: usize, place: &mut [u8]) {
        let key = self.key();
        let ours = key.map(Mask::new).unwrap_or_default();
        let (header, payload) = place.split_at_mut(self.overhead(len).saturating_sub(1).min(place.len()));
        write_header(header, OpCode::Data(Data::Binary), key, payload.len());
        if let Some((first, data)) = payload.split_first_mut() {
            *first = ours.apply_to_first(channel.byte());
            let both = ours.advanced(1).and(mask);
            if both != Mask::default() {
                both.apply(data);
            }
        }
    }

    /// The size of the header that place is kept for.
    pub(super) fn header_size(&self) -> usize {
        match self.masking {
            Masking::Server => HEADER,
            Masking::Client(_) => HEADER.saturating_add(4),
        }
    }

    /// Moves the payload up to a shorter header if it is short, and writes the header.
    fn end_frame(&self, frame: Frame, opcode: OpCode, outbox: &mut Outbox) {
        let kept = self.header_size();
        let Frame { mark, key, .. } = frame;
        let frame = outbox.since(mark);
        let length = frame.len().saturating_sub(kept);
        let size = header(opcode, key).len(length as u64);
        let spare = kept.saturating_sub(size);
        if spare > 0 {
            frame.copy_within(kept.., size);
        }
        write_header(frame.get_mut(..size).unwrap_or_default(), opcode, key, length);
        outbox.shorten(spare);
    }
}

fn header(opcode: OpCode, mask: Option<[u8; 4]>) -> FrameHeader {
    FrameHeader { is_final: true, rsv1: false, rsv2: false, rsv3: false, opcode, mask }
}

/// Writes a header into the `place` measured for it.
fn write_header(mut place: &mut [u8], opcode: OpCode, mask: Option<[u8; 4]>, length: usize) {
    header(opcode, mask).format(length as u64, &mut place).expect("the place was measured for this header");
}

impl Frame {
    /// Appends to the payload.
    fn push(&mut self, bytes: &[u8], outbox: &mut Outbox) {
        self.push_masked(bytes, Mask::default(), outbox);
    }

    /// Appends to the payload what has this mask on: it comes off as ours goes on.
    fn push_masked(&mut self, bytes: &[u8], mask: Mask, outbox: &mut Outbox) {
        let both = self.mask.and(mask);
        if both == Mask::default() {
            outbox.push(bytes);
        } else {
            both.apply_into(bytes, outbox.room(bytes.len()));
            outbox.commit(bytes.len());
        }
        self.mask = self.mask.advanced(bytes.len());
    }

    /// Masks what `write` appends to the payload.
    fn write(&mut self, outbox: &mut Outbox, write: impl FnOnce(&mut Outbox)) {
        let before = outbox.mark();
        write(outbox);
        if self.key.is_some() {
            let written = outbox.since(before);
            self.mask.apply(written);
            self.mask = self.mask.advanced(written.len());
        }
    }
}

#[cfg(test)]
mod tests;
