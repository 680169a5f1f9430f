//! The dialects of pages that exist, each by the name of what speaks it.

use super::{Bare, Dialect, ExitTable, FieldTable, JsonTable, OutputContent, OutputTable, ResizeTable};

impl Dialect {
    /// The names of [`preset`](Self::preset).
    pub const PRESETS: [&str; 4] = ["scow", "kubemgr", "kubeutil", "raw"];

    /// A dialect that needs no table in the configuration.
    pub fn preset(name: &str) -> Option<Self> {
        if name == "raw" {
            return Some(Self::raw(name, Bare::Text));
        }
        let table = JsonTable::preset(name)?;
        Some(Self::json(name, &table).expect("the tables of this file describe dialects"))
    }
}

impl JsonTable {
    /// The table of a preset that is JSON: `scow` (the job shell of SCOW), `kubemgr` and `kubeutil`.
    pub fn preset(name: &str) -> Option<Self> {
        match name {
            "scow" => Some(scow()),
            "kubemgr" => Some(kubemgr()),
            "kubeutil" => Some(kubeutil()),
            _ => None,
        }
    }
}

/// `{"$case":"data","data":{"data":"ls\r"}}`, both ways; the page hands what comes to `Buffer.from`, so it may be text or bytes.
fn scow() -> JsonTable {
    JsonTable {
        tag: "$case".to_owned(),
        input: field("data", "data.data"),
        resize: Some(resize("resize", "resize.cols", "resize.rows")),
        close: Some("disconnect".to_owned()),
        ignored: Vec::new(),
        output: OutputTable::Field { field: field("data", "data.data"), content: OutputContent::TextOrBytes },
        error: None,
        exit: Some(ExitTable {
            case: "exit".to_owned(),
            code: "exit.code".to_owned(),
            signal: Some("exit.signal".to_owned()),
        }),
    }
}

/// `{"type":"input","input":"ls\r"}` to the server, bare text from it.
fn kubemgr() -> JsonTable {
    JsonTable {
        tag: "type".to_owned(),
        input: field("input", "input"),
        resize: Some(resize("resize", "cols", "rows")),
        close: None,
        ignored: Vec::new(),
        output: OutputTable::Bare(Bare::Text),
        error: None,
        exit: None,
    }
}

/// `{"operation":"stdin","data":"ls\r"}` to the server, `{"operation":"stdout","data":"..."}` from it.
fn kubeutil() -> JsonTable {
    JsonTable {
        tag: "operation".to_owned(),
        input: field("stdin", "data"),
        resize: Some(resize("resize", "cols", "rows")),
        close: None,
        ignored: Vec::new(),
        output: OutputTable::Field { field: field("stdout", "data"), content: OutputContent::Text },
        error: None,
        exit: None,
    }
}

fn field(case: &str, field: &str) -> FieldTable {
    FieldTable { case: case.to_owned(), field: field.to_owned() }
}

fn resize(case: &str, columns: &str, rows: &str) -> ResizeTable {
    ResizeTable { case: case.to_owned(), columns: columns.to_owned(), rows: rows.to_owned() }
}
