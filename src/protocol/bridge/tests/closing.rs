//! Who closes, with which code, and what is still delivered.

use super::*;

const EXIT_7: &str = r#"{"metadata":{},"status":"Failure","message":"exit code 7","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}"#;

fn status(json: &str) -> Vec<u8> {
    server(Channel::Error, json.as_bytes())
}

#[test]
fn an_exit_code_reaches_every_client_in_its_own_form() {
    for downstream in Subprotocol::ALL {
        let mut stage = Stage::new(downstream, Subprotocol::V4, TERMINAL);
        stage.cluster_sends(&[server(Channel::Stdout, b"bye"), status(EXIT_7)].concat());
        let (messages, controls) = stage.page_got();
        assert_eq!(messages[0], (1, b"bye".to_vec()), "{downstream}");
        let expected = match downstream.status_form() {
            StatusForm::Json => EXIT_7,
            StatusForm::Text => "exit code 7",
        };
        assert_eq!(messages[1..], [(3, expected.as_bytes().to_vec())], "{downstream}");
        assert_eq!(close_of(&controls), (1000, "exit code 7".to_owned()), "{downstream}");
        assert_eq!(stage.bridge.summary().exit, Some(ExitStatus::Code(7)));
    }
}

#[test]
fn success_is_told_as_a_status_from_v4_on_and_by_silence_before() {
    for downstream in Subprotocol::ALL {
        for dialect in [r#"{"metadata":{},"status":"Success"}"#, r#"{"status":"Success"}"#] {
            let mut stage = Stage::new(downstream, Subprotocol::V4, TERMINAL);
            stage.cluster_sends(&status(dialect));
            let (messages, controls) = stage.page_got();
            let expected: &[Message] = match downstream.status_form() {
                StatusForm::Json => &[(3, dialect.as_bytes().to_vec())],
                StatusForm::Text => &[],
            };
            assert_eq!(messages, expected, "{downstream}");
            assert_eq!(close_of(&controls), (1000, "exit code 0".to_owned()));
        }
    }
}

#[test]
fn nothing_at_all_goes_up_after_the_status_and_its_end_is_waited_for() {
    let mut stage = Stage::page();
    stage.page_sends(&client(Coding::Base64, Channel::Stdin, b"typed ahead"));
    stage.cluster_sends(&[status(EXIT_7), vec![0x88, 2, 3, 0xe8]].concat());
    stage.page_sends(&client(Coding::Base64, Channel::Stdin, b"too late"));
    assert_eq!(stage.cluster_got(), (vec![], vec![]));
    assert!(!stage.bridge.is_done(Leg::Upstream));
    stage.bridge.handle_end(Leg::Upstream, &StreamEnd::Eof, stage.now);
    assert!(stage.bridge.is_done(Leg::Upstream));
    assert!(stage.bridge.summary().lost.to_cluster > 0, "input that could not be delivered is reported");
    assert_eq!(stage.bridge.summary().lost.to_client, 0);
}

#[test]
fn the_page_side_lingers_until_its_peer_ends_or_thirty_seconds_pass() {
    let mut stage = Stage::page();
    stage.cluster_sends(&status(EXIT_7));
    assert!(!stage.bridge.wants_shutdown(Leg::Downstream), "the close frame is still to be written");
    stage.page_got();
    assert!(stage.bridge.wants_shutdown(Leg::Downstream));
    stage.bridge.mark_shut(Leg::Downstream, stage.now);
    stage.pass(Duration::from_secs(29));
    assert!(!stage.bridge.is_done(Leg::Downstream));
    stage.page_sends(b"a slow reader that lives");
    stage.pass(Duration::from_secs(29));
    assert!(!stage.bridge.is_done(Leg::Downstream));
    stage.pass(Duration::from_secs(1));
    assert!(stage.bridge.is_done(Leg::Downstream) && stage.bridge.is_done(Leg::Upstream));
    assert_eq!(stage.bridge.next_deadline(), None);
}

