//! Figures of all rounds, their medians, and how they are shown.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::plan::Measure;
use crate::rig::machine::Machine;
use crate::rig::table::{line, median, rule};

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// Data bytes, before base64.
    MegabytesPerSecond,
    CpuSecondsPerGigabyte,
    /// Frames that left the exec server for each message that came.
    FramesPerMessage,
    MicrosP50,
    MicrosP99,
    CpuMicrosPerRoundTrip,
    SessionsPerSecond,
    CpuMillisPerSession,
    KibPerIdleSession,
}

/// One figure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figure {
    quantity: Quantity,
    value: f64,
}

/// All that was measured.
pub(crate) struct Report {
    rounds: u32,
    rows: Vec<Row>,
}

/// The figures of one quantity of one subject, a round each.
struct Row {
    measure: Measure,
    subject: &'static str,
    quantity: Quantity,
    values: Vec<f64>,
}

impl Figure {
    pub(crate) fn new(quantity: Quantity, value: f64) -> Self {
        Self { quantity, value }
    }
}

impl Report {
    pub(crate) fn new(rounds: u32) -> Self {
        Self { rounds, rows: Vec::new() }
    }

    /// Adds one round's figure.
    pub(crate) fn add(&mut self, measure: Measure, subject: &'static str, figure: Figure) {
        let Figure { quantity, value } = figure;
        let row = self
            .rows
            .iter_mut()
            .find(|row| row.measure == measure && row.subject == subject && row.quantity == quantity);
        match row {
            Some(row) => row.values.push(value),
            None => self.rows.push(Row { measure, subject, quantity, values: vec![value] }),
        }
    }

    /// Tables: a line per measure, a column per subject and quantity.
    pub(crate) fn to_markdown(&self) -> String {
        let mut text = format!(
            "execgate {}, release build, one worker thread; base64.channel.k8s.io before it, v4.channel.k8s.io over TLS behind it.\n\
             {}. Medians of {} rounds.\n",
            env!("CARGO_PKG_VERSION"),
            Machine::this().to_text(),
            self.rounds
        );
        for rows in self.rows.chunk_by(|one, next| one.measure.kind() == next.measure.kind()) {
            text.push('\n');
            text.push_str(&table(rows));
        }
        text
    }

    /// Every figure of every round.
    pub(crate) fn write_json(&self, file: &Path) -> anyhow::Result<()> {
        let rows: Vec<Value> = self.rows.iter().map(Row::to_json).collect();
        let report = json!({
            "execgate": env!("CARGO_PKG_VERSION"),
            "workerThreads": 1,
            "downstream": "base64.channel.k8s.io",
            "upstream": "v4.channel.k8s.io over TLS",
            "rounds": self.rounds,
            "machine": Machine::this(),
            "rows": rows,
        });
        if let Some(directory) = file.parent() {
            fs::create_dir_all(directory)
                .with_context(|| format!("cannot make the directory {}", directory.display()))?;
        }
        fs::write(file, format!("{report:#}\n")).with_context(|| format!("cannot write {}", file.display()))
    }
}

impl Row {
    fn to_json(&self) -> Value {
        json!({
            "measure": self.measure.to_string(),
            "subject": self.subject,
            "quantity": self.quantity.name(),
            "median": median(&self.values),
            "values": self.values,
        })
    }
}

impl Quantity {
    fn name(self) -> &'static str {
        match self {
            Self::MegabytesPerSecond => "MB/s",
            Self::CpuSecondsPerGigabyte => "CPU s/GB",
            Self::FramesPerMessage => "frames per message",
            Self::MicrosP50 => "µs p50",
            Self::MicrosP99 => "µs p99",
            Self::CpuMicrosPerRoundTrip => "CPU µs/round trip",
            Self::SessionsPerSecond => "sessions/s",
            Self::CpuMillisPerSession => "CPU ms/session",
            Self::KibPerIdleSession => "KiB/session",
        }
    }

    fn show(self, value: f64) -> String {
        let digits = match self {
            Self::CpuSecondsPerGigabyte | Self::CpuMillisPerSession => 3,
            Self::FramesPerMessage | Self::KibPerIdleSession => 1,
            _ => 0,
        };
        format!("{value:.digits$}")
    }
}

/// A table of rows that measure the same kind of thing.
fn table(rows: &[Row]) -> String {
    let (mut measures, mut columns) = (Vec::new(), Vec::new());
    for row in rows {
        let column = (row.subject, row.quantity);
        if !measures.contains(&row.measure) {
            measures.push(row.measure);
        }
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let heads = columns.iter().map(|(subject, quantity)| format!("{subject} {}", quantity.name()));
    let mut lines = vec![line(std::iter::once(String::new()).chain(heads)), rule(columns.len())];
    for measure in measures {
        let cells = columns.iter().map(|(subject, quantity)| {
            let cell = (measure, *subject, *quantity);
            let row = rows.iter().find(|row| (row.measure, row.subject, row.quantity) == cell);
            row.map_or_else(String::new, |row| quantity.show(median(&row.values)))
        });
        lines.push(line(std::iter::once(measure.to_string()).chain(cells)));
    }
    lines.join("\n") + "\n"
}
