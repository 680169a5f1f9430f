//! Frames: any cut of any bytes gives the same pieces or the same refusal, and no payload is invented or lost.

#![no_main]

use execgate::protocol::{ControlKind, FrameError, FrameWalker, Piece, Sender};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    from_client: bool,
    cuts: [u8; 4],
    limit: u16,
    bytes: &'a [u8],
}

/// A stream, walked: whole messages so far, unmasked, control frames between them, and how it ended.
#[derive(Debug, Default, PartialEq, Eq)]
struct Walked {
    messages: Vec<Vec<u8>>,
    ended: usize,
    controls: Vec<(ControlKind, Vec<u8>, usize)>,
    error: Option<FrameError>,
}

fuzz_target!(|input: Input<'_>| {
    let sender = if input.from_client { Sender::Client } else { Sender::Server };
    let whole = walk(sender, input.bytes, &[usize::MAX], usize::MAX);
    let sizes = input.cuts.map(|cut| usize::from(cut).max(1));
    let cut = walk(sender, input.bytes, &sizes, usize::from(input.limit).max(1));
    assert_eq!(whole, cut);
    let payload: usize = whole.messages.iter().map(Vec::len).sum();
    assert!(payload <= input.bytes.len());
});

fn walk(sender: Sender, bytes: &[u8], sizes: &[usize], limit: usize) -> Walked {
    let mut walker = FrameWalker::new(sender);
    let mut walked = Walked::default();
    let mut sizes = sizes.iter().cycle();
    let mut rest = bytes;
    while let Some(size) = sizes.next().filter(|_| !rest.is_empty()) {
        let (mut block, behind) = rest.split_at((*size).min(rest.len()));
        rest = behind;
        loop {
            match walker.next(&mut block, limit) {
                Ok(Some(piece)) => walked.add(piece, limit),
                Ok(None) => break,
                Err(error) => {
                    walked.error = Some(error);
                    return walked;
                }
            }
        }
        assert!(block.is_empty(), "a walker that wants more has taken everything");
    }
    walked
}

impl Walked {
    fn add(&mut self, piece: Piece<'_>, limit: usize) {
        match piece {
            Piece::Data { payload, mask, place } => {
                assert!(payload.len() <= limit);
                if place.starts {
                    self.messages.push(Vec::new());
                }
                let mut plain = payload.to_vec();
                mask.apply(&mut plain);
                self.messages
                    .last_mut()
                    .expect("a piece belongs to a message that has started")
                    .extend(plain);
                self.ended += usize::from(place.ends);
                assert!(self.messages.len() - self.ended <= 1, "one message at a time");
            }
            Piece::Control(frame) => {
                let at = self.messages.iter().map(Vec::len).sum();
                self.controls.push((frame.kind, frame.payload().to_vec(), at));
            }
        }
    }
}
