//! A page that is slow: what it types is held until the output on the way has been read, and nothing of that output is lost.

use super::*;

/// Blocks that a session may read ahead, if nothing else is said.
const LIMIT: usize = 8;
const EXIT_5: &[u8] = br#"{"status":"Failure","message":"exit code 5","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"5"}]}}"#;

/// A page before a cluster, and what the cluster still has to say.
struct Slow {
    stage: Stage,
    /// What stands on the way from the cluster.
    way: Vec<u8>,
}

impl Slow {
    /// A page that takes nothing of the output that has begun.
    fn page() -> Self {
        Self::with(Subprotocol::Base64Channel, LIMIT)
    }

    fn with(downstream: Subprotocol, blocks: usize) -> Self {
        let mut slow = Self { stage: Stage::reading_ahead(downstream, blocks), way: output(4_000_000) };
        slow.come();
        slow.takes_nothing();
        assert!(!slow.stage.bridge.wants_bytes(Leg::Upstream), "nothing was typed: the page's pace counts");
        slow
    }

    /// What stands on the way comes as far as it is read.
    fn come(&mut self) {
        let taken = self.stage.offer(Leg::Upstream, &self.way);
        self.way.drain(..taken);
    }

    fn takes_nothing(&mut self) {
        self.stage.bridge.handle_full(self.stage.now);
    }

    fn types(&mut self, text: &[u8]) {
        let coding = self.stage.page_coding();
        self.stage.page_sends(&client(coding, Channel::Stdin, text));
    }

