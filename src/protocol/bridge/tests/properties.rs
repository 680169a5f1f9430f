//! Any cut of any valid stream gives the same bytes out; no stream at all makes the bridge panic or hold more than its bound.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::*;

/// One message of a stream, and where its payload is cut into frames.
#[derive(Debug, Clone)]
struct Sample {
    channel: u8,
    data: Vec<u8>,
    fragments: Vec<prop::sample::Index>,
    ping_between: Option<Vec<u8>>,
}

fn sample(channels: std::ops::RangeInclusive<u8>) -> impl Strategy<Value = Sample> {
    let data = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        "[a-zé✓漢😀]{0,80}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 3000..9000),
        prop::collection::vec(any::<u8>(), 60_000..70_000),
    ];
    let fragments = prop::collection::vec(any::<prop::sample::Index>(), 0..4);
    let ping = prop::option::of(prop::collection::vec(any::<u8>(), 0..126));
    (channels, data, fragments, ping).prop_map(|(channel, data, fragments, ping_between)| Sample {
        channel,
        data,
        fragments,
        ping_between,
    })
}

fn samples(channels: std::ops::RangeInclusive<u8>) -> impl Strategy<Value = Vec<Sample>> {
    prop::collection::vec(sample(channels), 0..8)
}

/// How many bytes come at a time.
fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![1_usize..50, 1_usize..5000, 1_usize..70_000], 1..6)
}

fn subprotocol() -> impl Strategy<Value = Subprotocol> {
    prop::sample::select(Subprotocol::ALL.to_vec())
}

fn frame(stream: &mut Vec<u8>, sender: Sender, opcode: OpCode, is_final: bool, payload: &[u8]) {
    let mask = (sender == Sender::Client).then_some([0x37, 0xfa, 0x21, 0x3d]);
    let header = FrameHeader { is_final, opcode, mask, ..FrameHeader::default() };
    header.format(payload.len() as u64, stream).unwrap();
    let start = stream.len();
    stream.extend_from_slice(payload);
    if let Some(key) = mask {
        super::super::super::Mask::new(key).apply(&mut stream[start..]);
    }
}

/// The stream of `samples` as `sender` would write it, fragments, pings and all.
fn stream_of(samples: &[Sample], sender: Sender, coding: Coding) -> Vec<u8> {
    let mut stream = Vec::new();
    for sample in samples {
        let payload = match coding {
            Coding::Raw => [&[sample.channel][..], &sample.data].concat(),
            Coding::Base64 => format!("{}{}", sample.channel, STANDARD.encode(&sample.data)).into_bytes(),
        };
        let mut cuts: Vec<usize> =
            sample.fragments.iter().map(|index| index.index(payload.len() + 1)).collect();
        cuts.sort_unstable();
        let mut start = 0;
        for (number, end) in cuts.iter().copied().chain([payload.len()]).enumerate() {
            let opcode = OpCode::Data(if number == 0 { Data::Binary } else { Data::Continue });
            frame(&mut stream, sender, opcode, number == cuts.len(), &payload[start..end]);
            if let Some(ping) = sample.ping_between.as_ref().filter(|_| number == 0) {
                frame(&mut stream, sender, OpCode::Control(Control::Ping), true, ping);
            }
            start = end;
        }
    }
    stream
}

/// Feeds `stream` in pieces of the given sizes, over and over; what waits is taken whenever the bridge stops reading.
fn feed_cut(stage: &mut Stage, leg: Leg, stream: &[u8], sizes: &[usize]) {
    let mut rest = stream;
    let mut sizes = sizes.iter().copied().cycle();
    while !rest.is_empty() {
        let size = sizes.next().unwrap_or(1).clamp(1, rest.len());
        let taken = stage.read(leg, &rest[..size]);
        stage.bridge.flush(stage.now);
        assert!(stage.bridge.unsent(leg.other()).len() <= BLOCK_SIZE);
        if taken < size {
            stage.drain(leg.other());
        }
        stage.drain(leg);
        rest = &rest[taken..];
    }
}