#[test]
fn an_end_without_a_status_is_never_a_bare_1000() {
    let ends: [fn(&mut Stage); 4] = [
        |stage| stage.cluster_sends(&[0x88, 2, 3, 0xe8]),
        |stage| stage.cluster_sends(&[0x88, 0]),
        |stage| stage.bridge.handle_end(Leg::Upstream, &StreamEnd::Eof, stage.now),
        |stage| stage.bridge.handle_end(Leg::Upstream, &StreamEnd::Failed("reset".into()), stage.now),
    ];
    for end in ends {
        for downstream in Subprotocol::ALL {
            let mut stage = Stage::new(downstream, Subprotocol::V4, TERMINAL);
            end(&mut stage);
            let (messages, controls) = stage.page_got();
            let (code, reason) = close_of(&controls);
            let (channel, said) = messages.last().unwrap();
            assert_eq!((*channel, reason.is_empty()), (3, false), "{downstream}");
            match downstream.status_form() {
                StatusForm::Text => assert_eq!((code, &said[..]), (1011, reason.as_bytes())),
                StatusForm::Json => {
                    assert_eq!(code, 1000);
                    assert!(matches!(Status::parse(said).unwrap().exit_status(), ExitStatus::Failed(_)));
                }
            }
            assert_eq!(stage.bridge.summary().ended_by, EndedBy::Cluster);
        }
    }
}

#[test]
fn a_plain_close_of_an_upstream_before_v4_is_success() {
    let mut stage = Stage::new(Subprotocol::V4, Subprotocol::Base64Channel, TERMINAL);
    stage.cluster_sends(&[0x88, 2, 3, 0xe8]);
    let (messages, controls) = stage.page_got();
    assert_eq!(messages, [(3, Status::success().to_json())]);
    assert_eq!(close_of(&controls), (1000, "exit code 0".to_owned()));
}

#[test]
fn a_client_that_closes_gets_its_code_back_and_its_last_input_still_goes_up() {
    let mut stage = Stage::page();
    let last = client(Coding::Base64, Channel::Stdin, b"last words");
    stage.page_sends(&[last, control(Sender::Client, ControlKind::Close, &[3, 233])].concat());
    let (messages, controls) = stage.page_got();
    assert_eq!((messages, close_of(&controls).0), (vec![], 1001));
    let (messages, controls) = stage.cluster_got();
    assert_eq!(messages, [(0, b"last words".to_vec())]);
    assert_eq!(close_of(&controls).0, 1000);
    assert!(!stage.bridge.is_done(Leg::Upstream), "what was sent must arrive: its end is waited for");
    stage.pass(Duration::from_secs(5));
    assert!(stage.bridge.is_done(Leg::Upstream));
    assert_eq!(stage.bridge.summary().ended_by, EndedBy::Client);
}

#[test]
fn output_that_comes_after_the_client_left_is_reported_as_lost() {
    let mut stage = Stage::page();
    stage.bridge.handle_end(Leg::Downstream, &StreamEnd::Eof, stage.now);
    let output = server(Channel::Stdout, b"nobody reads this");
    stage.cluster_sends(&output[..5]);
    stage.cluster_sends(&output[5..]);
    stage.cluster_sends(&[0x88, 2, 3, 0xe8]);
    assert_eq!(stage.bridge.summary().lost.to_client, 17);
}

#[test]
fn garbage_closes_with_1007_and_broken_frames_with_1002() {
    let cases: [(&[u8], u16, &str); 4] = [
        (
            &[0x81, 0x84, 0, 0, 0, 0, b'0', b'a', b'G', b'k'],
            1007,
            "the payload is not padded standard base64",
        ),
        (
            &[0x81, 0x86, 0, 0, 0, 0, b'0', b'Z', b'm', b'9', b'v', b'*'],
            1007,
            "the payload is not padded standard base64",
        ),
        (&[0x81, 1, b'0'], 1002, "a client's frame is not masked"),
        (&[0xc1, 0x81, 0, 0, 0, 0, b'0'], 1002, "a frame has a reserved bit set"),
    ];
    for (bytes, code, reason) in cases {
        let mut stage = Stage::page();
        stage.page_sends(bytes);
        assert_eq!(close_of(&stage.page_got().1), (code, reason.to_owned()));
        assert_eq!(stage.bridge.summary().ended_by, EndedBy::Violation(Leg::Downstream));
        assert_eq!(
            stage.bridge.summary().input.bytes,
            0,
            "no part of a short message that is garbage reaches the pod"
        );
        assert_eq!(close_of(&stage.cluster_got().1).0, 1000);
    }
}

