//! A client's open session: channels, whatever the subprotocol writes them as.

use std::ops::{Deref, DerefMut};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use execgate::protocol::{Coding, Subprotocol};

use super::wire::{Frame, Wire};

pub(crate) struct Session {
    wire: Wire,
    /// The answer's head.
    pub(crate) head: String,
    coding: Coding,
}

/// What a session said until the connection ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Transcript {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    pub(crate) statuses: Vec<String>,
    /// Payloads of close frames.
    pub(crate) closes: Vec<Vec<u8>>,
    /// Payloads of pongs.
    pub(crate) pongs: Vec<Vec<u8>>,
    /// First byte of the last frame.
    pub(crate) last: u8,
}

impl Session {
    pub(crate) fn new(wire: Wire, head: String) -> Self {
        let mut names = head.lines().filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("sec-websocket-protocol").then_some(value)
        });
        let coding = names.next().and_then(Subprotocol::from_name).map_or(Coding::Raw, Subprotocol::coding);
        Self { wire, head, coding }
    }

    /// Sends a binary message.
    pub(crate) async fn send(&mut self, payload: &[u8]) {
        self.frame(0x82, payload).await;
    }

    /// Sends data on a channel as the subprotocol writes it.
    pub(crate) async fn say(&mut self, channel: u8, data: &[u8]) {
        let (first, payload) = self.message(channel, data);
        self.frame(first, &payload).await;
    }

    /// Sends standard input.
    pub(crate) async fn type_in(&mut self, data: impl AsRef<[u8]>) {
        self.say(0, data.as_ref()).await;
    }

    /// Sends a size.
    pub(crate) async fn resize(&mut self, width: u16, height: u16) {
        self.say(4, format!(r#"{{"Width":{width},"Height":{height}}}"#).as_bytes()).await;
    }

    /// The first byte and payload of a message.
    pub(crate) fn message(&self, channel: u8, data: &[u8]) -> (u8, Vec<u8>) {
        match self.coding {
            Coding::Raw => (0x82, [&[channel], data].concat()),
            Coding::Base64 => (0x81, format!("{channel}{}", STANDARD.encode(data)).into_bytes()),
        }
    }

    /// A message's channel and data.
    pub(crate) fn read(&self, frame: &Frame) -> (u8, Vec<u8>) {
        let (&first, data) = frame.payload.split_first().expect("a message is never empty");
        match (self.coding, frame.first) {
            (Coding::Raw, 0x82) => (first, data.to_vec()),
            (Coding::Base64, 0x81) => (first - b'0', STANDARD.decode(data).unwrap()),
            _ => panic!("{frame:?}"),
        }
    }

    /// The channel and data of the next message.
    pub(crate) async fn heard(&mut self) -> (u8, Vec<u8>) {
        let frame = self.next().await.expect("the connection has ended");
        self.read(&frame)
    }

    /// Reads stdout until it ends with `text`.
    pub(crate) async fn until(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        while !seen.ends_with(text.as_bytes()) {
            let (channel, data) = self.heard().await;
            assert_eq!(channel, 1, "{:?} after {:?}", text_of(&data), text_of(&seen));
            seen.extend(data);
        }
        String::from_utf8(seen).unwrap()
    }

    /// Everything to the end of the connection, sorted by channel; pings are answered.
    pub(crate) async fn transcript(&mut self) -> Transcript {
        let mut transcript = Transcript::default();
        while let Some(frame) = self.next().await {
            if frame.first == 0x89 {
                // The other end may have gone meanwhile: its end is read next.
                self.try_frame(0x8a, &frame.payload).await;
            } else {
                transcript.note(self, frame);
            }
        }
        transcript
    }

    /// For a connection's rough end.
    pub(crate) fn reset(self) {
        self.wire.reset();
    }
}

impl Transcript {
    pub(super) fn note(&mut self, session: &Session, frame: Frame) {
        self.last = frame.first;
        match frame.first {
            0x88 => self.closes.push(frame.payload),
            0x8a => self.pongs.push(frame.payload),
            // A keepalive, if all of it takes that long.
            0x89 => {}
            _ => match session.read(&frame) {
                (1, data) => self.stdout.extend(data),
                (2, data) => self.stderr.extend(data),
                (3, data) if data.is_empty() => {}
                (3, data) => self.statuses.push(String::from_utf8(data).unwrap()),
                other => panic!("{other:?}"),
            },
        }
    }

    /// The code and reason of the one close frame, which came last.
    pub(crate) fn close(&self) -> (u16, &str) {
        assert_eq!(self.last, 0x88, "the close frame comes last: {self:?}");
        let [close] = &self.closes[..] else { panic!("one close frame: {self:?}") };
        let (code, reason) = close.split_first_chunk().expect("a close code");
        (u16::from_be_bytes(*code), std::str::from_utf8(reason).unwrap())
    }

    /// The one status as JSON.
    pub(crate) fn status(&self) -> serde_json::Value {
        let [status] = &self.statuses[..] else { panic!("one status: {self:?}") };
        serde_json::from_str(status).unwrap_or_else(|_| panic!("no JSON: {status}"))
    }

    /// Standard output as text.
    pub(crate) fn text(&self) -> String {
        text_of(&self.stdout)
    }
}

impl Deref for Session {
    type Target = Wire;

    fn deref(&self) -> &Wire {
        &self.wire
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Wire {
        &mut self.wire
    }
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
