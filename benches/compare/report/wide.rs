//! All peers at a glance: a line for each subject.

use super::{Quantity, Report};
use crate::plan::Measure;
use crate::rig::table::line;
use crate::subject::Subject;

/// A column: its head, and the figures that stand in a cell.
type Column = (&'static str, &'static [(Measure, Quantity)]);

const OUTPUT_8K: Measure = Measure::Output { frame_bytes: 8 << 10 };
const OUTPUT_32K: Measure = Measure::Output { frame_bytes: 32 << 10 };
const INPUT_1K: Measure = Measure::Input { frame_bytes: 1 << 10 };

const COLUMNS: [Column; 10] = [
    ("output 8 KiB MB/s", &[(OUTPUT_8K, Quantity::MegabytesPerSecond)]),
    ("CPU s/GB", &[(OUTPUT_8K, Quantity::CpuSecondsPerGigabyte)]),
    ("output 32 KiB MB/s", &[(OUTPUT_32K, Quantity::MegabytesPerSecond)]),
    ("CPU s/GB", &[(OUTPUT_32K, Quantity::CpuSecondsPerGigabyte)]),
    ("input 1 KiB MB/s", &[(INPUT_1K, Quantity::MegabytesPerSecond)]),
    ("CPU s/GB", &[(INPUT_1K, Quantity::CpuSecondsPerGigabyte)]),
    ("echo µs p50 / p99", &[(Measure::Echo, Quantity::MicrosP50), (Measure::Echo, Quantity::MicrosP99)]),
    ("CPU µs/round trip", &[(Measure::Echo, Quantity::CpuMicrosPerRoundTrip)]),
    ("KiB per idle session", &[(Measure::Idle, Quantity::KibPerIdleSession)]),
    (
        "sessions opened/s / CPU ms each",
        &[(Measure::Open, Quantity::SessionsPerSecond), (Measure::Open, Quantity::CpuMillisPerSession)],
    ),
];

impl Report {
    /// The table of peers, with the columns of which anything was measured.
    pub(super) fn wide_table(&self) -> String {
        let measured = |(_, figures): &&Column| {
            figures.iter().any(|(measure, _)| self.rows.iter().any(|row| row.measure == *measure))
        };
        let columns: Vec<&Column> = COLUMNS.iter().filter(measured).collect();
        if columns.is_empty() {
            return String::new();
        }
        let heads = ["peer", "upstream"].into_iter().chain(columns.iter().map(|(head, _)| *head));
        let rule = format!("|---|---|{}", "---:|".repeat(columns.len()));
        let mut lines = vec![String::new(), line(heads.map(str::to_owned)), rule];
        for subject in &self.subjects {
            let names = [subject.name(), subject.route.to_string()].into_iter();
            let cells = columns.iter().map(|(_, figures)| self.cell(*subject, figures));
            lines.push(line(names.chain(cells)));
        }
        lines.join("\n") + "\n"
    }

    fn cell(&self, subject: Subject, figures: &[(Measure, Quantity)]) -> String {
        let figures = figures.iter().filter_map(|(measure, quantity)| {
            Some(quantity.show(self.median(*measure, subject, *quantity)?))
        });
        figures.collect::<Vec<_>>().join(" / ")
    }
}
