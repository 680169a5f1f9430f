//! Pings, silence, idleness: hours in milliseconds.

use super::*;

const PERIOD: Duration = Duration::from_secs(30);

fn pings(controls: &[(ControlKind, Vec<u8>)]) -> usize {
    controls.iter().filter(|(kind, _)| *kind == ControlKind::Ping).count()
}

/// Answers what was sent to `leg`: its ping, if there was one.
fn answer(stage: &mut Stage, leg: Leg) {
    for (kind, payload) in stage.take(leg).1 {
        if kind == ControlKind::Ping {
            let sender = if leg == Leg::Downstream { Sender::Client } else { Sender::Server };
            stage.feed(leg, &control(sender, ControlKind::Pong, &payload));
        }
    }
}

#[test]
fn both_legs_are_pinged_after_thirty_silent_seconds() {
    let mut stage = Stage::page();
    stage.pass(PERIOD.checked_sub(Duration::from_secs(1)).unwrap());
    assert_eq!((stage.page_got().1.len(), stage.cluster_got().1.len()), (0, 0));
    stage.pass(Duration::from_secs(1));
    assert_eq!((pings(&stage.page_got().1), pings(&stage.cluster_got().1)), (1, 1));
}

#[test]
fn a_session_that_answers_pings_lives_until_its_idle_timeout() {
    let mut stage = Stage::page();
    let opened = stage.now;
    while stage.bridge.ended.is_none() {
        stage.pass(PERIOD);
        answer(&mut stage, Leg::Downstream);
        answer(&mut stage, Leg::Upstream);
    }
    assert_eq!(stage.now - opened, Duration::from_mins(15));
    assert_eq!(stage.bridge.summary().ended_by, EndedBy::Idle);
    let close = stage.bridge.summary().close.unwrap();
    assert_eq!((close.code, close.reason()), (1008, "no input or output for 15 min"));
}

