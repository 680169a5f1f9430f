//! Pages that speak a dialect: the same session, in their own words.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::*;
use crate::protocol::{
    Bare, Dialect, ExitTable, FieldTable, JSON_MESSAGE_LIMIT, JsonTable, Mask, OutputContent, OutputTable,
};

const TEXT: Data = Data::Text;
const BINARY: Data = Data::Binary;

fn stage_of(dialect: Dialect) -> Stage {
    let pairing = Pairing { downstream: Downstream::Dialect(Arc::new(dialect)), upstream: Subprotocol::V4 };
    let settings = Stage::reading_ahead(Subprotocol::V4, 0).bridge.settings;
    Stage::of(BridgeSettings { pairing, audience: Audience::Page, ..settings })
}

fn stage(preset: &str) -> Stage {
    stage_of(Dialect::preset(preset).unwrap())
}

/// A client's whole message.
fn frame(kind: Data, payload: &[u8]) -> Vec<u8> {
    fragment(true, OpCode::Data(kind), payload)
}

fn fragment(is_final: bool, opcode: OpCode, payload: &[u8]) -> Vec<u8> {
    let key = [9, 8, 7, 6];
    let header = FrameHeader { is_final, opcode, mask: Some(key), ..FrameHeader::default() };
    let mut frame = Vec::new();
    header.format(payload.len() as u64, &mut frame).unwrap();
    let begin = frame.len();
    frame.extend(payload);
    Mask::new(key).apply(&mut frame[begin..]);
    frame
}

fn says(message: &Value) -> Vec<u8> {
    frame(TEXT, message.to_string().as_bytes())
}

/// Whole messages, and control frames.
type Got = (Vec<Vec<u8>>, Vec<(ControlKind, Vec<u8>)>);

/// What a page was sent.
fn page_got(stage: &mut Stage) -> Got {
    let (messages, controls) = stage.page_got();
    let whole = messages.into_iter().map(|(first, rest)| [&[first][..], &rest].concat());
    (whole.collect(), controls)
}

fn json_got(stage: &mut Stage) -> Vec<Value> {
    page_got(stage).0.iter().map(|message| serde_json::from_slice(message).unwrap()).collect()
}

fn bytes_of(list: &Value) -> Vec<u8> {
    serde_json::from_value(list.clone()).unwrap()
}

fn output(bytes: &[u8]) -> Vec<u8> {
    server(Channel::Stdout, bytes)
}

fn stdin_of(stage: &mut Stage) -> Vec<u8> {
    let typed = stage.cluster_got().0.into_iter().filter(|(channel, _)| *channel == 0);
    typed.flat_map(|(_, data)| data).collect()
}

#[test]
fn each_preset_is_a_session_in_its_pages_words() {
    let cases = [
        (
            "scow",
            json!({"$case": "data", "data": {"data": "ls\r"}}),
            json!({"$case": "data", "data": {"data": "漢字\r\n"}}),
        ),
        (
            "kubeutil",
            json!({"operation": "stdin", "data": "ls\r"}),
            json!({"operation": "stdout", "data": "漢字\r\n"}),
        ),
    ];
    for (preset, typed, shown) in cases {
        let mut stage = stage(preset);
        stage.page_sends(&says(&typed));
        assert_eq!(stdin_of(&mut stage), b"ls\r");
        stage.cluster_sends(&output(b""));
        assert_eq!(page_got(&mut stage).0, Vec::<Vec<u8>>::new(), "no empty message: it would be no JSON");
        stage.cluster_sends(&output("漢字\r\n".as_bytes()));
        assert_eq!(json_got(&mut stage), [shown]);
    }
    for preset in ["kubemgr", "raw"] {
        let mut stage = stage(preset);
        stage.cluster_sends(&output("漢字\x1b[0m".as_bytes()));
        assert_eq!(page_got(&mut stage).0, ["漢字\x1b[0m".as_bytes()]);
    }
    let mut raw = stage("raw");
    raw.page_sends(&[frame(TEXT, b"l"), frame(BINARY, b"s\r")].concat());
    assert_eq!(stdin_of(&mut raw), b"ls\r");
}

