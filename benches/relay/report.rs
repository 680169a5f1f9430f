//! Figures of all rounds, their medians, and how they are shown.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::machine::Machine;
use super::plan::Measure;

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

    /// A table, a line per measure and subject.
    pub(crate) fn to_markdown(&self) -> String {
        let mut text = format!(
            "execgate {}, release build, one worker thread, base64.channel.k8s.io to v4 over TLS; medians of {} rounds\n\
             on {}\n\n\
             | measure | of | figures |\n|---|---|---|\n",
            env!("CARGO_PKG_VERSION"),
            self.rounds,
            Machine::this().to_text()
        );
        let mut shown: Vec<(Measure, &str)> = Vec::new();
        for row in &self.rows {
            let key = (row.measure, row.subject);
            if shown.contains(&key) {
                continue;
            }
            shown.push(key);
            let of_key = self.rows.iter().filter(|row| (row.measure, row.subject) == key);
            let figures: Vec<String> = of_key.map(|row| row.quantity.show(median(&row.values))).collect();
            writeln!(text, "| {} | {} | {} |", key.0, key.1, figures.join(", "))
                .expect("a String takes every text");
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
        format!("{value:.digits$} {}", self.name())
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
}
