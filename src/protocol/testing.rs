//! Reads back what was written, for the tests of this room.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Coding, ControlKind, FrameWalker, Piece, Sender};

/// A message's first byte (as a channel) and its data.
pub(super) type Message = (u8, Vec<u8>);

/// All messages that a server wrote; base64 is decoded message by message.
pub(super) fn server_messages(bytes: &[u8], coding: Coding) -> Vec<Message> {
    read(bytes, Sender::Server, coding).0
}

/// All messages and control frames of one side.
pub(super) fn read(
    mut bytes: &[u8],
    sender: Sender,
    coding: Coding,
) -> (Vec<Message>, Vec<(ControlKind, Vec<u8>)>) {
    let mut walker = FrameWalker::new(sender);
    let (mut payloads, mut controls) = (Vec::<Vec<u8>>::new(), Vec::new());
    while let Some(piece) = walker.next(&mut bytes, usize::MAX).expect("what we wrote is well-formed") {
        match piece {
            Piece::Data { payload, mask, place } => {
                if place.starts {
                    payloads.push(Vec::new());
                }
                let mut plain = payload.to_vec();
                mask.apply(&mut plain);
                payloads.last_mut().expect("a message was started").extend(plain);
            }
            Piece::Control(frame) => controls.push((frame.kind, frame.payload().to_vec())),
        }
    }
    assert!(bytes.is_empty() && walker.is_between_messages(), "the last frame is whole");
    let messages = payloads.into_iter().filter(|payload| !payload.is_empty()).map(|payload| {
        let (first, rest) = payload.split_first().expect("empty payloads were left out");
        match coding {
            Coding::Raw => (*first, rest.to_vec()),
            Coding::Base64 => (first - b'0', STANDARD.decode(rest).expect("each message is padded base64")),
        }
    });
    (messages.collect(), controls)
}
