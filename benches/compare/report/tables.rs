//! The report as Markdown.

use super::{Quantity, Report};
use crate::plan::Measure;
use crate::rig::machine::Machine;
use crate::rig::table::{line, rule};
use crate::subject::Subject;

impl Report {
    /// Tables, ready to paste.
    pub(crate) fn to_markdown(&self) -> String {
        let mut text = format!(
            "execgate {}, release build. {}. Medians of {} rounds.\n",
            env!("CARGO_PKG_VERSION"),
            Machine::this().to_text(),
            self.rounds
        );
        for kind in ["output", "input", "echo", "open", "idle"] {
            text.push_str(&self.figures(kind));
        }
        text
    }

    /// A line per measure and subject, a column per quantity.
    fn figures(&self, kind: &str) -> String {
        let mut places: Vec<(Measure, Subject)> = Vec::new();
        let mut columns: Vec<Quantity> = Vec::new();
        for row in self.rows.iter().filter(|row| row.measure.kind() == kind) {
            let place = (row.measure, row.subject);
            if !places.contains(&place) {
                places.push(place);
            }
            if !columns.contains(&row.quantity) {
                columns.push(row.quantity);
            }
        }
        if places.is_empty() {
            return String::new();
        }
        let heads = columns.iter().map(ToString::to_string);
        let heads = line(std::iter::once(String::new()).chain(heads));
        let mut lines = vec![String::new(), heads, rule(columns.len())];
        for (measure, subject) in places {
            let cells = columns.iter().map(|quantity| {
                let median = self.median(measure, subject, *quantity);
                median.map_or_else(String::new, |median| quantity.show(median))
            });
            lines.push(line(std::iter::once(format!("{measure}: {subject}")).chain(cells)));
        }
        lines.join("\n") + "\n"
    }
}
