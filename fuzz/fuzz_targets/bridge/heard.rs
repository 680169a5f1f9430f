//! What a peer hears: messages by channel, and how it ended.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use execgate::protocol::{Coding, ControlKind, FrameWalker, Piece, Sender};

/// Channel 4: sizes, of which only the last counts.
const RESIZE: u8 = 4;

/// A peer that checks every frame it is sent.
pub(crate) struct Heard {
    walker: FrameWalker,
    coding: Coding,
    message: Vec<u8>,
    /// Data by channel; where messages end does not count, but for sizes.
    data: BTreeMap<u8, Vec<u8>>,
    closes: Vec<Vec<u8>>,
}

impl Heard {
    /// Nothing yet; `sender` is who writes to this peer.
    pub(crate) fn new(sender: Sender, coding: Coding) -> Self {
        Self {
            walker: FrameWalker::new(sender),
            coding,
            message: Vec::new(),
            data: BTreeMap::new(),
            closes: Vec::new(),
        }
    }

    pub(crate) fn take(&mut self, mut bytes: &[u8]) {
        while let Some(piece) =
            self.walker.next(&mut bytes, usize::MAX).expect("what the bridge writes is well-formed")
        {
            assert!(self.closes.is_empty(), "a frame follows the close frame");
            match piece {
                Piece::Data { payload, mask, place } => {
                    assert!(place.starts || !self.message.is_empty(), "no message starts");
                    let start = self.message.len();
                    self.message.extend_from_slice(payload);
                    mask.apply(&mut self.message[start..]);
                    if place.ends {
                        self.end();
                    }
                }
                Piece::Control(frame) if frame.kind == ControlKind::Close => {
                    self.closes.push(frame.payload().to_vec());
                }
                Piece::Control(_) => {}
            }
        }
        assert!(self.walker.is_between_messages(), "a frame is sent whole");
    }

    fn end(&mut self) {
        let message = std::mem::take(&mut self.message);
        let Some((first, rest)) = message.split_first() else {
            return;
        };
        let (channel, data) = match self.coding {
            Coding::Raw => (*first, rest.to_vec()),
            Coding::Base64 => {
                (first.wrapping_sub(b'0'), STANDARD.decode(rest).expect("each message is padded base64"))
            }
        };
        assert!(channel <= 4 || channel == 255, "there is no channel {channel}");
        let heard = self.data.entry(channel).or_default();
        if channel == RESIZE {
            heard.clear();
        }
        heard.extend(data);
    }

    /// Fails unless one of the two heard the beginning of what the other heard, and the same end.
    pub(crate) fn assert_begins_like(&self, other: &Self) {
        assert_eq!(self.closes, other.closes);
        for (channel, data) in self.data.iter().filter(|(channel, _)| **channel != RESIZE) {
            let others = other.data.get(channel).map_or(&[][..], Vec::as_slice);
            let both = data.len().min(others.len());
            assert_eq!(data[..both], others[..both], "channel {channel}");
        }
    }
}

impl PartialEq for Heard {
    fn eq(&self, other: &Self) -> bool {
        (&self.data, &self.closes) == (&other.data, &other.closes)
    }
}

impl std::fmt::Debug for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Heard")
            .field("data", &self.data)
            .field("closes", &self.closes)
            .finish_non_exhaustive()
    }
}