fn joined(messages: Vec<Message>, channel: u8) -> Vec<u8> {
    messages.into_iter().filter(|(on, _)| *on == channel).flat_map(|(_, data)| data).collect()
}

fn wanted(samples: &[Sample], channel: u8) -> Vec<u8> {
    samples.iter().filter(|sample| sample.channel == channel).flat_map(|sample| sample.data.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_cut_of_any_input_reaches_the_pod_the_same(
        downstream in subprotocol(),
        upstream in subprotocol(),
        samples in samples(0..=3),
        sizes in sizes(),
    ) {
        let mut stage = Stage::new(downstream, upstream, TERMINAL);
        let stream = stream_of(&samples, Sender::Client, downstream.coding());
        feed_cut(&mut stage, Leg::Downstream, &stream, &sizes);
        let (messages, _) = stage.cluster_got();
        prop_assert!(messages.iter().all(|(channel, _)| *channel == 0));
        prop_assert_eq!(joined(messages, 0), wanted(&samples, 0));
        prop_assert_eq!(stage.bridge.summary().input.bytes, wanted(&samples, 0).len() as u64);
    }

    #[test]
    fn any_cut_of_any_output_reaches_the_page_the_same(
        downstream in subprotocol(),
        upstream in subprotocol(),
        samples in samples(1..=2),
        sizes in sizes(),
    ) {
        let mut stage = Stage::new(downstream, upstream, TERMINAL);
        let stream = stream_of(&samples, Sender::Server, upstream.coding());
        feed_cut(&mut stage, Leg::Upstream, &stream, &sizes);
        stage.pass(TIMES.utf8_hold);
        let (messages, _) = stage.page_got();
        for channel in [1, 2] {
            prop_assert_eq!(joined(messages.clone(), channel), wanted(&samples, channel));
        }
    }

    #[test]
    fn text_reaches_a_base64_page_in_messages_of_whole_characters(
        text in "[aé✓漢😀]{1,200}",
        sizes in prop::collection::vec(1_usize..20, 1..6),
    ) {
        let mut stage = Stage::page();
        let whole = Sample { channel: 1, data: text.clone().into_bytes(), fragments: vec![], ping_between: None };
        feed_cut(&mut stage, Leg::Upstream, &stream_of(&[whole], Sender::Server, Coding::Raw), &sizes);
        let (messages, _) = stage.page_got();
        for (_, data) in &messages {
            prop_assert!(std::str::from_utf8(data).is_ok());
        }
        prop_assert_eq!(joined(messages, 1), text.into_bytes());
    }

    #[test]
    fn no_bytes_from_either_side_make_it_panic_or_grow(
        downstream in subprotocol(),
        upstream in subprotocol(),
        pieces in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..300)), 0..20),
    ) {
        let mut stage = Stage::new(downstream, upstream, TERMINAL);
        for (page_sends, bytes) in pieces {
            let leg = if page_sends { Leg::Downstream } else { Leg::Upstream };
            if stage.bridge.wants_bytes(leg) {
                stage.bridge.handle_bytes(leg, &bytes, stage.now);
                stage.bridge.flush(stage.now);
            }
            stage.pass(Duration::from_millis(7));
        }
        let summary = stage.bridge.summary();
        prop_assert!(stage.bridge.ended.is_none() || !summary.ended_by.to_string().is_empty());
    }

    #[test]
    fn at_any_pace_of_the_page_no_output_and_no_input_is_lost(
        downstream in subprotocol(),
        limit in 0_usize..5,
        paces in prop::collection::vec(pace(), 1..60),
    ) {
        let mut stage = Stage::reading_ahead(downstream, limit);
        // What stands on the way of either side and was not read yet.
        let (mut out, mut back) = (Vec::new(), Vec::new());
        let (mut produced, mut typed) = (0, Vec::new());
        for (count, pace) in paces.iter().enumerate() {
            match pace {
                Pace::Comes(len) => {
                    out.extend(server(Channel::Stdout, &letters(produced, *len)));
                    produced += len;
                }
                Pace::Takes(count) => stage.drain_some(Leg::Downstream, *count),
                Pace::TakesNoMore => stage.bridge.handle_full(stage.now),
                Pace::Types(len) => {
                    let text = vec![u8::try_from(count).unwrap(); *len];
                    back.extend(client(downstream.coding(), Channel::Stdin, &text));
                    typed.extend(text);
                }
                Pace::Resizes => {
                    back.extend(client(downstream.coding(), Channel::Resize, br#"{"Width":80,"Height":24}"#));
                }
                Pace::Refused => stage.bridge.stop_reading_ahead(),
                Pace::Passes(time) => stage.pass_without_page(*time),
            }
            for (leg, bytes) in [(Leg::Upstream, &mut out), (Leg::Downstream, &mut back)] {
                let taken = stage.offer(leg, bytes);
                bytes.drain(..taken);
            }
            stage.drain(Leg::Upstream);
            // One place more is for a pong that goes first.
            prop_assert!(stage.bridge.blocks_ahead() <= limit + 1);
            prop_assert!(stage.bridge.unsent(Leg::Downstream).len() <= BLOCK_SIZE);
        }
        while !(out.is_empty() && back.is_empty()) {
            for (leg, bytes) in [(Leg::Upstream, &mut out), (Leg::Downstream, &mut back)] {
                let taken = stage.offer(leg, bytes);
                bytes.drain(..taken);
            }
            stage.pass(Duration::from_millis(20));
        }
        stage.pass(Duration::from_secs(2));
        let output = joined(stage.page_got().0, 1);
        let wanted = letters(0, produced);
        prop_assert!(output == wanted, "{} of {} bytes", output.len(), wanted.len());
        prop_assert_eq!(joined(stage.cluster_got().0, 0), typed);
        prop_assert_eq!(stage.bridge.blocks_ahead(), 0);
    }

    #[test]
    fn whatever_happens_an_ended_session_is_over_within_an_hour(
        downstream in subprotocol(),
        upstream in subprotocol(),
        limit in 0_usize..4,
        steps in prop::collection::vec(step(), 0..30),
    ) {
        let mut stage = Stage::reading_ahead(downstream, limit);
        let settings = BridgeSettings { pairing: Pairing { downstream: downstream.into(), upstream }, ..stage.bridge.settings.clone() };
        stage = Stage::of(settings);
        for step in &steps {
            step.happens(&mut stage);
            stage.bridge.flush(stage.now);
            // A status of 32 KiB, in base64, may stand behind a full block.
            let status = if stage.bridge.ended.is_some() { 48 * 1024 } else { 0 };
            for leg in [Leg::Downstream, Leg::Upstream] {
                prop_assert!(stage.bridge.unsent(leg).len() <= BLOCK_SIZE + status, "{leg:?}");
            }
            prop_assert!(stage.bridge.blocks_ahead() <= limit + 1);
        }
        stage.bridge.handle_drain(stage.now);
        stage.stuck = steps.iter().find_map(|step| if let Step::Sticks(leg) = step { Some(*leg) } else { None });
        stage.pass(Duration::from_hours(1));
        for leg in [Leg::Downstream, Leg::Upstream] {
            prop_assert!(stage.bridge.is_done(leg), "{leg:?}: {:?}", stage.bridge.next_deadline());
        }
        prop_assert_eq!(stage.bridge.next_deadline(), None);
    }
}

/// `len` letters of an alphabet without end.
fn letters(from: usize, len: usize) -> Vec<u8> {
    (from..from + len).map(|at| b'a' + u8::try_from(at % 26).unwrap()).collect()
}

/// One thing that may happen while output is on its way to a page.
#[derive(Debug, Clone)]
enum Pace {
    Comes(usize),
    Takes(usize),
    TakesNoMore,
    Types(usize),
    Resizes,
    Refused,
    Passes(Duration),
}

fn pace() -> impl Strategy<Value = Pace> {
    prop_oneof![
        4 => (1_usize..200_000).prop_map(Pace::Comes),
        3 => (0_usize..150_000).prop_map(Pace::Takes),
        3 => Just(Pace::TakesNoMore),
        3 => (1_usize..20_000).prop_map(Pace::Types),
        1 => Just(Pace::Resizes),
        1 => Just(Pace::Refused),
        3 => (0_u64..300).prop_map(|millis| Pace::Passes(Duration::from_millis(millis))),
    ]
}

/// One thing that may happen to a session.
#[derive(Debug, Clone)]
enum Step {
    Comes(Leg, Vec<Sample>),
    Control(Leg, ControlKind, Vec<u8>),
    Status,
    Takes(Leg, usize),
    TakesNoMore,
    Ends(Leg),
    CannotBeWritten(Leg),
    Sticks(Leg),
    Passes(Duration),
}

fn leg() -> impl Strategy<Value = Leg> {
    prop::sample::select(vec![Leg::Downstream, Leg::Upstream])
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop::sample::select(vec![ControlKind::Ping, ControlKind::Pong, ControlKind::Close]);
    prop_oneof![
        4 => (leg(), samples(0..=4)).prop_map(|(leg, samples)| Step::Comes(leg, samples)),
        2 => (leg(), kind, prop::collection::vec(any::<u8>(), 0..10)).prop_map(|(leg, kind, payload)| Step::Control(leg, kind, payload)),
        1 => Just(Step::Status),
        4 => (leg(), 0_usize..100_000).prop_map(|(leg, count)| Step::Takes(leg, count)),
        2 => Just(Step::TakesNoMore),
        1 => leg().prop_map(Step::Ends),
        1 => leg().prop_map(Step::CannotBeWritten),
        1 => leg().prop_map(Step::Sticks),
        2 => (0_u64..100_000).prop_map(|millis| Step::Passes(Duration::from_millis(millis))),
    ]
}

impl Step {
    fn happens(&self, stage: &mut Stage) {
        let sender = |leg| if leg == Leg::Downstream { Sender::Client } else { Sender::Server };
        let now = stage.now;
        match self {
            Self::Comes(leg, samples) => {
                let coding = match leg {
                    Leg::Downstream => stage.page_coding(),
                    Leg::Upstream => stage.pairing.upstream.coding(),
                };
                let stream = stream_of(samples, sender(*leg), coding);
                stage.offer(*leg, &stream);
            }
            Self::Control(leg, kind, payload) if stage.bridge.wants_bytes(*leg) => {
                stage.bridge.handle_bytes(*leg, &control(sender(*leg), *kind, payload), now);
            }
            Self::Status if stage.bridge.wants_bytes(Leg::Upstream) => {
                stage.bridge.handle_bytes(
                    Leg::Upstream,
                    &server(Channel::Error, br#"{"status":"Success"}"#),
                    now,
                );
            }
            Self::Takes(leg, count) => {
                let count = (*count).min(stage.bridge.unsent(*leg).len());
                if count > 0 {
                    stage.bridge.mark_sent(*leg, count, now);
                }
            }
            Self::TakesNoMore => stage.bridge.handle_full(now),
            Self::Ends(leg) if stage.bridge.wants_bytes(*leg) => {
                stage.bridge.handle_end(*leg, &StreamEnd::Eof, now);
            }
            Self::CannotBeWritten(leg) => {
                stage.bridge.handle_write_failure(*leg, &StreamEnd::Failed(String::new()), now);
            }
            Self::Sticks(leg) => stage.stuck = Some(*leg),
            Self::Passes(duration) => stage.pass(*duration),
            Self::Control(..) | Self::Status | Self::Ends(_) => {}
        }
    }
}
