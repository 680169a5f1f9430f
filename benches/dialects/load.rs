//! What is sent through a gate, and what its process takes for it.

use std::fmt;

use anyhow::{bail, ensure};
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, OpCode};

use crate::page::Page;
use crate::rig::client::Client;
use crate::rig::gate::Gate;

/// What commands write: a colour, quotes, a character of three bytes and the end of a line, as terminals show them.
const WRITTEN: &str = "\x1b[1;32mweb-0\x1b[0m  Running  \"13 lazy dogs\" ✓ under a quick brown fox\r\n";
/// What is pasted.
const TYPED: &str = "the quick brown fox jumps over 13 lazy dogs ✓\r";

/// One way of loading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    /// The command floods, in frames of so many bytes.
    Output(usize),
    /// The page floods, in messages of so many bytes.
    Input(usize),
}

impl Load {
    /// All of them.
    pub(crate) const ALL: [Self; 4] =
        [Self::Output(8 << 10), Self::Output(32 << 10), Self::Input(1 << 10), Self::Input(8 << 10)];

    /// Its name in the paths of routes.
    fn segment(self) -> String {
        match self {
            Self::Output(size) => format!("output-{size}"),
            Self::Input(size) => format!("input-{size}"),
        }
    }

    /// What the exec server runs, which ends when all has been sent or has come.
    fn command(self, bytes: usize) -> Vec<String> {
        match self {
            Self::Output(size) => {
                vec!["execgate-flood".to_owned(), size.to_string(), bytes.to_string(), WRITTEN.to_owned()]
            }
            Self::Input(_) => vec!["execgate-sink".to_owned(), bytes.to_string()],
        }
    }

    /// CPU seconds that a gate takes for a gigabyte of a page's terminal; all of `bytes` have come then, as they were sent.
    pub(crate) fn cpu_seconds_per_gigabyte(
        self,
        page: Page,
        gate: &Gate,
        bytes: usize,
    ) -> anyhow::Result<f64> {
        let path = format!("/{}/{}", page.name(), self.segment());
        let before = gate.process().cpu()?;
        let mut client = Client::upgrade(&gate.plain, &path, page.offer())?;
        match self {
            Self::Output(size) => receive(&mut client, page, &filled(WRITTEN, size), bytes)?,
            Self::Input(size) => {
                client.send_often(&page.typed(&filled(TYPED, size)), bytes / size)?;
                // The sink says nothing: its end says that every byte has come.
                receive(&mut client, page, "", 0)?;
            }
        }
        let spent = gate.process().cpu()?.saturating_sub(before);
        Ok(spent.as_secs_f64() / (bytes as f64 / 1e9))
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output(size) => write!(f, "output, {} KiB frames", size >> 10),
            Self::Input(size) => write!(f, "input, {} KiB messages", size >> 10),
        }
    }
}

/// The routes of all pages, with the commands of all loads.
pub(crate) fn routes(bytes: usize) -> anyhow::Result<String> {
    let commands: serde_json::Map<_, _> =
        Load::ALL.iter().map(|load| (load.segment(), json!(load.command(bytes)))).collect();
    let route = |page: &Page| {
        json!({
            "name": page.name(),
            "path": format!("/{}/{{load}}", page.name()),
            "dialect": page.dialect(),
            "target": {"namespace": "default", "pod": "web-0", "container": "app"},
            "command": {"table": {"capture": "load", "commands": commands}},
        })
    };
    let routes: Vec<_> = Page::ALL.iter().map(route).collect();
    Ok(format!("routes: {}\n", serde_json::to_string(&routes)?))
}

/// A line over and over, and `x` where another one does not fit, as the exec server's flood is.
fn filled(line: &str, size: usize) -> String {
    let lines = line.repeat(size / line.len());
    format!("{lines:x<0$}", size - lines.len() + lines.chars().count())
}

/// Reads to the end of a session that succeeds, and compares what it shows with `frame` over and over.
fn receive(client: &mut Client, page: Page, frame: &str, bytes: usize) -> anyhow::Result<()> {
    let expected = frame.repeat(2);
    let mut count = 0;
    loop {
        let opcode = client.receiver.next_frame(&mut client.wire)?;
        let payload = client.receiver.payload();
        match opcode {
            OpCode::Data(_) => {
                let mut shown = &*page.shown(payload)?;
                while !shown.is_empty() {
                    ensure!(!frame.is_empty(), "the sink spoke");
                    let (front, rest) = shown.split_at(shown.len().min(frame.len()));
                    let at = count % frame.len();
                    ensure!(expected.as_bytes()[at..].starts_with(front), "what was shown was changed");
                    count += front.len();
                    shown = rest;
                }
            }
            OpCode::Control(Control::Close) if payload.starts_with(&1000_u16.to_be_bytes()) => break,
            OpCode::Control(Control::Close) => bail!("closed: {}", String::from_utf8_lossy(payload)),
            OpCode::Control(_) => {}
        }
    }
    ensure!(count == bytes, "{count} of {bytes} bytes arrived");
    Ok(())
}