    fn resizes(&mut self, width: u16) {
        let coding = self.stage.page_coding();
        let size = format!(r#"{{"Width":{width},"Height":24}}"#);
        self.stage.page_sends(&client(coding, Channel::Resize, size.as_bytes()));
    }

    /// Lets time pass while neither side takes or says anything.
    fn wait(&mut self, time: Duration) {
        self.stage.pass_without_page(time);
        self.stage.bridge.flush(self.stage.now);
    }

    fn typed(&mut self) -> Vec<u8> {
        self.stage
            .cluster_got()
            .0
            .into_iter()
            .filter(|(channel, _)| *channel == 0)
            .flat_map(|(_, data)| data)
            .collect()
    }
}

fn output(len: usize) -> Vec<u8> {
    let data: Vec<u8> = (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect();
    data.chunks(32 * 1024).flat_map(|data| server(Channel::Stdout, data)).collect()
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn input_is_held_until_the_output_on_the_way_has_been_read() {
    let mut slow = Slow::page();
    slow.way.truncate(100_000);
    slow.types(b"k");
    assert_eq!(slow.typed(), b"", "output waits: a key that meets the end of it would cost it");
    slow.come();
    assert_eq!(slow.way.len(), 0, "all of it is read, though the page takes nothing");
    slow.wait(millis(599));
    assert_eq!(slow.typed(), b"", "a hop whose receiver was full is probed after 200 ms and after 400 more");
    slow.wait(millis(1));
    assert_eq!(slow.typed(), b"k");
}

#[test]
fn the_end_of_a_command_comes_before_what_was_typed_into_its_output() {
    for downstream in [Subprotocol::Base64Channel, Subprotocol::V4] {
        let mut slow = Slow::with(downstream, 100);
        slow.way.extend(server(Channel::Error, EXIT_5));
        slow.types(b"k");
        slow.come();
        assert_eq!(slow.stage.bridge.summary().exit, Some(ExitStatus::Code(5)));
        slow.wait(Duration::from_secs(2));
        assert_eq!(slow.stage.cluster_got(), (vec![], vec![]), "it meets a closed connection");
        assert!(slow.stage.bridge.summary().lost.to_cluster > 0);
        let (messages, controls) = slow.stage.page_got();
        let whole: usize =
            messages.iter().filter(|(channel, _)| *channel == 1).map(|(_, data)| data.len()).sum();
        assert_eq!(
            (whole, close_of(&controls)),
            (4_000_000, (1000, "exit code 5".to_owned())),
            "{downstream}"
        );
    }
}

#[test]
fn at_the_bound_input_passes_and_the_reading_stops() {
    let mut slow = Slow::page();
    slow.types(b"\x03");
    slow.come();
    assert!(!slow.stage.bridge.wants_bytes(Leg::Upstream), "a flood does not fill the memory");
    assert_eq!(slow.stage.bridge.blocks_ahead(), LIMIT);
    assert_eq!(slow.typed(), b"\x03", "Ctrl-C reaches the flood");
    slow.types(b"\x03");
    assert_eq!(slow.typed(), b"\x03", "and so does the next");
}

#[test]
fn reading_ahead_goes_on_once_the_page_has_taken_half() {
    let mut slow = Slow::page();
    slow.types(b"\x03");
    slow.come();
    slow.typed();
    while slow.stage.bridge.blocks_ahead() > LIMIT / 2 {
        assert!(!slow.stage.bridge.wants_bytes(Leg::Upstream));
        slow.stage.drain_some(Leg::Downstream, 1000);
        slow.stage.bridge.flush(slow.stage.now);
        slow.takes_nothing();
    }
    slow.types(b"k");
    slow.come();
    assert_eq!(slow.stage.bridge.blocks_ahead(), LIMIT);
    assert_eq!(slow.typed(), b"k");
}

#[test]
fn without_memory_input_passes_at_once() {
    let mut slow = Slow::page();
    slow.types(b"k");
    assert_eq!(slow.stage.bridge.needs_block(Leg::Downstream), None, "the first block has room");
    slow.stage.bridge.stop_reading_ahead();
    slow.stage.bridge.flush(slow.stage.now);
    assert!(!slow.stage.bridge.wants_bytes(Leg::Upstream));
    assert_eq!(slow.typed(), b"k");
}

#[test]
fn where_reading_ahead_is_off_input_passes_at_once_and_nothing_is_read_ahead() {
    let mut slow = Slow::with(Subprotocol::V4, 0);
    slow.types(b"k");
    assert!(!slow.stage.bridge.wants_bytes(Leg::Upstream));
    assert_eq!(slow.typed(), b"k");
}

#[test]
fn input_is_held_for_a_second_of_output_at_most() {
    let mut slow = Slow::page();
    slow.types(b"k");
    for _ in 0..50 {
        assert_eq!(slow.typed(), b"");
        slow.stage.offer(Leg::Upstream, &server(Channel::Stdout, b"never silent for long"));
        slow.wait(millis(20));
    }
    assert_eq!(slow.typed(), b"k");
}

#[test]
fn pauses_of_the_way_do_not_count_but_two_seconds_are_the_most() {
    let mut slow = Slow::page();
    slow.types(b"k");
    for _ in 0..10 {
        slow.stage.offer(Leg::Upstream, &server(Channel::Stdout, b"after a probe"));
        assert_eq!(slow.typed(), b"");
        slow.wait(millis(199));
        assert_eq!(slow.typed(), b"");
        slow.wait(millis(1));
    }
    assert_eq!(slow.typed(), b"k");
}

#[test]
fn what_was_just_typed_is_read_ahead_for_while_it_may_be_on_its_way() {
    let mut stage = Stage::reading_ahead(Subprotocol::V4, LIMIT);
    stage.page_sends(&client(Coding::Raw, Channel::Stdin, b"cat file\r"));
    stage.cluster_got();
    let mut slow = Slow { stage, way: output(100_000) };
    slow.come();
    assert!(!slow.stage.bridge.wants_bytes(Leg::Upstream), "whether the page is slow is not known yet");
    slow.takes_nothing();
    slow.come();
    assert_eq!(slow.way.len(), 0);
    slow.wait(millis(249));
    assert!(slow.stage.bridge.wants_bytes(Leg::Upstream));
    slow.wait(millis(1));
    assert!(!slow.stage.bridge.wants_bytes(Leg::Upstream), "by now it was read");
}

#[test]
fn input_that_may_stand_unread_for_ever_is_read_ahead_for_until_a_pong_comes() {
    let mut stage = Stage::reading_ahead(Subprotocol::V4, LIMIT);
    for _ in 0..2 {
        stage.page_sends(&client(Coding::Raw, Channel::Stdin, &vec![b'i'; 40_000]));
        stage.cluster_got();
    }
    let mut slow = Slow { stage, way: output(100_000) };
    slow.come();
    slow.takes_nothing();
    slow.wait(Duration::from_secs(1));
    slow.come();
    assert_eq!(slow.way.len(), 0);
    assert!(
        slow.stage.bridge.wants_bytes(Leg::Upstream),
        "a command that reads no input may end at any time"
    );
    // The page takes all, and the cluster is silent: it is pinged as always, and answers.
    slow.stage.page_got();
    slow.stage.pass(TIMES.ping_period);
    let (_, controls) = slow.stage.cluster_got();
    let (_, ping) = controls.iter().find(|(kind, _)| *kind == ControlKind::Ping).unwrap();
    slow.stage.cluster_sends(&control(Sender::Server, ControlKind::Pong, ping));
    slow.way = output(100_000);
    slow.come();
    slow.takes_nothing();
    slow.wait(Duration::from_secs(1));
    assert!(!slow.stage.bridge.wants_bytes(Leg::Upstream));
}

/// A page that takes all that comes, `each` bytes every 20 ms, until what it has typed has passed or all has come; how long that took.
fn passes_after(fast: &mut Slow, each: usize) -> Duration {
    let began = fast.stage.now;
    while fast.typed().is_empty() && !fast.way.is_empty() {
        let rest = fast.way.split_off(each.min(fast.way.len()));
        while !fast.way.is_empty() {
            fast.come();
            fast.stage.page_got();
        }
        fast.way = rest;
        fast.wait(millis(20));
    }
    fast.stage.now - began
}

#[test]
fn a_page_that_keeps_up_with_a_log_is_never_held_and_nothing_is_read_ahead_of_it() {
    let stage = Stage::reading_ahead(Subprotocol::Base64Channel, LIMIT);
    let mut fast = Slow { stage, way: output(4_000_000) };
    while !fast.way.is_empty() {
        // A quarter of a megabyte a second.
        passes_after(&mut fast, 5_000);
        fast.types(b"k");
        assert_eq!(fast.typed(), b"k");
        assert_eq!(fast.stage.bridge.blocks_ahead(), 0);
    }
}

#[test]
fn what_is_typed_into_a_flood_that_the_page_keeps_up_with_waits_half_a_second_at_most() {
    let stage = Stage::reading_ahead(Subprotocol::V4, 100);
    let mut fast = Slow { stage, way: output(8_000_000) };
    passes_after(&mut fast, 4_000_000);
    fast.types(b"\x03");
    fast.way = output(8_000_000);
    assert_eq!(
        passes_after(&mut fast, 50_000),
        millis(500),
        "the command may have ended while we fell behind"
    );
    fast.types(b"\x03");
    assert_eq!(passes_after(&mut fast, 50_000), millis(500));
}

#[test]
fn what_is_typed_where_a_flood_has_just_stood_still_waits_for_what_may_follow() {
    let stage = Stage::reading_ahead(Subprotocol::V4, 100);
    let mut fast = Slow { stage, way: output(1_000_000) };
    passes_after(&mut fast, 100_000);
    fast.wait(millis(200));
    fast.types(b"k");
    assert_eq!(fast.typed(), b"");
    fast.wait(millis(299));
    assert_eq!(fast.typed(), b"");
    fast.wait(millis(1));
    assert_eq!(fast.typed(), b"k");
    fast.types(b"l");
    assert_eq!(fast.typed(), b"l", "it has ended");
}

#[test]
fn a_page_that_has_caught_up_is_held_no_more() {
    let mut slow = Slow::page();
    slow.stage.drain(Leg::Downstream);
    slow.stage.bridge.flush(slow.stage.now);
    slow.types(b"a");
    assert_eq!(slow.typed(), b"", "output that waited while the page was slow may be on the way");
    for _ in 0..20 {
        slow.wait(millis(50));
        slow.stage.offer(Leg::Upstream, &server(Channel::Stdout, b"it flows on"));
        slow.stage.drain(Leg::Downstream);
    }
    assert_eq!(slow.typed(), b"a");
    slow.types(b"b");
    assert_eq!(slow.typed(), b"b");
}

#[test]
fn a_flood_that_the_page_keeps_up_with_again_is_interrupted_at_once() {
    let mut slow = Slow::page();
    slow.stage.drain(Leg::Downstream);
    slow.stage.bridge.flush(slow.stage.now);
    slow.types(b"\x03");
    let mut passed = 0;
    while slow.typed() != b"\x03" {
        let before = slow.way.len();
        slow.come();
        passed += before - slow.way.len();
        slow.stage.page_got();
    }
    assert!((LIMIT * BLOCK_SIZE..(LIMIT + 2) * BLOCK_SIZE).contains(&passed), "after {passed} bytes");
}

#[test]
fn sizes_wait_for_the_output_without_reading_ahead_and_only_the_last_goes() {
    let mut slow = Slow::page();
    for width in 80..90 {
        slow.resizes(width);
    }
    assert!(!slow.stage.bridge.wants_bytes(Leg::Upstream));
    assert_eq!(slow.stage.cluster_got().0, []);
    slow.way.truncate(50_000);
    slow.stage.drain(Leg::Downstream);
    slow.come();
    slow.stage.drain(Leg::Downstream);
    slow.wait(millis(600));
    assert_eq!(slow.stage.cluster_got().0, [(4, br#"{"Width":89,"Height":24}"#.to_vec())]);
}

#[test]
fn a_size_goes_before_what_is_typed_behind_it_and_as_input_after_a_second() {
    let mut slow = Slow::page();
    slow.way.truncate(50_000);
    slow.resizes(80);
    slow.types(b"k");
    slow.come();
    slow.wait(millis(600));
    let messages = slow.stage.cluster_got().0;
    assert_eq!(messages, [(4, br#"{"Width":80,"Height":24}"#.to_vec()), (0, b"k".to_vec())]);

    let mut slow = Slow::page();
    slow.way.truncate(50_000);
    slow.wait(millis(300));
    slow.resizes(90);
    slow.wait(millis(999));
    assert!(!slow.stage.bridge.wants_bytes(Leg::Upstream));
    slow.wait(millis(1));
    assert!(slow.stage.bridge.wants_bytes(Leg::Upstream));
    slow.come();
    slow.wait(millis(600));
    assert_eq!(slow.stage.cluster_got().0, [(4, br#"{"Width":90,"Height":24}"#.to_vec())]);
}

#[test]
fn a_ping_is_answered_ahead_of_what_was_read_ahead() {
    let mut slow = Slow::page();
    slow.types(b"k");
    slow.come();
    slow.stage.page_sends(&control(Sender::Client, ControlKind::Ping, b"1"));
    slow.stage.page_sends(&control(Sender::Client, ControlKind::Ping, b"2"));
    let first_block = slow.stage.bridge.unsent(Leg::Downstream).len();
    slow.stage.drain_some(Leg::Downstream, first_block);
    assert_eq!(slow.stage.bridge.unsent(Leg::Downstream), [0x8a, 1, b'1']);
    slow.stage.drain_some(Leg::Downstream, 3);
    slow.stage.bridge.flush(slow.stage.now);
    let (messages, controls) = slow.stage.page_got();
    assert_eq!(controls, [(ControlKind::Pong, b"1".to_vec()), (ControlKind::Pong, b"2".to_vec())]);
    let sent: Vec<u8> = messages.into_iter().flat_map(|(_, data)| data).collect();
    assert!(sent.iter().enumerate().all(|(at, byte)| usize::from(*byte) == at % 251), "no frame is cut");
}

#[test]
fn a_connection_that_breaks_is_told_behind_all_that_was_read_ahead() {
    for downstream in Subprotocol::ALL {
        let mut slow = Slow::with(downstream, 100);
        slow.way.truncate(1_000_000);
        slow.types(b"k");
        slow.come();
        let end = StreamEnd::Failed("connection reset by peer".into());
        slow.stage.bridge.handle_end(Leg::Upstream, &end, slow.stage.now);
        let (messages, controls) = slow.stage.page_got();
        let (channel, _) = messages.last().unwrap();
        let (code, reason) = close_of(&controls);
        assert_eq!((*channel, reason.as_str()), (3, "the connection to the cluster broke; connect again"));
        assert_eq!(code, if downstream.status_form() == StatusForm::Json { 1000 } else { 1011 });
        let output: usize =
            messages.iter().filter(|(channel, _)| *channel == 1).map(|(_, data)| data.len()).sum();
        assert_eq!(output as u64, slow.stage.bridge.summary().output_bytes);
        assert_eq!(slow.stage.bridge.summary().exit, None);
    }
}

#[test]
fn a_client_that_leaves_loses_what_was_read_ahead_and_its_input_still_goes_up() {
    let mut slow = Slow::page();
    slow.types(b"last words");
    slow.come();
    let waiting = slow.stage.bridge.down.outbox.len() as u64;
    slow.stage.bridge.handle_end(Leg::Downstream, &StreamEnd::Eof, slow.stage.now);
    assert_eq!(slow.stage.bridge.summary().lost.to_client, waiting);
    assert_eq!(slow.stage.bridge.blocks_ahead(), 0);
    let (messages, controls) = slow.stage.cluster_got();
    assert_eq!((messages, close_of(&controls).0), (vec![(0, b"last words".to_vec())], 1000));
}

#[test]
fn a_pager_has_as_long_for_the_end_of_the_output_as_for_the_rest() {
    let mut slow = Slow::with(Subprotocol::V4, 100);
    slow.way.extend(server(Channel::Error, EXIT_5));
    slow.types(b"k");
    slow.come();
    slow.wait(Duration::from_mins(9));
    let (_, controls) = slow.stage.page_got();
    assert_eq!(close_of(&controls), (1000, "exit code 5".to_owned()));
}

#[test]
fn a_page_on_the_slowest_line_gets_all_that_was_read_ahead_of_it() {
    for is_over in [true, false] {
        let mut slow = Slow::with(Subprotocol::Base64Channel, 200);
        slow.way.extend(output(6_000_000));
        if is_over {
            slow.way.extend(server(Channel::Error, EXIT_5));
        }
        slow.types(b"k");
        slow.come();
        assert_eq!(slow.way.len(), 0);
        let (begin, waiting) = (slow.stage.now, slow.stage.bridge.down.outbox.len());
        while !slow.stage.bridge.down.outbox.is_empty() {
            assert!(
                !slow.stage.bridge.is_done(Leg::Downstream),
                "{:?}",
                slow.stage.bridge.summary().ended_by
            );
            let first = slow.stage.bridge.unsent(Leg::Downstream).len().min(9000);
            slow.stage.drain_some(Leg::Downstream, first);
            slow.stage.drain_some(Leg::Downstream, 9000 - first);
            slow.wait(Duration::from_secs(1));
        }
        assert!(slow.stage.now - begin > TIMES.idle_timeout.unwrap(), "{waiting} bytes");
        assert_eq!(slow.stage.bridge.summary().lost.to_client, 0);
    }
}

#[test]
fn after_the_end_no_block_is_needed_for_what_nobody_is_told() {
    let mut slow = Slow::page();
    slow.types(b"k");
    let limit = slow.stage.bridge.blocks_ahead() + 2;
    while slow.stage.bridge.blocks_ahead() < limit && !slow.way.is_empty() {
        slow.come();
    }
    slow.stage.bridge.handle_drain(slow.stage.now);
    let held = slow.stage.bridge.blocks_ahead();
    assert_eq!(slow.stage.bridge.needs_block(Leg::Downstream), None);
    slow.come();
    assert_eq!((slow.way.len(), slow.stage.bridge.blocks_ahead()), (0, held), "it is read to its end");
}