#[test]
fn a_malformed_close_signal_stops_at_the_edge() {
    for payload in [&[255][..], &[255, 5], &[255, 0, 0]] {
        let mut stage = Stage::new(Subprotocol::V5, Subprotocol::V5, PIPE);
        let mut frame = vec![0x82, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        stage.page_sends(&frame);
        assert_eq!(close_of(&stage.page_got().1).0, 1002, "{payload:?}");
        assert_eq!(stage.cluster_got().0, [], "{payload:?}");
    }
}

#[test]
fn a_late_refusal_is_told_to_a_page_in_our_words_and_to_a_program_as_it_is() {
    let refusals = [
        r#"error sending request: Post \"https://node-7:10250/exec\": refused"#,
        "unable to upgrade connection: Forbidden (user=api, verb=get, resource=nodes, name=node-7)",
    ];
    for refusal in refusals {
        let json = format!(
            r#"{{"status":"Failure","message":"Internal error occurred: {refusal}","reason":"InternalError","code":500}}"#
        );
        let told = |audience| {
            let mut stage =
                Stage::with(Subprotocol::Base64Channel, Subprotocol::V5, TERMINAL, TIMES, audience);
            stage.cluster_sends(&status(&json));
            let (messages, controls) = stage.page_got();
            (String::from_utf8(messages[0].1.clone()).unwrap(), close_of(&controls))
        };
        let (words, (code, reason)) = told(Audience::Page);
        assert!(!words.contains("node-7") && !reason.contains("node-7"), "{refusal}");
        assert_eq!(code, 1011, "{refusal}");
        assert!(told(Audience::Program).0.contains("node-7"), "{refusal}");
    }
}

#[test]
fn the_last_input_is_typed_into_a_terminal_and_ends_a_v5_pipe() {
    use crate::protocol::CLOSE_SIGNAL;
    let left = |upstream, streams, last_input| {
        let mut stage = Stage::new(Subprotocol::V4, upstream, streams);
        stage.bridge.settings.on_disconnect.send = last_input;
        stage.page_sends(&client(Coding::Raw, Channel::Stdin, b"ls\r"));
        stage.bridge.handle_end(Leg::Downstream, &StreamEnd::Eof, stage.now);
        let (messages, controls) = stage.cluster_got();
        assert_eq!(close_of(&controls).0, 1000);
        messages
    };
    let typed = |bytes: &[u8]| (0, bytes.to_vec());
    assert_eq!(left(Subprotocol::V4, TERMINAL, LastInput::Nothing), [typed(b"ls\r")]);
    assert_eq!(left(Subprotocol::V4, TERMINAL, LastInput::Eof), [typed(b"ls\r"), typed(b"\x04")]);
    assert_eq!(left(Subprotocol::V4, TERMINAL, LastInput::Exit), [typed(b"ls\r"), typed(b"exit\r")]);
    assert_eq!(
        left(Subprotocol::V4, TERMINAL, LastInput::Text(":q!\r".into())),
        [typed(b"ls\r"), typed(b":q!\r")]
    );
    assert_eq!(left(Subprotocol::V4, PIPE, LastInput::Exit), [typed(b"ls\r")]);
    assert_eq!(left(Subprotocol::V5, PIPE, LastInput::Exit), [typed(b"ls\r"), (CLOSE_SIGNAL, vec![0])]);
    assert_eq!(left(Subprotocol::V5, PIPE, LastInput::Nothing), [typed(b"ls\r")]);
}

/// How a terminal's client leaves.
type Leaving = fn(&mut Stage);

const VANISHES: Leaving = |stage| stage.bridge.handle_end(Leg::Downstream, &StreamEnd::Eof, stage.now);
const SAYS_GOODBYE: Leaving =
    |stage| stage.page_sends(&control(Sender::Client, ControlKind::Close, &[3, 233]));

/// A session that ends by hanging up, where it does.
fn left(streams: Streams, audience: Audience, leave: Leaving) -> Stage {
    let mut stage = Stage::with(Subprotocol::V4, Subprotocol::V4, streams, TIMES, audience);
    stage.bridge.settings.on_disconnect = OnDisconnect::HANG_UP;
    stage.page_sends(&client(Coding::Raw, Channel::Stdin, b"ls\r"));
    leave(&mut stage);
    stage
}

#[test]
fn a_terminal_is_hung_up_behind_its_input_and_without_a_close_frame() {
    for (audience, leave) in [
        (Audience::Page, SAYS_GOODBYE),
        (Audience::Page, VANISHES),
        (Audience::Program, VANISHES),
        (Audience::Program, |stage: &mut Stage| stage.bridge.handle_drain(stage.now)),
    ] {
        let mut stage = left(TERMINAL, audience, leave);
        assert!(!stage.bridge.wants_shutdown(Leg::Upstream), "its input is still to be written");
        assert_eq!(stage.cluster_got(), (vec![(0, b"ls\r".to_vec())], vec![]));
        assert!(stage.bridge.wants_shutdown(Leg::Upstream) && !stage.bridge.is_done(Leg::Upstream));
        stage.bridge.mark_shut(Leg::Upstream, stage.now);
        stage.bridge.handle_end(Leg::Upstream, &StreamEnd::Eof, stage.now);
        assert!(stage.bridge.is_done(Leg::Upstream));
    }
}

#[test]
fn pipes_and_programs_that_say_goodbye_are_not_hung_up() {
    for (streams, audience, leave) in [
        (PIPE, Audience::Page, SAYS_GOODBYE),
        (PIPE, Audience::Program, VANISHES),
        (TERMINAL, Audience::Program, SAYS_GOODBYE),
    ] {
        let mut stage = left(streams, audience, leave);
        assert_eq!(close_of(&stage.cluster_got().1).0, 1000);
        assert!(!stage.bridge.wants_shutdown(Leg::Upstream));
    }
}

#[test]
fn a_cluster_that_takes_no_hanging_up_is_given_up() {
    let mut stage = left(TERMINAL, Audience::Page, VANISHES);
    stage.cluster_got();
    stage.pass(TIMES.ping_period * 2);
    assert!(stage.bridge.is_done(Leg::Upstream), "the shutdown hung");
    let mut stage = left(TERMINAL, Audience::Page, VANISHES);
    stage.cluster_got();
    stage.bridge.mark_shut(Leg::Upstream, stage.now);
    stage.pass(Duration::from_secs(5));
    assert!(stage.bridge.is_done(Leg::Upstream), "the server does not end");
}

#[test]
fn a_command_has_its_grace_to_end_by_what_was_typed_and_is_hung_up_then() {
    const GRACE: Duration = Duration::from_secs(3);
    let leave = || {
        let mut stage = Stage::with(Subprotocol::V4, Subprotocol::V4, TERMINAL, TIMES, Audience::Page);
        let hangs_up = OnDisconnect { send: LastInput::Exit, grace: GRACE, then: Then::HangUp };
        stage.bridge.settings.on_disconnect = hangs_up;
        SAYS_GOODBYE(&mut stage);
        assert_eq!(stage.cluster_got(), (vec![(0, b"exit\r".to_vec())], vec![]));
        stage
    };
    let mut deaf = leave();
    deaf.pass(GRACE.mul_f32(0.99));
    assert!(!deaf.bridge.wants_shutdown(Leg::Upstream));
    deaf.cluster_sends(&server(Channel::Stdout, b"there are stopped jobs"));
    deaf.pass(GRACE);
    assert!(deaf.bridge.wants_shutdown(Leg::Upstream));

    let mut obedient = leave();
    obedient.cluster_sends(&status(EXIT_7));
    obedient.bridge.handle_end(Leg::Upstream, &StreamEnd::Eof, obedient.now);
    assert!(obedient.bridge.is_done(Leg::Upstream), "nothing is waited for once it has ended");
}

#[test]
fn a_command_that_has_ended_is_typed_nothing() {
    let mut stage = Stage::page();
    stage.bridge.settings.on_disconnect.send = LastInput::Exit;
    stage.cluster_sends(&status(EXIT_7));
    assert_eq!(stage.cluster_got(), (vec![], vec![]));
}

#[test]
fn a_drain_is_told_with_1001() {
    for downstream in Subprotocol::ALL {
        let mut stage = Stage::new(downstream, Subprotocol::V4, TERMINAL);
        stage.bridge.handle_drain(stage.now);
        assert_eq!(close_of(&stage.page_got().1).0, 1001, "{downstream}");
        assert_eq!(close_of(&stage.cluster_got().1).0, 1000);
    }
}

#[test]
fn a_cluster_that_breaks_the_protocol_ends_with_words() {
    let mut stage = Stage::page();
    stage.cluster_sends(&[0x82, 0x81, 1, 2, 3, 4, 5]);
    let (messages, controls) = stage.page_got();
    let words = "the cluster broke the exec protocol: a server's frame is masked";
    assert_eq!(messages, [(3, words.as_bytes().to_vec())]);
    assert_eq!(close_of(&controls), (1011, words.to_owned()));
}

#[test]
fn a_write_that_fails_upstream_does_not_lose_output_that_is_still_to_be_read() {
    let mut stage = Stage::page();
    stage.page_sends(&client(Coding::Base64, Channel::Stdin, b"x"));
    stage.bridge.handle_write_failure(Leg::Upstream, &StreamEnd::Failed("broken pipe".into()), stage.now);
    stage.cluster_sends(&[server(Channel::Stdout, b"the end"), status(EXIT_7)].concat());
    let (messages, controls) = stage.page_got();
    assert_eq!(messages[0], (1, b"the end".to_vec()));
    assert_eq!(close_of(&controls).1, "exit code 7");
}

#[test]
fn a_leg_that_can_be_written_no_more_still_ends_when_we_leave() {
    let mut stage = Stage::page();
    stage.bridge.handle_write_failure(Leg::Upstream, &StreamEnd::Failed("timed out".into()), stage.now);
    stage.page_sends(&control(Sender::Client, ControlKind::Close, &[3, 232]));
    stage.page_got();
    stage.bridge.mark_shut(Leg::Downstream, stage.now);
    stage.pass(Duration::from_hours(1));
    assert!(stage.bridge.is_done(Leg::Upstream) && stage.bridge.is_done(Leg::Downstream));
}

#[test]
fn a_client_that_does_not_take_our_shutdown_is_dropped() {
    // TLS takes a block into its own buffer: the outbox is empty, but the shutdown behind it never gets through.
    let mut stage = Stage::page();
    stage.cluster_sends(&status(EXIT_7));
    stage.page_got();
    assert!(stage.bridge.wants_shutdown(Leg::Downstream));
    stage.pass(Duration::from_hours(1));
    assert!(stage.bridge.is_done(Leg::Downstream) && stage.bridge.is_done(Leg::Upstream));
}

#[test]
fn a_status_that_is_too_long_to_pass_on_still_tells_its_exit_code() {
    // containerd puts the whole argv into the message.
    let argv = "x".repeat(40_000);
    let json = EXIT_7.replace("exit code 7", &format!("error executing command [{argv}], exit code 7"));
    for downstream in Subprotocol::ALL {
        let mut stage = Stage::new(downstream, Subprotocol::V4, TERMINAL);
        stage.cluster_sends(&status(&json));
        let (messages, controls) = stage.page_got();
        assert_eq!(messages.len(), 1, "one message on channel 3, for {downstream}");
        assert!(messages[0].1.len() < 1024);
        assert_eq!(close_of(&controls), (1000, "exit code 7".to_owned()));
    }
}

#[test]
fn a_text_without_end_is_told_as_one_short_message() {
    let mut stage = Stage::new(Subprotocol::V4Base64, Subprotocol::Channel, TERMINAL);
    stage.cluster_sends(&server(Channel::Error, "\u{1}".repeat(60_000).as_bytes()));
    let (messages, _) = stage.page_got();
    assert_eq!(messages.len(), 1);
    assert!(messages[0].1.len() < 32 * 1024);
}

#[test]
fn what_broke_a_connection_is_known_to_the_log() {
    let mut stage = Stage::page();
    stage.bridge.handle_end(Leg::Upstream, &StreamEnd::Failed("connection reset by peer".into()), stage.now);
    assert_eq!(stage.bridge.summary().failure.as_deref(), Some("connection reset by peer"));
}

#[test]
fn a_client_that_vanished_was_sent_no_close_frame() {
    let mut stage = Stage::page();
    stage.bridge.handle_end(Leg::Downstream, &StreamEnd::Eof, stage.now);
    assert_eq!(stage.bridge.summary().close, None);
}

#[test]
fn a_reader_that_drips_cannot_hold_an_ended_session_for_ever() {
    let mut stage = Stage::page();
    stage.stuck = Some(Leg::Downstream);
    stage.cluster_sends(&[server(Channel::Stdout, &vec![b'x'; 30_000]), status(EXIT_7)].concat());
    let ended = stage.now;
    while !stage.bridge.is_done(Leg::Downstream) {
        stage.bridge.mark_sent(Leg::Downstream, 1, stage.now);
        stage.pass(Duration::from_secs(10));
    }
    assert!(stage.now - ended <= TIMES.stuck_timeout + Duration::from_secs(10));
    assert!(stage.bridge.summary().lost.to_client > 0, "what it did not take is reported");
}

#[test]
fn the_words_that_look_for_a_shell_are_not_told_with_its_exit_code() {
    let said = "error executing command [sh -c TERM=xterm; command -v bash && exec bash], exit code 7";
    for downstream in Subprotocol::ALL {
        let settings = Stage::new(downstream, Subprotocol::V4, TERMINAL).bridge.settings;
        let mut stage = Stage::of(BridgeSettings { finds_shell: true, ..settings });
        stage.cluster_sends(&status(&EXIT_7.replace("exit code 7", said)));
        let (messages, controls) = stage.page_got();
        assert!(String::from_utf8_lossy(&messages[0].1).contains("command terminated with exit code 7"));
        assert_eq!(close_of(&controls), (1000, "exit code 7".to_owned()));
    }
}
