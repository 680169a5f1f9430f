//! What passes, and in which form.

use super::*;

#[test]
fn typing_reaches_the_pod_and_output_the_page() {
    let mut stage = Stage::page();
    stage.cluster_sends(&[0x82, 1, 1]);
    assert_eq!(stage.page_got().0, [(1, vec![])]);
    stage.page_sends(&client(Coding::Base64, Channel::Stdin, b"ls\n"));
    assert_eq!(stage.cluster_got().0, [(0, b"ls\n".to_vec())]);
    stage.cluster_sends(&server(Channel::Stdout, b"file\r\n"));
    assert_eq!(stage.page_got().0, [(1, b"file\r\n".to_vec())]);
}

#[test]
fn every_client_subprotocol_is_served_from_every_upstream() {
    for downstream in Subprotocol::ALL {
        for upstream in Subprotocol::ALL {
            let mut stage = Stage::new(downstream, upstream, TERMINAL);
            stage.page_sends(&client(downstream.coding(), Channel::Stdin, "é✓\0".as_bytes()));
            assert_eq!(
                stage.cluster_got().0,
                [(0, "é✓\0".as_bytes().to_vec())],
                "{downstream} on {upstream}"
            );
            let output = frames(Sender::Server, upstream.coding(), Channel::Stderr, "✓漢字\u{7}".as_bytes());
            for byte in &output {
                stage.cluster_sends(&[*byte]);
            }
            let whole: Vec<u8> = stage
                .page_got()
                .0
                .into_iter()
                .flat_map(|(channel, data)| {
                    assert_eq!(channel, 2);
                    data
                })
                .collect();
            assert_eq!(whole, "✓漢字\u{7}".as_bytes(), "{downstream} on {upstream}");
        }
    }
}

#[test]
fn small_output_that_is_already_waiting_is_joined() {
    let mut stage = Stage::page();
    let waiting: Vec<u8> = (0..100).flat_map(|_| server(Channel::Stdout, b"x")).collect();
    stage.cluster_sends(&waiting);
    assert_eq!(stage.page_got().0, [(1, vec![b'x'; 100])]);
}

#[test]
fn a_character_cut_in_two_reaches_a_base64_page_whole() {
    let mut stage = Stage::page();
    stage.cluster_sends(&server(Channel::Stdout, b"a\xe2\x9c"));
    assert_eq!(stage.page_got().0, [(1, b"a".to_vec())]);
    stage.cluster_sends(&server(Channel::Stdout, b"\x93b"));
    assert_eq!(stage.page_got().0, [(1, "✓b".as_bytes().to_vec())]);
}

#[test]
fn a_begun_character_goes_after_a_few_milliseconds_and_before_another_channel() {
    let mut stage = Stage::page();
    stage.cluster_sends(&server(Channel::Stdout, b"\xe2\x9c"));
    assert_eq!(stage.page_got().0, []);
    stage.pass(Duration::from_millis(4));
    assert_eq!(stage.page_got().0, []);
    stage.pass(Duration::from_millis(1));
    assert_eq!(stage.page_got().0, [(1, b"\xe2\x9c".to_vec())]);

    stage.cluster_sends(&server(Channel::Stdout, b"\xe2"));
    stage.cluster_sends(&server(Channel::Stderr, b"e"));
    assert_eq!(stage.page_got().0, [(1, b"\xe2".to_vec()), (2, b"e".to_vec())]);
}

#[test]
fn a_binary_client_and_a_setting_of_zero_hold_nothing_back() {
    let mut binary = Stage::new(Subprotocol::V4, Subprotocol::V4, TERMINAL);
    binary.cluster_sends(&server(Channel::Stdout, b"\xe2"));
    assert_eq!(binary.page_got().0, [(1, b"\xe2".to_vec())]);
    let times = Times { utf8_hold: Duration::ZERO, ..TIMES };
    let mut off = Stage::with(Subprotocol::Base64Channel, Subprotocol::V4, TERMINAL, times, Audience::Page);
    off.cluster_sends(&server(Channel::Stdout, b"\xe2"));
    assert_eq!(off.page_got().0, [(1, b"\xe2".to_vec())]);
}

