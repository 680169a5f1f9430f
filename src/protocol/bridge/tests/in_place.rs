//! Frames that are handed on where they were read.

use super::*;

const FRAME: usize = 5000;

/// A session in which nothing is translated, after a first long frame each way.
fn stage() -> Stage {
    let mut stage = Stage::new(Subprotocol::V4, Subprotocol::V4, TERMINAL);
    stage.page_sends(&client(Coding::Raw, Channel::Stdin, &[b'0'; FRAME]));
    stage.cluster_sends(&server(Channel::Stdout, &[b'0'; FRAME]));
    assert!(stage.bridge.reads_in_place(Leg::Downstream) && stage.bridge.reads_in_place(Leg::Upstream));
    stage.page_got();
    stage.cluster_got();
    stage
}

fn stream(leg: Leg, channel: Channel, data: &[u8]) -> Vec<u8> {
    match leg {
        Leg::Downstream => client(Coding::Raw, channel, data),
        Leg::Upstream => server(channel, data),
    }
}

#[test]
fn whole_frames_are_handed_on_with_nothing_moved() {
    for (leg, channel) in [(Leg::Downstream, Channel::Stdin), (Leg::Upstream, Channel::Stderr)] {
        let mut stage = stage();
        let data = [[b'a'; FRAME], [b'b'; FRAME]];
        let bytes = data.map(|data| stream(leg, channel, &data)).concat();
        assert_eq!(stage.read(leg, &bytes), bytes.len());
        assert_eq!(stage.in_place, bytes.len());
        assert_eq!(stage.bridge.unsent(leg.other()).len(), bytes.len());
        let expected = data.map(|data| (channel.byte(), data.to_vec()));
        assert_eq!(stage.take(leg.other()).0, expected);
    }
}

#[test]
fn a_frame_cut_anywhere_is_handed_on_in_two() {
    for (leg, channel) in [(Leg::Downstream, Channel::Stdin), (Leg::Upstream, Channel::Stdout)] {
        let data: Vec<u8> = (0..FRAME).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let bytes = [stream(leg, channel, &data), stream(leg, channel, &data)].concat();
        for cut in (1..300).chain(FRAME - 300..FRAME + 300) {
            let mut stage = stage();
            for part in [&bytes[..cut], &bytes[cut..]] {
                assert_eq!(stage.read(leg, part), part.len());
                stage.bridge.flush(stage.now);
            }
            let (messages, _) = stage.take(leg.other());
            assert!(messages.len() <= 3, "cut at {cut}");
            let got: Vec<u8> = messages.into_iter().flat_map(|(_, data)| data).collect();
            assert!(got == [&data[..], &data].concat(), "cut at {cut}");
            // A header whose payload has not come is read the ordinary way, and so is what comes with it.
            assert!(stage.in_place >= FRAME, "cut at {cut}: {}", stage.in_place);
        }
    }
}

#[test]
fn what_is_no_long_frame_of_data_is_left_and_the_rest_is_taken_the_ordinary_way() {
    let pong = control(Sender::Server, ControlKind::Pong, b"");
    let short = server(Channel::Stdout, b"short");
    let long = server(Channel::Stdout, &[b'a'; FRAME]);
    let not_for_the_page = server(Channel::Stdin, &[b'b'; FRAME]);
    for (other, text) in [(pong, &b""[..]), (short.clone(), b"short"), (not_for_the_page, b"")] {
        let mut stage = stage();
        let bytes = [&long[..], &other, &long, &short].concat();
        assert_eq!(stage.read(Leg::Upstream, &bytes), bytes.len());
        stage.bridge.flush(stage.now);
        assert_eq!(stage.in_place, long.len());
        let output: Vec<u8> = stage.page_got().0.into_iter().flat_map(|(_, data)| data).collect();
        assert!(output == [&[b'a'; FRAME][..], text, &[b'a'; FRAME], b"short"].concat());
        // Short frames are joined, which is worth a copy.
        assert!(!stage.bridge.reads_in_place(Leg::Upstream));
    }
}

#[test]
fn input_behind_a_size_is_not_handed_on_before_it() {
    let size = client(Coding::Raw, Channel::Resize, br#"{"Width":80,"Height":24}"#);
    let typed = client(Coding::Raw, Channel::Stdin, &[b'a'; FRAME]);
    let (header, payload) = typed.split_at(8);
    let mut stage = stage();
    // The size waits for another one to take its place, and a long frame is under way.
    let before = [&size, header].concat();
    assert_eq!(stage.bridge.handle_bytes(Leg::Downstream, &before, stage.now), before.len());
    assert!(stage.bridge.reads_in_place(Leg::Downstream));
    assert_eq!(stage.offer(Leg::Downstream, payload), payload.len());
    assert_eq!(stage.in_place, 0);
    let channels: Vec<u8> = stage.cluster_got().0.into_iter().map(|(channel, _)| channel).collect();
    assert_eq!(channels, [4, 0]);
}

#[test]
fn input_that_nobody_asked_for_is_not_handed_on_but_counted() {
    let mut stage =
        Stage::new(Subprotocol::V4, Subprotocol::V4, Streams { stdin: false, tty: false, ..TERMINAL });
    let typed = client(Coding::Raw, Channel::Stdin, &[b'a'; FRAME]);
    for _ in 0..2 {
        assert_eq!(stage.offer(Leg::Downstream, &typed), typed.len());
    }
    assert_eq!(stage.in_place, 0);
    assert_eq!(stage.bridge.summary().input.dropped_bytes, 2 * FRAME as u64);
    assert!(stage.cluster_got().0.is_empty());
}