#[test]
fn only_terminal_data_pushes_the_idle_timeout() {
    let mut stage = Stage::page();
    let opened = stage.now;
    for minute in 0..20 {
        if minute == 10 {
            stage.cluster_sends(&server(Channel::Stdout, b"x"));
        }
        // Keepalives of pages: an empty message, a channel alone, a size.
        stage.page_sends(&[0x81, 0x80, 0, 0, 0, 0]);
        stage.page_sends(&[0x81, 0x81, 0, 0, 0, 0, b'0']);
        stage.page_sends(&client(Coding::Base64, Channel::Resize, br#"{"Width":80,"Height":24}"#));
        for _ in 0..2 {
            stage.pass(PERIOD);
            answer(&mut stage, Leg::Downstream);
            answer(&mut stage, Leg::Upstream);
        }
    }
    assert!(stage.bridge.ended.is_none(), "ten minutes of data and ten of keepalives are within the limit");
    while stage.bridge.ended.is_none() {
        stage.pass(PERIOD);
        answer(&mut stage, Leg::Downstream);
        answer(&mut stage, Leg::Upstream);
    }
    assert_eq!(stage.bridge.summary().ended_by, EndedBy::Idle);
    assert_eq!(stage.now - opened, Duration::from_mins(25));
}

#[test]
fn the_longest_duration_ends_a_busy_session() {
    let mut stage = Stage::page();
    let opened = stage.now;
    while stage.bridge.ended.is_none() {
        stage.cluster_sends(&server(Channel::Stdout, b"x"));
        stage.page_sends(&control(Sender::Client, ControlKind::Pong, b""));
        stage.pass(PERIOD);
    }
    assert_eq!(stage.now - opened, Duration::from_hours(8));
    assert_eq!(stage.bridge.summary().ended_by, EndedBy::MaxDuration);
}

#[test]
fn a_page_that_is_silent_for_two_periods_is_gone_and_the_pod_is_told() {
    let mut stage = Stage::page();
    stage.pass(PERIOD);
    stage.page_got();
    answer(&mut stage, Leg::Upstream);
    stage.pass(PERIOD);
    assert_eq!(stage.bridge.summary().ended_by, EndedBy::Silence(Leg::Downstream));
    assert!(stage.bridge.is_done(Leg::Downstream));
    assert_eq!(close_of(&stage.cluster_got().1).0, 1000);
}

#[test]
fn a_cluster_that_is_silent_for_two_periods_is_gone_and_the_page_is_told() {
    let mut stage = Stage::page();
    for _ in 0..2 {
        stage.pass(PERIOD);
        stage.cluster_got();
        if stage.bridge.ended.is_none() {
            answer(&mut stage, Leg::Downstream);
        }
    }
    assert_eq!(stage.bridge.summary().ended_by, EndedBy::Silence(Leg::Upstream));
    assert_eq!(
        close_of(&stage.page_got().1),
        (1011, "the cluster stopped answering; connect again".to_owned())
    );
}

#[test]
fn a_missing_pong_is_no_evidence_while_input_is_unacknowledged() {
    let mut stage = Stage::page();
    stage.page_sends(&client(Coding::Base64, Channel::Stdin, &vec![b'x'; 33 * 1024]));
    for _ in 0..10 {
        stage.pass(PERIOD);
        stage.cluster_got();
        answer(&mut stage, Leg::Downstream);
    }
    assert!(stage.bridge.ended.is_none(), "five minutes without a pong");
    // It wakes and answers the last ping: from then on silence counts again.
    stage.pass(PERIOD);
    answer(&mut stage, Leg::Downstream);
    answer(&mut stage, Leg::Upstream);
    for _ in 0..3 {
        stage.pass(PERIOD);
        stage.cluster_got();
        answer(&mut stage, Leg::Downstream);
    }
    assert_eq!(stage.bridge.summary().ended_by, EndedBy::Silence(Leg::Upstream));
}

/// Keys typed into a frozen terminal fit into the pipe before the command, which therefore keeps no server from answering.
#[test]
fn a_missing_pong_is_evidence_while_all_input_fits_into_a_pipe() {
    let mut stage = Stage::page();
    for _ in 0..2 {
        stage.page_sends(&client(Coding::Base64, Channel::Stdin, &[b'x'; 16 * 1024]));
        stage.pass(PERIOD);
        stage.cluster_got();
    }
    assert_eq!(stage.bridge.summary().ended_by, EndedBy::Silence(Leg::Upstream));
}

#[test]
fn no_ping_goes_up_while_output_waits_unread() {
    let mut stage = Stage::page();
    stage.stuck = Some(Leg::Downstream);
    stage.cluster_sends(&server(Channel::Stdout, &vec![b'x'; 30_000]));
    for _ in 0..6 {
        stage.pass(PERIOD);
        // The page takes a little now and then: it lives.
        let some = stage.bridge.unsent(Leg::Downstream)[..100].to_vec();
        stage.bridge.mark_sent(Leg::Downstream, some.len(), stage.now);
        stage.taken[Leg::Downstream as usize].extend(some);
        assert_eq!(stage.bridge.unsent(Leg::Upstream), b"");
    }
    assert!(stage.bridge.ended.is_none());
    stage.stuck = None;
    stage.page_got();
    stage.pass(PERIOD);
    assert_eq!(pings(&stage.cluster_got().1), 1);
    assert!(stage.bridge.ended.is_none());
}

#[test]
fn a_page_that_takes_nothing_for_the_stuck_timeout_is_gone() {
    let mut stage = Stage::page();
    stage.stuck = Some(Leg::Downstream);
    stage.cluster_sends(&server(Channel::Stdout, b"x"));
    stage.pass(TIMES.stuck_timeout.checked_sub(Duration::from_secs(1)).unwrap());
    assert!(stage.bridge.ended.is_none());
    stage.pass(Duration::from_secs(1));
    assert_eq!(stage.bridge.summary().ended_by, EndedBy::Stuck(Leg::Downstream));
    assert!(stage.bridge.summary().lost.to_client > 0);
}

#[test]
fn a_client_whose_input_is_stuck_still_hears_pongs() {
    // client-go gives up 61 s after the last pong, and its own pings stand in line behind input that nobody reads.
    let mut stage = Stage::new(Subprotocol::V4, Subprotocol::V4, PIPE);
    stage.stuck = Some(Leg::Upstream);
    stage.feed(Leg::Downstream, &client(Coding::Raw, Channel::Stdin, &vec![b'x'; 65_530]));
    for _ in 0..10 {
        stage.pass(PERIOD);
        let (_, controls) = stage.page_got();
        assert_eq!(controls, [(ControlKind::Pong, vec![])]);
    }
    assert!(stage.bridge.ended.is_none());
}

#[test]
fn an_empty_message_pushes_the_servers_own_idle_limit_each_hour() {
    let times = Times { idle_timeout: None, max_duration: None, ..TIMES };
    let mut stage = Stage::with(Subprotocol::V4, Subprotocol::V4, TERMINAL, times, Audience::Program);
    let mut pushes = 0;
    for _ in 0..2 * 60 * 5 {
        stage.pass(PERIOD);
        answer(&mut stage, Leg::Downstream);
        let bytes = stage.taken[Leg::Upstream as usize].clone();
        pushes += usize::from(bytes.windows(2).any(|pair| pair == [0x82, 0x80]));
        answer(&mut stage, Leg::Upstream);
    }
    assert_eq!(pushes, 5);
    assert!(stage.bridge.ended.is_none());
}

#[test]
fn a_client_whose_input_is_stuck_hears_pongs_between_its_output_too() {
    // `kubectl exec -i pod -- gzip` into a slow disk: output always waits, input is stuck behind it, and client-go's own pings stand
    // behind that input.
    let mut stage = Stage::new(Subprotocol::V4, Subprotocol::V4, PIPE);
    let input = client(Coding::Raw, Channel::Stdin, &vec![b'i'; 60_000]);
    stage.bridge.handle_bytes(Leg::Downstream, &[input.clone(), input].concat(), stage.now);
    stage.bridge.flush(stage.now);
    assert!(!stage.bridge.wants_bytes(Leg::Downstream));
    for _ in 0..61 {
        stage.cluster_sends(&server(Channel::Stdout, &[b'o'; 1000]));
        stage.stuck = Some(Leg::Upstream);
        let leave_some = stage.bridge.unsent(Leg::Downstream).len() - 500;
        stage.taken[Leg::Downstream as usize]
            .extend_from_slice(&stage.bridge.unsent(Leg::Downstream)[..leave_some]);
        stage.bridge.mark_sent(Leg::Downstream, leave_some, stage.now);
        stage.now += Duration::from_secs(1);
        if stage.bridge.next_deadline().is_some_and(|deadline| deadline <= stage.now) {
            stage.bridge.handle_timeout(stage.now);
        }
    }
    assert!(stage.bridge.ended.is_none());
    let controls = stage.page_got().1;
    assert!(controls.iter().any(|(kind, _)| *kind == ControlKind::Pong), "{controls:?}");
}