#[test]
fn a_size_is_one_and_the_last_of_a_burst_goes_on_before_what_is_typed_behind_it() {
    let mut stage = stage("kubemgr");
    let size = |cols, rows| says(&json!({"type": "resize", "cols": cols, "rows": rows}));
    let typed = says(&json!({"type": "input", "input": "x"}));
    stage.page_sends(&[size(80, 24), size(0, 0), size(120, 30), typed].concat());
    let got = stage.cluster_got().0;
    assert_eq!(got, [(4, br#"{"Width":120,"Height":30}"#.to_vec()), (0, b"x".to_vec())]);
}

#[test]
fn the_size_that_the_request_said_is_the_first_thing_a_cluster_is_told() {
    let size = TerminalSize::new(132, 43);
    let settings = Stage::page().bridge.settings;
    let mut stage = Stage::of(BridgeSettings { size, ..settings });
    stage.page_sends(b"");
    assert_eq!(stage.cluster_got().0, [(4, br#"{"Width":132,"Height":43}"#.to_vec())]);
}

#[test]
fn a_character_that_is_cut_waits_for_its_rest_in_text_and_goes_as_bytes_where_there_are_bytes() {
    let smile = "😀".as_bytes();
    for preset in ["kubeutil", "kubemgr", "raw", "scow"] {
        let mut stage = stage(preset);
        for byte in smile {
            stage.cluster_sends(&output(&[*byte]));
        }
        let got = page_got(&mut stage).0.concat();
        assert!(got.windows(4).any(|window| window == smile), "{preset}: {}", String::from_utf8_lossy(&got));
    }
    let mut text = stage("kubeutil");
    text.cluster_sends(&output(&smile[..2]));
    text.pass(Duration::from_secs(40));
    assert_eq!(json_got(&mut text), [] as [Value; 0], "half a character is no text, however long it takes");
    text.cluster_sends(&output(&smile[2..]));
    assert_eq!(json_got(&mut text), [json!({"operation": "stdout", "data": "😀"})]);

    let mut bytes = stage("scow");
    bytes.cluster_sends(&output(&smile[..2]));
    bytes.pass(Duration::from_millis(10));
    assert_eq!(json_got(&mut bytes), [json!({"$case": "data", "data": {"data": [0xf0, 0x9f]}})]);
}

#[test]
fn what_is_no_utf8_is_bytes_or_a_replacement_character() {
    let (mut scow, mut text) = (stage("scow"), stage("raw"));
    scow.cluster_sends(&output(b"a\xff\x80b"));
    assert_eq!(json_got(&mut scow), [json!({"$case": "data", "data": {"data": [0x61, 0xff, 0x80, 0x62]}})]);
    text.cluster_sends(&output(b"a\xff\x80b"));
    assert_eq!(page_got(&mut text).0, ["a\u{fffd}\u{fffd}b".as_bytes()]);
}

#[test]
fn output_is_exact_whatever_its_size_and_every_message_fits() {
    let everything: Vec<u8> =
        (0..200_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let controls = vec![0x1b; 100_000];
    let text: String = "漢字 \u{1b}[1m\"\\\r\n".repeat(9_000);
    for bytes in [&everything[..], &controls, text.as_bytes()] {
        let mut stage = stage("scow");
        let mut got = Vec::new();
        for part in bytes.chunks(32_768) {
            let stream = output(part);
            let mut rest = &stream[..];
            while !rest.is_empty() {
                rest = &rest[stage.offer(Leg::Upstream, rest)..];
                for message in page_got(&mut stage).0 {
                    assert!(message.len() <= 0xffff, "{} bytes", message.len());
                    got.push(serde_json::from_slice::<Value>(&message).unwrap());
                }
            }
        }
        let data = got.iter().flat_map(|message| match &message["data"]["data"] {
            Value::String(text) => text.as_bytes().to_vec(),
            list => bytes_of(list),
        });
        assert!(data.collect::<Vec<u8>>() == bytes);
    }
}

#[test]
fn a_block_is_never_outgrown_by_what_output_becomes() {
    let mut stage = stage("kubeutil");
    stage.stuck = Some(Leg::Downstream);
    let stream = output(&vec![0x01; 400_000]);
    let taken = stage.offer(Leg::Upstream, &stream);
    assert!(taken < stream.len(), "it stops reading for a page that is full");
    stage.drain(Leg::Downstream);
    assert!(stage.taken[Leg::Downstream as usize].len() <= BLOCK_SIZE);
}

#[test]
fn how_a_command_ended_is_told_in_the_pages_message_if_it_has_one() {
    let mut scow = stage("scow");
    scow.cluster_sends(&server(Channel::Error, &Status::exited(7).to_json()));
    let (messages, controls) = page_got(&mut scow);
    let exit: Value = serde_json::from_slice(&messages[0]).unwrap();
    assert_eq!(exit, json!({"$case": "exit", "exit": {"code": 7, "signal": null}}));
    assert_eq!(controls, [(ControlKind::Close, [&[0x03, 0xe8][..], b"exit code 7"].concat())]);

    let mut raw = stage("raw");
    raw.cluster_sends(&server(Channel::Error, &Status::success().to_json()));
    let (messages, controls) = page_got(&mut raw);
    assert!(messages.is_empty());
    assert_eq!(controls, [(ControlKind::Close, [&[0x03, 0xe8][..], b"exit code 0"].concat())]);
}

#[test]
fn an_end_that_is_no_exit_is_told_in_the_terminal_and_never_by_1000() {
    for preset in ["scow", "kubemgr", "kubeutil", "raw"] {
        let mut stage = stage(preset);
        stage.bridge.handle_end(Leg::Upstream, &StreamEnd::Eof, stage.now);
        let (messages, controls) = page_got(&mut stage);
        let shown = String::from_utf8(messages.concat()).unwrap();
        assert!(
            shown.contains("execgate: the cluster ended the connection without a status"),
            "{preset}: {shown}"
        );
        assert_eq!(&controls[0].1[..2], 1011_u16.to_be_bytes());
    }
}

#[test]
fn a_message_that_is_not_understood_is_one_message_in_the_terminal_and_a_close() {
    let cases = [
        ("scow", frame(TEXT, b"no json")),
        ("scow", frame(BINARY, br#"{"$case":"disconnect"}"#)),
        ("scow", says(&json!({"$case": "kill"}))),
        ("scow", frame(TEXT, br#"{"$case":"resize","resize":{"cols":1e999,"rows":1}}"#)),
        ("scow", frame(TEXT, b"")),
        ("scow", frame(TEXT, b"\xff")),
        ("scow", frame(TEXT, &[b'['; 2000])),
        ("kubemgr", says(&json!({"type": "resize", "cols": 99_999_999, "rows": 1}))),
        ("kubeutil", says(&json!({"operation": "stdin"}))),
        ("kubeutil", frame(TEXT, &vec![b' '; JSON_MESSAGE_LIMIT + 1])),
    ];
    for (preset, bytes) in cases {
        let mut stage = stage(preset);
        stage.offer(Leg::Downstream, &bytes);
        let (messages, controls) = page_got(&mut stage);
        let shown = String::from_utf8(messages[0].clone()).unwrap();
        assert_eq!(messages.len(), 1, "{shown}");
        assert!(shown.contains("execgate: the ") && shown.contains("page"), "{shown}");
        let [(ControlKind::Close, close)] = &controls[..] else { panic!("{controls:?}") };
        assert_eq!(&close[..2], 1007_u16.to_be_bytes());
        assert_eq!(stdin_of(&mut stage), b"", "nothing of it is typed");
    }
}

#[test]
fn a_page_that_says_it_leaves_is_left() {
    let mut stage = stage("scow");
    stage.page_sends(&says(&json!({"$case": "disconnect"})));
    let (messages, controls) = page_got(&mut stage);
    assert!(messages.is_empty());
    assert_eq!(controls, [(ControlKind::Close, vec![0x03, 0xe8])]);
    assert_eq!(stage.bridge.summary().ended_by, EndedBy::Client);
}

#[test]
fn a_megabyte_that_is_pasted_waits_for_a_cluster_that_is_slow() {
    let text = "漢字\r".repeat(100_000);
    let stream = says(&json!({"operation": "stdin", "data": text}));
    let stream = [stream, says(&json!({"operation": "stdin", "data": "end"}))].concat();
    let mut stage = stage("kubeutil");
    let mut typed = Vec::new();
    let mut rest = &stream[..];
    let mut rounds = 0;
    while !rest.is_empty() {
        rest = &rest[stage.offer(Leg::Downstream, rest)..];
        assert!(stage.bridge.unsent(Leg::Upstream).len() <= BLOCK_SIZE);
        typed.extend(stdin_of(&mut stage));
        rounds += 1;
    }
    assert!(rounds > 10, "{rounds}");
    assert!(typed == [text.as_bytes(), b"end"].concat());
}

#[test]
fn a_dialect_of_bytes_tells_words_as_bytes_and_an_error_has_a_message_of_its_own() {
    let table = JsonTable {
        output: OutputTable::Field {
            field: FieldTable { case: "out".to_owned(), field: "bytes".to_owned() },
            content: OutputContent::Bytes,
        },
        exit: Some(ExitTable { case: "end".to_owned(), code: "code".to_owned(), signal: None }),
        ..JsonTable::preset("kubeutil").unwrap()
    };
    let mut bytes = stage_of(Dialect::json("bytes", &table).unwrap());
    bytes.cluster_sends(&output("é".as_bytes()));
    assert_eq!(json_got(&mut bytes), [json!({"operation": "out", "bytes": [0xc3, 0xa9]})]);
    bytes.page_sends(&frame(TEXT, b"?"));
    assert!(json_got(&mut bytes)[0]["bytes"].is_array());

    let error = Some(FieldTable { case: "error".to_owned(), field: "text".to_owned() });
    let mut with_error = stage_of(Dialect::json("error", &JsonTable { error, ..table }).unwrap());
    with_error.page_sends(&frame(TEXT, b"?"));
    let told = &json_got(&mut with_error)[0];
    assert_eq!(told["operation"], "error");
    assert!(told["text"].as_str().unwrap().contains("no JSON"));
}

#[test]
fn a_page_that_takes_binary_gets_every_byte_as_it_is() {
    let mut stage = stage_of(Dialect::raw("bytes", Bare::Binary));
    stage.cluster_sends(&output(b"\xff\xf0\x9f"));
    assert_eq!(page_got(&mut stage).0, [b"\xff\xf0\x9f"]);
}

proptest! {
    #[test]
    fn a_page_is_understood_the_same_at_every_cut_of_what_it_sends(
        words in prop::collection::vec(".{0,40}", 1..6),
        cuts in prop::collection::vec(1_usize..60, 0..40),
        length in 1_usize..50,
    ) {
        let mut stream = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let message = json!({"$case": "data", "data": {"data": word}}).to_string();
            if index % 2 == 0 {
                stream.extend(frame(TEXT, message.as_bytes()));
                continue;
            }
            // In fragments, with a ping between.
            let parts: Vec<&[u8]> = message.as_bytes().chunks(length).collect();
            for (at, part) in parts.iter().enumerate() {
                let is_last = at + 1 == parts.len();
                let kind = if at == 0 { TEXT } else { Data::Continue };
                stream.extend(fragment(is_last, OpCode::Data(kind), part));
                if !is_last {
                    stream.extend(fragment(true, OpCode::Control(Control::Ping), b"?"));
                }
            }
        }
        let mut stage = stage("scow");
        let mut rest = &stream[..];
        for cut in cuts.into_iter().chain([usize::MAX]) {
            let (now, later) = rest.split_at(cut.min(rest.len()));
            prop_assert_eq!(stage.offer(Leg::Downstream, now), now.len());
            rest = later;
        }
        prop_assert_eq!(stdin_of(&mut stage), words.concat().into_bytes());
    }

    #[test]
    fn output_is_the_same_at_every_cut_of_what_a_cluster_sends(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        text in ".{0,60}",
        size in 1_usize..40,
    ) {
        let mut scow = stage("scow");
        let mut got = Vec::new();
        for part in [&bytes[..], text.as_bytes()].concat().chunks(size) {
            scow.cluster_sends(&output(part));
        }
        scow.pass(Duration::from_millis(20));
        for message in json_got(&mut scow) {
            match &message["data"]["data"] {
                Value::String(text) => got.extend(text.as_bytes()),
                list => got.extend(bytes_of(list)),
            }
        }
        prop_assert_eq!(got, [&bytes[..], text.as_bytes()].concat());
    }
}
