//! What happens in a session, read from the fuzzer's bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use execgate::protocol::bridge::{Audience, Leg};
use execgate::protocol::{Coding, Mask, Subprotocol};
use execgate::target::Streams;

/// A session.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) pairing: Pair,
    pub(crate) streams: Streams,
    pub(crate) audience: Audience,
    pub(crate) cuts: [usize; 2],
    pub(crate) events: Vec<(Leg, Event)>,
}

/// What the legs speak.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) downstream: Subprotocol,
    pub(crate) upstream: Subprotocol,
}

/// Something that happens on a leg.
#[derive(Debug)]
pub(crate) enum Event {
    /// Its peer sends this.
    Bytes(Vec<u8>),
    /// So many seconds pass.
    Wait(u16),
    /// Its peer ends the stream.
    End,
    /// It can't be written any more.
    WriteFailure,
    /// Its peer stops reading.
    Stall,
    /// Its peer reads again.
    Resume,
    /// execgate is stopped.
    Drain,
}

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

impl Script {
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let ([down, up, streams, audience, first, second], mut rest) = bytes.split_first_chunk::<6>()?;
        let subprotocol = |byte: &u8| Subprotocol::ALL[usize::from(*byte) % Subprotocol::ALL.len()];
        let pairing = Pair { downstream: subprotocol(down), upstream: subprotocol(up) };
        let mut events = Vec::new();
        while let Some(([kind, low, high], behind)) = rest.split_first_chunk::<3>() {
            rest = behind;
            let leg = if kind & 1 == 0 { Leg::Downstream } else { Leg::Upstream };
            let number = u16::from_le_bytes([*low, *high]);
            events.push((leg, Event::read(kind >> 1, number, &mut rest, leg, pairing)));
        }
        Some(Self {
            pairing,
            streams: Streams {
                stdin: streams & 1 != 0,
                stdout: streams & 2 != 0,
                stderr: streams & 4 != 0,
                tty: streams & 8 != 0,
            },
            audience: if audience & 1 == 0 { Audience::Page } else { Audience::Program },
            cuts: [first, second].map(|cut| usize::from(*cut).max(1)),
            events,
        })
    }
}

impl Event {
    fn read(kind: u8, number: u16, rest: &mut &[u8], leg: Leg, pairing: Pair) -> Self {
        let mut take = || {
            let (taken, behind) = rest.split_at(usize::from(number).min(rest.len()));
            *rest = behind;
            taken.to_vec()
        };
        match kind % 10 {
            0 => Self::Bytes(take()),
            1 => Self::Bytes(frame(leg, &take(), true)),
            2 => Self::Bytes(frame(leg, &take(), false)),
            3 => Self::Bytes(message(leg, pairing, take())),
            // Long messages cost the fuzzer three bytes.
            4 => Self::Bytes(message(leg, pairing, long(number))),
            5 => Self::Wait(number),
            6 => Self::End,
            7 => Self::WriteFailure,
            8 if number & 1 == 0 => Self::Stall,
            8 => Self::Resume,
            _ => Self::Drain,
        }
    }
}

/// A channel and as many bytes as a runtime sends at once, or twice that.
fn long(number: u16) -> Vec<u8> {
    let [low, _] = number.to_le_bytes();
    let channel = low % 6;
    std::iter::once(channel).chain("aé✓漢😀\n".bytes().cycle().take(usize::from(number))).collect()
}

/// A message on the channel that the first byte says, as the leg's subprotocol writes it.
fn message(leg: Leg, pairing: Pair, bytes: Vec<u8>) -> Vec<u8> {
    let coding = match leg {
        Leg::Downstream => pairing.downstream.coding(),
        Leg::Upstream => pairing.upstream.coding(),
    };
    let payload = match (coding, bytes.split_first()) {
        (Coding::Raw, _) | (_, None) => bytes,
        (Coding::Base64, Some((channel, data))) => {
            let digit = char::from(b'0'.wrapping_add(*channel));
            format!("{digit}{}", STANDARD.encode(data)).into_bytes()
        }
    };
    frame(leg, &[&[2], &payload[..]].concat(), true)
}

/// A well-formed frame, masked on the page's leg; the first byte is its opcode.
fn frame(leg: Leg, bytes: &[u8], last: bool) -> Vec<u8> {
    let (opcode, payload) = bytes.split_first().unwrap_or((&2, &[]));
    let masked = if leg == Leg::Downstream { 0x80 } else { 0 };
    let mut frame = vec![(opcode & 0x0f) | if last { 0x80 } else { 0 }];
    match u16::try_from(payload.len()) {
        Ok(length @ 0..=125) => frame.push(masked | length.to_le_bytes()[0]),
        Ok(length) => {
            frame.push(masked | 126);
            frame.extend(length.to_be_bytes());
        }
        Err(_) => {
            frame.push(masked | 127);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    let mut payload = payload.to_vec();
    if masked != 0 {
        frame.extend(KEY);
        Mask::new(KEY).apply(&mut payload);
    }
    frame.extend(payload);
    frame
}
