use super::*;

/// What a stream says: messages as (payload, control frames are kept apart).
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    messages: Vec<Vec<u8>>,
    controls: Vec<(ControlKind, Vec<u8>)>,
}

fn walk<'a>(sender: Sender, cuts: impl IntoIterator<Item = &'a [u8]>) -> Result<Seen, FrameError> {
    let mut walker = FrameWalker::new(sender);
    let mut seen = Seen::default();
    for mut input in cuts {
        while let Some(piece) = walker.next(&mut input, 16)? {
            match piece {
                Piece::Data { payload, mask, place } => {
                    if place.starts {
                        seen.messages.push(Vec::new());
                    }
                    let mut plain = payload.to_vec();
                    mask.apply(&mut plain);
                    seen.messages.last_mut().unwrap().extend(plain);
                }
                Piece::Control(frame) => seen.controls.push((frame.kind, frame.payload().to_vec())),
            }
        }
        assert!(input.is_empty(), "the walker left bytes behind");
    }
    Ok(seen)
}

fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

#[test]
fn the_vectors_of_kubernetes_clients_are_read_whole_and_byte_by_byte() {
    let vectors: [(&str, &[u8]); 4] = [
        ("82 85 37 fa 21 3d 37 9c 4e 52 3d", b"\0foo\n"),
        ("81 89 37 fa 21 3d 07 a0 4c 04 41 b9 46 00 0a", b"0Zm9vCg=="),
        ("82 82 37 fa 21 3d c8 fa", &[255, 0]),
        ("82 80 37 fa 21 3d", b""),
    ];
    for (frame, payload) in vectors {
        let bytes = hex(frame);
        let expected = Seen { messages: vec![payload.to_vec()], controls: vec![] };
        assert_eq!(walk(Sender::Client, [&bytes[..]]).unwrap(), expected, "{frame}");
        assert_eq!(walk(Sender::Client, bytes.chunks(1)).unwrap(), expected, "{frame}");
    }
    let close = hex("88 82 37 fa 21 3d 34 12");
    assert_eq!(walk(Sender::Client, close.chunks(1)).unwrap().controls, [(ControlKind::Close, vec![3, 232])]);
}

#[test]
fn a_ping_between_two_fragments_is_seen_and_the_message_stays_one() {
    let stream = hex("01 03 30 61 47 89 01 78 00 00 80 02 6b 3d");
    for size in 1..=stream.len() {
        let seen = walk(Sender::Server, stream.chunks(size)).unwrap();
        assert_eq!(seen.messages, [b"0aGk=".to_vec()], "cuts of {size}");
        assert_eq!(seen.controls, [(ControlKind::Ping, b"x".to_vec())]);
    }
}

#[test]
fn lengths_of_every_form_are_read() {
    for length in [0_usize, 1, 125, 126, 65535, 65536, 70000] {
        let mut frame = Vec::new();
        let header = FrameHeader { opcode: OpCode::Data(Data::Binary), ..FrameHeader::default() };
        header.format(length as u64, &mut frame).unwrap();
        frame.resize(frame.len() + length, 7);
        for size in [1, 3, 4096, frame.len()] {
            assert_eq!(walk(Sender::Server, frame.chunks(size)).unwrap().messages, [vec![7; length]]);
        }
    }
}

#[test]
fn each_rule_of_rfc_6455_that_is_broken_is_named() {
    let server = [
        ("c2 01 01", FrameError::ReservedBit),
        ("83 00", FrameError::ReservedOpcode(3)),
        ("8b 00", FrameError::ReservedOpcode(11)),
        ("82 80 01 02 03 04", FrameError::Masked),
        ("09 00", FrameError::FragmentedControl),
        ("89 7e 00 7e", FrameError::LongControl),
        ("82 7e 00 01", FrameError::LengthForm),
        ("82 7f 00 00 00 00 00 00 ff ff", FrameError::LengthForm),
        ("82 7f 80 00 00 00 00 00 00 00", FrameError::LengthForm),
        ("80 00", FrameError::NothingToContinue),
        ("02 00 82 00", FrameError::Interleaved),
    ];
    for (stream, error) in server {
        let bytes = hex(stream);
        assert_eq!(walk(Sender::Server, [&bytes[..]]), Err(error), "{stream}");
        assert_eq!(walk(Sender::Server, bytes.chunks(1)), Err(error), "{stream}");
    }
    assert_eq!(walk(Sender::Client, [&hex("82 01 01")[..]]), Err(FrameError::Unmasked));
}

#[test]
fn an_error_is_small_enough_for_the_hot_path() {
    assert!(size_of::<FrameError>() <= 32);
}
