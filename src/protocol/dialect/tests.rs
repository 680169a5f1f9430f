use super::json::Said;
use super::*;
use crate::protocol::TerminalSize;

fn read(preset: &str, message: &str) -> Result<Said, DialectError> {
    let dialect = Dialect::preset(preset).unwrap();
    let InputForm::Json(json) = dialect.input() else { panic!("{preset} is no JSON") };
    json.read(message.as_bytes(), preset)
}

fn typed(text: &str) -> Said {
    Said::Input(text.into())
}

fn words(preset: &str, message: &str) -> String {
    read(preset, message).unwrap_err().to_string()
}

#[test]
fn the_messages_of_the_pages_that_exist_are_understood() {
    assert_eq!(read("scow", r#"{"$case":"data","data":{"data":"ls\r"}}"#), Ok(typed("ls\r")));
    let size = Ok(Said::Size(TerminalSize::new(120, 30)));
    assert_eq!(read("scow", r#"{"$case":"resize","resize":{"cols":120,"rows":30}}"#), size);
    assert_eq!(read("scow", r#"{"$case":"disconnect"}"#), Ok(Said::Leave));
    assert_eq!(read("kubemgr", r#"{"type":"resize","rows":30,"cols":120}"#), size);
    assert_eq!(read("kubemgr", r#"{"type":"input","input":"ls\r"}"#), Ok(typed("ls\r")));
    assert_eq!(read("kubeutil", r#"{"data":"ls\r","operation":"stdin"}"#), Ok(typed("ls\r")));
    assert_eq!(read("kubeutil", r#"{"operation":"resize","rows":30,"cols":120}"#), size);
}

#[test]
fn input_may_be_bytes_and_a_hidden_terminal_has_no_size() {
    let bytes = read("scow", r#"{"$case":"data","data":{"data":[27,255]}}"#);
    assert_eq!(bytes, Ok(Said::Input(vec![27, 255])));
    assert_eq!(read("kubemgr", r#"{"type":"resize","rows":0,"cols":80}"#), Ok(Said::Size(None)));
    let size = Ok(Said::Size(TerminalSize::new(80, 24)));
    assert_eq!(read("kubemgr", r#"{"type":"resize","rows":"24","cols":80}"#), size);
}

#[test]
fn half_of_a_character_ends_no_session() {
    assert_eq!(read("kubemgr", r#"{"type":"input","input":"a\ud83d"}"#), Ok(typed("a\u{fffd}")));
    assert_eq!(read("scow", r#"{"data":{"data":"\ude00"}, "$case":"data"}"#), Ok(typed("\u{fffd}")));
    assert!(words("scow", r#"{"data":{"data":"\ude00"}, "$case":"data""#).contains("no JSON"));
}

#[test]
fn what_is_not_of_the_dialect_is_told_by_name() {
    assert!(words("scow", "no json").contains("no JSON: expected ident at line 1 column 2"));
    assert!(words("scow", r#"{"$case":"resize","resize":{"cols":1e999,"rows":2}}"#).contains("no JSON"));
    assert!(words("kubeutil", "[1]").contains("no object"));
    assert!(words("kubeutil", "{}").contains(r#"without the text "operation""#));
    assert!(words("kubeutil", r#"{"operation":7}"#).contains(r#"without the text "operation""#));
    assert_eq!(
        words("scow", r#"{"$case":"kill"}"#),
        r#"the page sent a message that is "$case": "kill", which is unknown here; known are data, resize, disconnect"#
    );
    assert_eq!(words("scow", r#"{"$case":"data"}"#), r#"the page's "data" message has no "data.data""#);
    for number in ["70000", "-1", "80.5", "\"wide\"", "\"+80\"", "\"\"", "\"70000\"", "null"] {
        let message = format!(r#"{{"type":"resize","rows":30,"cols":{number}}}"#);
        assert_eq!(
            words("kubemgr", &message),
            r#"the "cols" of the page's "resize" message is no whole number from 0 to 65535"#
        );
    }
    assert!(words("kubemgr", r#"{"type":"input","input":7}"#).contains("no text and no list"));
    assert!(words("kubemgr", r#"{"type":"input","input":[256]}"#).contains("no text and no list"));
}

#[test]
fn no_error_repeats_what_was_typed() {
    for message in [
        r#"{"$case":"data","data":{"dota":"hunter2"}}"#,
        r#"{"$case":"data","data":{"data":{"x":"hunter2"}}}"#,
        r#"{"$case":"data","data":"hunter2"}"#,
        "hunter2",
    ] {
        assert!(!words("scow", message).contains("hunter2"), "{message}");
    }
}

#[test]
fn a_table_that_contradicts_itself_is_refused() {
    let table = |change: fn(&mut JsonTable)| {
        let mut table = JsonTable::preset("scow").unwrap();
        change(&mut table);
        Dialect::json("x", &table).unwrap_err().to_string()
    };
    assert!(table(|table| table.tag = "a.b".to_owned()).contains("without a dot"));
    assert!(table(|table| table.tag = "data".to_owned()).contains("stands where another"));
    assert!(table(|table| table.input.field = "data..x".to_owned()).contains("must not be empty"));
    assert!(table(|table| table.close = Some("resize".to_owned())).contains("two messages"));
    assert!(table(|table| table.tag = "x".repeat(257)).contains("the tag must have at most 256 bytes"));
    assert!(table(|table| table.input.field = "x.".repeat(200) + "x").contains("a field must have at most"));
    let overlap = table(|table| table.resize.as_mut().unwrap().rows = "resize.cols".to_owned());
    assert!(overlap.contains("stands where another"));
}

#[test]
fn of_a_key_that_stands_there_twice_the_last_one_counts() {
    let said = |message| read("scow", message);
    assert_eq!(said(r#"{"$case":7,"data":{"data":[1],"data":"a"},"$case":"data"}"#), Ok(typed("a")));
    assert_eq!(said(r#"{"data":{"data":"b"},"$case":"data","data":{"data":"c"}}"#), Ok(typed("c")));
    let hidden = words("scow", r#"{"$case":"data","data":{"data":"hidden"},"data":{}}"#);
    assert!(hidden.ends_with(r#"has no "data.data""#), "{hidden}");
    let hidden = words("scow", r#"{"$case":"data","data":{"data":"hidden"},"data":"data"}"#);
    assert!(hidden.ends_with(r#"has no "data.data""#), "{hidden}");
}

#[test]
fn what_is_beside_the_fields_is_json_too() {
    for beside in ["1e999", "[1,]", "{\"a\":}", "\"\u{1}\"", "{7:1}", "tru", &"[".repeat(200), "1}}", ""] {
        let message = format!(r#"{{"type":"input","input":"x","beside":{beside}}}"#);
        let why = serde_json::from_str::<serde_json::Value>(&message).unwrap_err();
        assert_eq!(read("kubemgr", &message), Err(DialectError::NotJson { why: why.to_string() }));
    }
    let beside = r#"{"beside":[null,true,-1,2.5,{"input":[{}]},"\n"],"type":"input","input":"\u0041"}"#;
    assert_eq!(read("kubemgr", beside), Ok(typed("A")));
}

#[test]
fn the_tag_may_stand_before_or_behind_what_is_typed() {
    for (preset, message) in [
        ("scow", r#"{"$case":"data","data":{"data":"TEXT"}}"#),
        ("scow", r#"{"data":{"data":"TEXT"},"$case":"data"}"#),
        ("scow", r#" {"$case": "data", "data": {"data": "TEXT"}} "#),
        ("scow", r#"{"$case":"data","data":{"x":"","data":"TEXT"}}"#),
        ("kubeutil", r#"{"operation":"stdin","data":"TEXT"}"#),
        ("kubeutil", r#"{"data":"TEXT","operation":"stdin"}"#),
        ("kubeutil", r#"{"data":"hidden","data":"TEXT","operation":"stdin"}"#),
    ] {
        for (written, text) in [("ls\\r", "ls\r"), ("", ""), (r#"\"},\"data\":\"\u2713"#, "\"},\"data\":\"✓")]
        {
            assert_eq!(read(preset, &message.replace("TEXT", written)), Ok(typed(text)), "{message}");
        }
    }
    let cut = read("kubeutil", r#"{"operation":"stdin","data":"\"}"#).unwrap_err();
    assert!(cut.to_string().contains("EOF while parsing a string"), "{cut}");
}
