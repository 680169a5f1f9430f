//! The writing side of a session: whole frames under one lock, as x/net's connection writes them.

use std::io;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, WriteHalf};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::settings::Scheme;
use crate::protocol::{Channel, Close, Coding};

/// What a session runs over.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// TCP or TLS.
pub(super) type Wire = Box<dyn Duplex>;

/// The data of one output frame: the size of Go's copy buffers.
const CHUNK: usize = 32 * 1024;
/// The longest header of an unmasked frame.
const HEADER_ROOM: usize = 10;

/// Writes frames to the client. Whoever writes holds the lock for a whole frame.
pub(super) struct Link {
    writer: tokio::sync::Mutex<Option<WriteHalf<Wire>>>,
    scheme: Scheme,
    coding: Coding,
    touched: Mutex<Instant>,
}

impl Link {
    pub(super) fn new(writer: WriteHalf<Wire>, scheme: Scheme, coding: Coding) -> Self {
        Self {
            writer: tokio::sync::Mutex::new(Some(writer)),
            scheme,
            coding,
            touched: Mutex::new(Instant::now()),
        }
    }

    /// How payloads are written.
    pub(super) fn coding(&self) -> Coding {
        self.coding
    }

    /// Notes a data message in either direction: it pushes the idle deadline.
    pub(super) fn touch(&self) {
        *self.touched.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// When the last data message passed.
    pub(super) fn touched(&self) -> Instant {
        *self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes data frames that are already framed.
    pub(super) async fn send(&self, frames: &[u8]) -> io::Result<()> {
        self.touch();
        self.write(frames).await
    }

    /// Writes `data` as one message.
    pub(super) async fn send_message(&self, channel: Channel, data: &[u8]) -> io::Result<()> {
        self.send(&message(self.coding, channel, data)).await
    }

    /// Answers a ping.
    pub(super) async fn pong(&self, payload: &[u8]) -> io::Result<()> {
        self.write(&control(Control::Pong, payload)).await
    }

    /// Says 1002; the close follows.
    pub(super) async fn protocol_error(&self) -> io::Result<()> {
        let payload = Close::new(Close::PROTOCOL_ERROR, "").to_payload();
        self.write(&control(Control::Close, &payload)).await
    }

    /// Says 1000 and lets go of the connection at once, whatever the client still has to say. Later calls do nothing.
    pub(super) async fn close(&self) {
        let Some(mut writer) = self.writer.lock().await.take() else {
            return;
        };
        let payload = Close::new(Close::NORMAL, "").to_payload();
        let said = writer.write_all(&control(Control::Close, &payload)).await;
        if said.is_ok() && writer.flush().await.is_ok() && self.scheme == Scheme::Https {
            // TLS says goodbye too; a plain socket is just dropped. Nobody is left to tell if it fails.
            let _ = writer.shutdown().await;
        }
    }

    /// Lets go of the connection without a word.
    pub(super) async fn drop_connection(&self) {
        if let Some(mut writer) = self.writer.lock().await.take()
            && self.scheme == Scheme::Https
        {
            // Nobody is left to tell if it fails.
            let _ = writer.shutdown().await;
        }
    }

    async fn write(&self, frames: &[u8]) -> io::Result<()> {
        let mut writer = self.writer.lock().await;
        let writer = writer.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writer.write_all(frames).await?;
        writer.flush().await
    }
}

/// A frame under construction, used again for each chunk of a stream: raw data is read to where it is sent from.
pub(super) struct Outgoing {
    coding: Coding,
    raw: Vec<u8>,
    text: Vec<u8>,
}

impl Outgoing {
    pub(super) fn new(coding: Coding) -> Self {
        Self { coding, raw: vec![0; HEADER_ROOM + 1 + CHUNK], text: Vec::new() }
    }

    /// Where the next chunk is read to.
    pub(super) fn room(&mut self) -> &mut [u8] {
        &mut self.raw[HEADER_ROOM + 1..]
    }

    /// The frame round the first `length` bytes of the room.
    pub(super) fn seal(&mut self, channel: Channel, length: usize) -> &[u8] {
        let end = HEADER_ROOM + 1 + length;
        if self.coding == Coding::Base64 {
            self.text.clear();
            write_message(&mut self.text, self.coding, channel, &self.raw[HEADER_ROOM + 1..end]);
            return &self.text;
        }
        let header = header(OpCode::Data(Data::Binary), length + 1);
        let start = HEADER_ROOM - header.len();
        self.raw[start..HEADER_ROOM].copy_from_slice(&header);
        self.raw[HEADER_ROOM] = channel.byte();
        &self.raw[start..end]
    }
}

/// One data frame.
pub(super) fn message(coding: Coding, channel: Channel, data: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(HEADER_ROOM + 1 + data.len());
    write_message(&mut frame, coding, channel, data);
    frame
}

fn write_message(frame: &mut Vec<u8>, coding: Coding, channel: Channel, data: &[u8]) {
    match coding {
        Coding::Raw => {
            frame.extend(header(OpCode::Data(Data::Binary), data.len() + 1));
            frame.push(channel.byte());
            frame.extend(data);
        }
        Coding::Base64 => {
            let encoded = data.len().div_ceil(3) * 4;
            frame.extend(header(OpCode::Data(Data::Text), encoded + 1));
            frame.push(channel.digit());
            let start = frame.len();
            frame.resize(start + encoded, 0);
            STANDARD.encode_slice(data, &mut frame[start..]).expect("the room was measured for this data");
        }
    }
}

fn control(kind: Control, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(OpCode::Control(kind), payload.len());
    frame.extend(payload);
    frame
}

fn header(opcode: OpCode, length: usize) -> Vec<u8> {
    let header = FrameHeader { opcode, ..FrameHeader::default() };
    let mut bytes = Vec::with_capacity(HEADER_ROOM);
    header.format(length as u64, &mut bytes).expect("a Vec takes every byte");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_make_a_frame_give_the_same_bytes() {
        for coding in [Coding::Raw, Coding::Base64] {
            for length in [0, 1, 4, 125, 126, 65_535, 65_536, CHUNK].map(|length| length.min(CHUNK)) {
                let mut frame = Outgoing::new(coding);
                frame.room()[..length].fill(b'x');
                let expected = message(coding, Channel::Stdout, &vec![b'x'; length]);
                assert_eq!(frame.seal(Channel::Stdout, length), expected, "{coding:?} {length}");
            }
        }
    }

    #[test]
    fn frames_are_those_of_the_reference() {
        assert_eq!(message(Coding::Raw, Channel::Stdout, b""), [0x82, 1, 1]);
        assert_eq!(message(Coding::Base64, Channel::Stdout, b""), [0x81, 1, 0x31]);
        assert_eq!(message(Coding::Raw, Channel::Stdout, b"hi\r\n"), b"\x82\x05\x01hi\r\n");
        assert_eq!(message(Coding::Base64, Channel::Stdout, b"hi\r\n"), b"\x81\x091aGkNCg==");
    }
}