#[test]
fn a_fragmented_message_reaches_the_pod_whole_with_a_ping_in_between() {
    // Text "0aGVsbG8=" in three frames: the first carries the digit.
    let mut stage = Stage::page();
    let plain = [(0x01, &b"0aG"[..]), (0x89, b"!"), (0x00, b"Vsb"), (0x80, b"G8=")];
    for (first, payload) in plain {
        let mut frame = vec![first, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        stage.page_sends(&frame);
    }
    let data: Vec<u8> = stage.cluster_got().0.into_iter().flat_map(|(_, data)| data).collect();
    assert_eq!(data, b"hello");
    assert_eq!(stage.page_got().1, [(ControlKind::Pong, b"!".to_vec())]);
}

#[test]
fn text_frames_on_a_binary_subprotocol_go_up_as_binary() {
    let mut stage = Stage::new(Subprotocol::V4, Subprotocol::V4, PIPE);
    stage.page_sends(&[0x81, 0x83, 0, 0, 0, 0, 0, b'h', b'i']);
    assert_eq!(stage.bridge.unsent(Leg::Upstream)[0], 0x82);
    assert_eq!(stage.cluster_got().0, [(0, b"hi".to_vec())]);
}

#[test]
fn what_servers_drop_is_dropped() {
    let mut stage = Stage::page();
    for text in ["9AAAA", "/AAAA", "1AAAA", "3AAAA", "0", "\u{7f}"] {
        let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
        frame.extend_from_slice(text.as_bytes());
        stage.page_sends(&frame);
    }
    stage.page_sends(&[0x81, 0x80, 0, 0, 0, 0]);
    assert_eq!(stage.cluster_got(), (vec![], vec![]));
    assert_eq!(stage.bridge.summary().input.bytes, 0);
}

#[test]
fn input_that_was_not_asked_for_is_dropped_and_counted() {
    let mut stage = Stage::new(Subprotocol::V4, Subprotocol::V4, Streams { stdin: false, ..TERMINAL });
    stage.page_sends(&client(Coding::Raw, Channel::Stdin, b"abc"));
    assert_eq!(stage.cluster_got().0, []);
    assert_eq!(stage.bridge.summary().input.dropped_bytes, 3);
}

#[test]
fn of_a_burst_of_sizes_the_last_goes_up_in_its_one_spelling() {
    let mut stage = Stage::page();
    let size = |text: &str| client(Coding::Base64, Channel::Resize, text.as_bytes());
    let burst = [size(r#"{"Width":80,"Height":24}"#), size(r#"{"height":30, "width":90}"#)].concat();
    stage.page_sends(&burst);
    assert_eq!(stage.cluster_got().0, [(4, br#"{"Width":90,"Height":30}"#.to_vec())]);
    let long = format!(r#"{{"Width":80,"Height":24,"x":"{}"}}"#, "x".repeat(2000));
    for bad in [r#"{"Width":0,"Height":24}"#, r#"{"Width":70000,"Height":24}"#, "{", &long] {
        stage.page_sends(&size(bad));
    }
    assert_eq!(stage.cluster_got().0, []);
    assert_eq!(stage.bridge.summary().input.dropped_sizes, 4);
}

#[test]
fn what_is_typed_after_a_size_meets_that_size() {
    let mut stage = Stage::page();
    let size = |width| {
        let text = format!(r#"{{"Width":{width},"Height":24}}"#);
        client(Coding::Base64, Channel::Resize, text.as_bytes())
    };
    let typed = client(Coding::Base64, Channel::Stdin, b"stty size\r");
    stage.page_sends(&[size(80), size(90), typed, size(100)].concat());
    let (messages, _) = stage.cluster_got();
    let json = |width| format!(r#"{{"Width":{width},"Height":24}}"#).into_bytes();
    assert_eq!(messages, [(4, json(90)), (0, b"stty size\r".to_vec()), (4, json(100))]);
}

#[test]
fn without_a_terminal_no_size_goes_up() {
    let mut stage = Stage::new(Subprotocol::V5, Subprotocol::V5, PIPE);
    stage.page_sends(&client(Coding::Raw, Channel::Resize, br#"{"Width":80,"Height":24}"#));
    assert_eq!(stage.cluster_got().0, []);
}

#[test]
fn the_end_of_input_is_passed_on_once_behind_the_data() {
    let mut stage = Stage::new(Subprotocol::V5, Subprotocol::V5, PIPE);
    let signal = [0x82, 0x82, 0, 0, 0, 0, 255, 0];
    stage.page_sends(&[client(Coding::Raw, Channel::Stdin, b"abc"), signal.to_vec()].concat());
    stage.page_sends(&signal);
    stage.page_sends(&client(Coding::Raw, Channel::Stdin, b"late"));
    assert_eq!(stage.cluster_got().0, [(0, b"abc".to_vec()), (255, vec![0])]);
    assert_eq!(stage.bridge.summary().input.dropped_bytes, 4);
}

#[test]
fn a_v4_client_cannot_end_input_and_255_means_nothing() {
    let mut stage = Stage::new(Subprotocol::V4, Subprotocol::V4, PIPE);
    stage.page_sends(&[0x82, 0x82, 0, 0, 0, 0, 255, 0]);
    assert_eq!(stage.cluster_got(), (vec![], vec![]));
}

#[test]
fn a_reader_that_stops_stops_the_writer_and_memory_stays_bounded() {
    let mut stage = Stage::page();
    let flood: Vec<u8> = (0..64).flat_map(|_| server(Channel::Stdout, &vec![b'x'; 32 * 1024])).collect();
    let taken = stage.bridge.handle_bytes(Leg::Upstream, &flood, stage.now);
    stage.bridge.flush(stage.now);
    assert!(taken < flood.len() && !stage.bridge.wants_bytes(Leg::Upstream));
    assert!(stage.bridge.wants_bytes(Leg::Downstream), "the other direction goes on");
    let mut offset = taken;
    // A reader that takes a little at a time never empties the outbox, and must not make it grow.
    while offset < flood.len() {
        stage.bridge.mark_sent(Leg::Downstream, 1000, stage.now);
        offset += stage.bridge.handle_bytes(Leg::Upstream, &flood[offset..], stage.now);
        stage.bridge.flush(stage.now);
        assert!(stage.bridge.unsent(Leg::Downstream).len() <= BLOCK_SIZE);
    }
}

#[test]
fn a_flood_of_pings_at_a_full_leg_is_answered_by_the_first_and_the_last() {
    let mut stage = Stage::page();
    let flood: Vec<u8> = (0..4).flat_map(|_| server(Channel::Stdout, &vec![b'x'; 32 * 1024])).collect();
    stage.bridge.handle_bytes(Leg::Upstream, &flood, stage.now);
    stage.bridge.flush(stage.now);
    let full = stage.bridge.unsent(Leg::Downstream).len();
    for count in 0..100_u8 {
        stage.page_sends(&control(Sender::Client, ControlKind::Ping, &[count]));
    }
    assert_eq!(stage.bridge.unsent(Leg::Downstream).len(), full + 3, "one pong waits, whatever comes");
    assert_eq!(stage.page_got().1, [(ControlKind::Pong, vec![0])]);
    stage.bridge.flush(stage.now);
    assert_eq!(stage.page_got().1, [(ControlKind::Pong, vec![99])]);
}

#[test]
fn each_begun_character_has_its_own_few_milliseconds() {
    // A piece of "漢字漢" every four milliseconds, each cut inside a character: no character waits for five.
    let mut stage = Stage::page();
    for piece in [&b"\xe6\xbc"[..], b"\xa2\xe5\xad", b"\x97\xe6\xbc", b"\xa2"] {
        stage.cluster_sends(&server(Channel::Stdout, piece));
        stage.pass(Duration::from_millis(4));
    }
    for (_, data) in stage.page_got().0 {
        assert!(std::str::from_utf8(&data).is_ok(), "{data:x?}");
    }
}

#[test]
fn a_size_reaches_the_pod_before_what_is_typed_behind_it() {
    // Pages send both when the socket opens: `stty size` must not see the size of before.
    let mut stage = Stage::page();
    let size = client(Coding::Base64, Channel::Resize, br#"{"Width":90,"Height":30}"#);
    stage.page_sends(&[size, client(Coding::Base64, Channel::Stdin, b"stty size\r")].concat());
    let channels: Vec<u8> = stage.cluster_got().0.into_iter().map(|(channel, _)| channel).collect();
    assert_eq!(channels, [4, 0]);
}

#[test]
fn a_v5_client_with_a_terminal_on_a_v4_cluster_ends_its_input_in_silence() {
    let mut stage = Stage::new(Subprotocol::V5, Subprotocol::V4, TERMINAL);
    stage.page_sends(
        &[client(Coding::Raw, Channel::Stdin, b"exit"), vec![0x82, 0x82, 0, 0, 0, 0, 255, 0]].concat(),
    );
    assert_eq!(stage.cluster_got(), (vec![(0, b"exit".to_vec())], vec![]));
}
